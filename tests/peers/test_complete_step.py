"""The complete step of the cheat sheet: two and three processes against one, and against NumPy."""

import csv
import io
from functools import partial

import complete
import complete_table
import gloo
import numpy as np
import pytest
import torch
import torch.distributed as dist
from complete import FIRES, NOT_FIRES, SETTINGS
from complete_mistakes import MISTAKES
from complete_patterns import PATTERNS, patterns, stored_rows

from lstm_src.checks.trees import named_leaves
from lstm_src.frameworks.interop import from_pytorch
from lstm_src.training import AdamW, Batch, ModelParams, complete_step

BOUND = 1e-12
LIMITS = FIRES, NOT_FIRES
IGNORED = torch.tensor(-100)


def one_without_labels():
    """Return the micro-batches, of which the last worker's have no label."""
    batches = complete.all_batches()
    return [*batches[:3], *[(x, y.where(~real, IGNORED), real) for x, y, real in batches[3:]]]


def one_of_padding():
    """Return the micro-batches, of which the last worker's are padding and nothing else."""
    batches = complete.all_batches()
    nothing = [(x, y.where(y == -100, IGNORED), real & False) for x, y, real in batches[3:]]
    return batches[:3] + nothing


def no_terms():
    """Return micro-batches of padding alone."""
    batches = complete.all_batches()
    return [(x, y.where(y == -100, IGNORED), real & False) for x, y, real in batches]


SPARSE = {"no labels on one worker": one_without_labels, "padding on one worker": one_of_padding}


def cast_gradient(made, batches, dtype):
    """Return the gradient of a model of float32 under autocast, on this worker."""
    module = complete.new_module(torch.float32)
    if dtype == torch.float16:
        module.lstm.__class__ = complete.WrittenOut
    model, optimizer, scaler = made["prepare"](module, 0.0, 0.0, "cpu")
    settings = SETTINGS | {"cast": partial(torch.autocast, "cpu", dtype)}
    read, step = complete.CHECKED["gradients"], made["training_step"]
    found = read((model, optimizer, scaler), step, batches, **settings)()
    return {name: gradient.tolist() for name, gradient in found[0].items()}


def work(rank):
    """Return what a worker holds after the step as it stands."""
    world, made, found = dist.get_world_size(), complete.code("complete_step"), {}
    run = partial(complete.trained, made)
    for limit in LIMITS:
        found[limit] = complete.weights_of(run(complete.share(rank, world), limit))
    if world == 2:
        for name, batches in SPARSE.items():
            share = complete.share(rank, world, batches())
            found[name] = complete.weights_of(run(share, FIRES))
        share = complete.share(rank, world, no_terms())
        found["nothing"] = complete.weights_of(run(share, FIRES))
        not_left_out = complete.code("complete_step", ("if not counts.any():", "if False:"))
        found["not left out"] = complete.weights_of(complete.trained(not_left_out, share, FIRES))
        for dtype in (torch.bfloat16, torch.float16):
            found[str(dtype)] = cast_gradient(made, complete.share(rank, world), dtype)
        _, _, scaler = made["prepare"](complete.new_module(), 0.0, 0.0, "cpu")
        found["scale"] = scaler.scale(torch.ones(())).item()
        found["table"] = complete_table.work(rank)
    return found


@pytest.fixture(scope="module")
def found():
    return {world: gloo.run(work, world) for world in (2, 3)}


def alone(limit, batches=None):
    """Return the weights after the steps in one process."""
    return complete.weights_of(complete.trained_alone(limit, batches))


@pytest.mark.parametrize("world", [2, 3])
@pytest.mark.parametrize("limit", LIMITS)
def test_processes_step_as_one_process_does(found, world, limit):
    for worker in found[world]:
        assert complete.apart(worker[limit], alone(limit)) < BOUND
    assert complete.apart(alone(limit), complete.weights_of(complete.new_module())) > 0.05


def test_the_clip_fires_at_one_limit_and_the_scaler_scales(found):
    assert complete.apart(alone(FIRES), alone(NOT_FIRES)) > 1e-4
    assert complete.apart(alone(NOT_FIRES), alone(float("inf"))) == 0
    assert [worker["scale"] for worker in found[2]] == [2.0**16] * 2


@pytest.mark.parametrize("name", SPARSE)
def test_a_worker_may_have_no_label_or_no_token(found, name):
    for worker in found[2]:
        assert complete.apart(worker[name], alone(FIRES, SPARSE[name]())) < BOUND


def test_without_a_term_on_any_worker_no_weight_moves(found):
    start = complete.weights_of(complete.new_module())
    for worker in found[2]:
        assert complete.apart(worker["nothing"], start) == 0
        assert complete.apart(worker["not left out"], start) > 1e-4  # by the decay


@pytest.mark.parametrize(
    ("dtype", "least", "most"), [("bfloat16", 1e-4, 0.05), ("float16", 1e-5, 0.005)]
)
def test_under_autocast_the_gradient_is_about_the_same(found, dtype, least, most):
    module = complete.new_module()
    loss = complete.CHECKED["meant"]
    loss(module, complete.all_batches(), SETTINGS["length"], SETTINGS["alpha"]).backward()
    right = {n: p.grad.numpy() for n, p in complete.trained_ones(module).items()}
    for worker in found[2]:
        off = sum(np.square(worker[f"torch.{dtype}"][n] - right[n]).sum() for n in right)
        whole = sum(np.square(gradient).sum() for gradient in right.values())
        assert least < np.sqrt(off / whole) < most


def test_a_second_bias_has_the_same_gradient_so_it_is_in_the_norm_twice():
    norms = []
    for both in (False, True):
        module = complete.new_module()
        module.lstm.bias_hh_l0.requires_grad_(requires_grad=both)
        loss = complete.CHECKED["meant"]
        loss(module, complete.all_batches(), SETTINGS["length"], SETTINGS["alpha"]).backward()
        grads = [p.grad for p in module.parameters() if p.grad is not None]
        norms.append(torch.nn.utils.get_total_norm(grads).item())
    bias = module.lstm.bias_ih_l0.grad
    assert norms[1] ** 2 - norms[0] ** 2 == pytest.approx(bias.square().sum().item())


# The mistakes


def test_the_page_shows_what_the_checks_say(found):
    own, other = (worker["table"] for worker in found[2])
    stored = complete_table.STORED.read_text(encoding="utf-8")
    assert complete_table.table([own, other]) == stored
    assert [row[-2:] for row in own] == [row[-2:] for row in other]


def test_the_turned_table_is_that_of_the_stored_one_and_holds_each_mistake_once():
    rows = stored_rows()
    stored = PATTERNS.read_text(encoding="utf-8")
    assert patterns(rows) == stored
    _, *cells = (cell for _, cell in csv.reader(io.StringIO(stored)))
    named = [name for cell in cells for name in cell.split(": ")[1].split("; ")]
    assert sorted(named) == sorted(set(rows) - {"as it stands"})


RIGHT = {
    "scaling": "once",
    "gradient": "right",
    "weights": "as meant",
    "two loss scales": "same",
    "one process": "same",
    "no clip fires": "same",
}


def seen_by(row):
    """Return which columns differ from those of the step as it stands."""
    return {name for name in RIGHT if row[name] != RIGHT[name]}


def test_every_mistake_is_seen_and_the_right_step_is_not():
    found = {name: seen_by(row) for name, row in stored_rows().items()}
    assert found.keys() == MISTAKES.keys()
    assert found.pop("as it stands") == set()
    assert all("one process" in columns for columns in found.values())


def test_what_no_check_of_gradients_sees():
    """One process sees it; of a clip only where it fires."""
    checks = {"scaling", "gradient", "weights", "two loss scales"}
    unseen = {
        name: seen_by(row) for name, row in stored_rows().items() if not seen_by(row) & checks
    }
    assert unseen == {
        "as it stands": set(),
        "clipped after the step": {"one process"},
        "not clipped": {"one process"},
        "the decay is in Adam's gradient": {"one process", "no clip fires"},
    }


# NumPy


def arrays_of(module):
    """Return its parameters as those of `lstm_src.training`."""
    named = {name: p.detach().numpy().copy() for name, p in module.named_parameters()}
    lstm = from_pytorch({k: a for k, a in named.items() if k.startswith("lstm.")}, prefix="lstm.")
    return ModelParams(lstm, named["read.weight"].T, named["read.bias"], named["words.weight"])


def numpy_steps(world, at, batches, **changes):
    """Return the parameters after the steps of NumPy."""
    parts = [Batch(x.numpy(), y.numpy(), real.sum(0).numpy()) for x, y, real in batches]
    workers = [complete.share(rank, world, parts) for rank in range(world)]
    options = {"length": SETTINGS["length"], "alpha": SETTINGS["alpha"], "limit": at}
    options |= {"optimizer": AdamW(complete.LR, weight_decay=complete.DECAY)} | changes
    params = arrays_of(complete.new_module())
    state = options["optimizer"].begin(params)
    for _ in range(complete.STEPS):
        params, state, *_ = complete_step(params, state, workers, loss_scale=2.0**16, **options)
    return params


def distance(params, module):
    """Return the largest difference of two models' parameters."""
    one, other = (named_leaves("params", tree) for tree in (params, arrays_of(module)))
    return max(abs(one[name] - other[name]).max() for name in other)


@pytest.mark.parametrize("world", [1, 2, 3])
@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("batches", [complete.all_batches, *SPARSE.values()])
def test_the_step_of_numpy_is_that_of_pytorch(world, limit, batches):
    found = numpy_steps(world, limit, batches())
    assert distance(found, complete.trained_alone(limit, batches())) < BOUND


@pytest.mark.parametrize(
    "change",
    [{"alpha": 0.31}, {"length": 4}, {"limit": 0.11}, {"eps": 0.0}, {"optimizer": AdamW(0.05)}],
)
def test_another_setting_in_numpy_shows(change):
    found = numpy_steps(2, FIRES, complete.all_batches(), **change)
    assert distance(found, complete.trained_alone(FIRES)) > 1e-9
