"""Ask every check about the complete step, in two processes on the CPU.

Keep complete_step.py and complete_step_checked.py beside this file, and run it.
"""

import tempfile
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from complete_step import prepare, training_step
from complete_step_checked import audit, gradients, meant, plain_step, terms

from lstm_src import audit_weights, check_gradients
from lstm_src.checks import compare_gradients, held_fixed

# Yours: a model, batches, settings
WORKERS, LONGEST, LENGTH, ALPHA = 2, 8, 3, 0.3
SETTINGS = {"length": LENGTH, "alpha": ALPHA, "cast": nullcontext}
FIRES = 0.1  # a bound that clips
LR, DECAY = 0.05, 0.1


class Model(torch.nn.Module):
    """An embedding, an LSTM and a linear layer."""

    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(10, 3)
        self.lstm = torch.nn.LSTM(3, 6)
        self.read = torch.nn.Linear(6, 10)

    def forward(self, words, state=None):
        """Return the logits, and the state after the last step."""
        h, state = self.lstm(self.words(words), state)
        return self.read(h), state


def new_module():
    """Return the same model at every call, in float64."""
    torch.manual_seed(1)
    return Model().double()


def all_batches():
    """Return the micro-batches of all workers: x, labels, no padding."""
    torch.manual_seed(0)
    batches = []
    for lengths in ((5, 3), (7,), (4, 2), (LONGEST, 6)):
        shape = max(lengths), len(lengths)
        real = torch.arange(shape[0])[:, None] < torch.tensor(lengths)
        x, y = torch.randint(10, (2, *shape))
        y[~real] = y[0] = -100  # the first step is the prompt
        batches.append((x, y, real))
    return batches


# Recipe: all checks
def fresh(loss_scale=2.0**16):
    """Return what the step takes, with the learning rate 0."""
    options = {"device": "cpu", "init_scale": loss_scale}
    return prepare(new_module(), 0.0, DECAY, **options)


def reports(mine):
    """Yield a check's name, whether all is right, and its report."""
    report = audit(fresh(), training_step, mine, **SETTINGS)
    yield "audit_scaling", report.scaled_once, report

    read = gradients(fresh(), training_step, mine, **SETTINGS)
    found = read()[0]  # every worker holds the same
    if dist.get_rank() == 0:  # the others need not
        yield from in_one_process(found)

    def at(loss_scale):
        ready = fresh(loss_scale)
        return gradients(ready, training_step, mine, FIRES, **SETTINGS)()

    scales = compare_gradients(at, [1.0, 2.0**16])
    yield "two loss scales", scales.same, scales

    apart = from_one_process(mine)
    differ = [f"{name} {d:.1e}" for name, d in apart.items() if not d < 1e-9]
    yield "one process", not differ, f"differ: {', '.join(differ)}"


def in_one_process(found):
    """Compare a gradient with what is meant."""
    module = new_module()
    named = module.named_parameters()
    weights = {name: p.detach().numpy() for name, p in named}
    plain = held_fixed(loss, weights)
    report = check_gradients(plain, weights, found, steps=LONGEST)
    yield "check_gradients", report.right, report

    both = terms(module, all_batches(), LENGTH)
    parts = [part(module, term) for one in both for term in one]
    N, M = map(len, both)
    factors = np.repeat([1 / N, ALPHA / M], [N, M])
    report = audit_weights(found, parts, groups(all_batches()), factors)
    yield "audit_weights", report.as_meant, report


def loss(arrays, hold):
    """Return the loss that is meant, at any weights."""
    weights = {n: torch.from_numpy(a) for n, a in arrays.items()}
    module = new_module()

    def run(*inputs):
        return torch.func.functional_call(module, weights, inputs)

    return meant(run, all_batches(), LENGTH, ALPHA, hold)


def part(module, term):
    """Return the gradient of one term alone."""
    named = dict(module.named_parameters())
    found = torch.autograd.grad(
        term, named.values(), retain_graph=True, materialize_grads=True
    )  # zeros where a term has no way to a parameter
    return dict(zip(named, found, strict=True))


def groups(batches):
    """Return labels of the terms, in their order: all of one loss first.

    A window has the number of its micro-batch, a dot and its own.
    """
    labels = {"loss": [], "micro_batch": [], "worker": [], "window": []}
    for loss in ("main", "penalty"):
        for k, (_, y, real) in enumerate(batches):
            here = y != -100 if loss == "main" else real
            steps, _ = here.nonzero(as_tuple=True)
            labels["loss"] += [loss] * len(steps)
            labels["micro_batch"] += [k] * len(steps)
            labels["worker"] += [k % WORKERS] * len(steps)
            labels["window"] += [f"{k}.{t // LENGTH}" for t in steps]
    return labels


def from_one_process(mine):
    """Return how far each weight is from one process's after three steps."""
    module, alone = new_module(), new_module()
    prepared = prepare(module, LR, DECAY, "cpu")
    adamw = torch.optim.AdamW(alone.parameters(), LR, weight_decay=DECAY)
    for _ in range(3):
        training_step(*prepared, mine, limit=FIRES, **SETTINGS)
        plain_step(alone, adamw, all_batches(), LENGTH, ALPHA, FIRES)
    other = dict(alone.named_parameters())
    return {
        name: float((p - other[name]).detach().abs().max())
        for name, p in module.named_parameters()
    }


# Recipe: the workers
def work(rank, meeting):
    """Let each worker make the same calls; the first one prints."""
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=meeting, rank=rank, world_size=WORKERS
    )
    for name, right, report in reports(all_batches()[rank::WORKERS]):
        if rank == 0:
            print(f"{name}: {'right' if right else report}", flush=True)
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        meeting = f"file://{Path(folder, 'meeting').as_posix()}"
        torch.multiprocessing.spawn(work, (meeting,), WORKERS)
