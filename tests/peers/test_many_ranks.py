"""The reports of "Many ranks", made again by processes of PyTorch: the factors of the simulation.

Two and four processes meet through gloo. Each has the table of token_table.py; DDP averages.
"""

from dataclasses import replace

import gloo
import numpy as np
import probe
import pytest
import torch
import torch.distributed as dist
from test_cheat_sheet_pipeline import First, Last, padded
from token_table import LABELS, PARTS, TokenTable
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.pipelining import PipelineStage, ScheduleGPipe
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel
from torch.nn.utils import clip_grad_norm_, clip_grads_with_norm_, get_total_norm

from lstm_src.placements.reported import REPORTED, reading
from lstm_src.training.ranks import Ranks

TOKENS = torch.arange(probe.N)


def summed(value, group=None):
    """Return the sum of a number over the ranks of a group."""
    total = torch.tensor(float(value), dtype=torch.float64)
    dist.all_reduce(total, group=group)
    return total.item()


def by_token(gradient, N, tokens=TOKENS):
    """Return the one factor that stands on all these tokens, over that of their mean."""
    factors = probe.weights(np.asarray(gradient))[tokens.numpy()] * N
    assert np.ptp(factors) < 1e-4 * abs(factors).max()
    return float(factors.mean())


def averaged(loss):
    """Return the gradient that DDP makes of each rank's loss: an average."""
    model = DistributedDataParallel(TokenTable())
    loss(model).backward()
    return model.module.table.grad


def added(loss, group=None):
    """Return the sum over a group of the gradients of each rank's loss."""
    model = TokenTable()
    loss(model).backward()
    dist.all_reduce(model.table.grad, group=group)
    return model.table.grad


# One factor on every term


def own_count(rank, mended):
    """One rank has one token, the others none."""
    own = TOKENS[:1] if rank == 0 else TOKENS[:0]
    N, W = summed(len(own)), dist.get_world_size()
    factor = W / N if mended else 1 / max(len(own), 1)
    return by_token(averaged(lambda model: factor * model(own, "sum")), N, TOKENS[:1])


def averaged_shares(rank, mended):
    own, W = TOKENS.tensor_split(dist.get_world_size())[rank], dist.get_world_size()
    factor = (W if mended else 1) / summed(len(own))
    return by_token(averaged(lambda model: factor * model(own, "sum")), probe.N)


def at_least_one(rank, mended):
    own = TOKENS[:4] if rank == 0 else TOKENS[:0]
    N = summed(len(own) if mended else max(len(own), 1))
    return by_token(added(lambda model: model(own, "sum") / N), 4, TOKENS[:4])


def averaged_over_ranks_alone(rank, mended):
    """Two rounds on each rank, added up where nothing is synchronized."""
    W, model = dist.get_world_size(), DistributedDataParallel(TokenTable())
    first, second = TOKENS.tensor_split(W)[rank].tensor_split(2)
    factor = (W if mended else 1) / probe.N
    with model.no_sync():
        (factor * model(first, "sum")).backward()
    (factor * model(second, "sum")).backward()
    return by_token(model.module.table.grad, probe.N)


def counted_without_context(rank, mended):
    mesh = init_device_mesh("cpu", (2, 2), mesh_dim_names=("data", "context"))
    own = TOKENS.tensor_split(4)[rank]
    N = summed(len(own), None if mended else mesh.get_group("data"))
    return by_token(added(lambda model: model(own, "sum") / N), probe.N)


def times_all_ranks(rank, mended):
    mesh = init_device_mesh("cpu", (2, 2), mesh_dim_names=("data", "tensor"))
    own, data = PARTS[rank // 2], mesh.get_group("data")
    N = summed(len(own), data)
    factor = (2 if mended else dist.get_world_size()) / N
    return by_token(added(lambda model: factor * model(own, "sum"), data) / 2, probe.N)


# One loss of two


def second(model, tokens):
    """Return a second loss: the squared log of each token's sum of powers, as a z-loss has it."""
    return model.table[tokens].logsumexp(-1).square().sum()


def parts(gradient, *losses):
    """Return the factor on each loss, from the gradients of the losses alone."""
    alone = []
    for loss in losses:
        model = TokenTable()
        loss(model).backward()
        alone.append(model.table.grad.ravel().double().numpy())
    found = np.linalg.lstsq(np.stack(alone, axis=1), gradient.ravel().double().numpy(), rcond=None)
    assert found[1][0] < 1e-10 * np.square(alone).sum()
    return found[0].tolist()


def main_mean(model):
    return model(TOKENS, "sum") / probe.N


def second_mean(model):
    return second(model, TOKENS) / probe.N


def local_sum_global_count(rank, mended):
    W = dist.get_world_size()
    own = TOKENS.tensor_split(W)[rank]

    def loss(model):
        model = getattr(model, "module", model)
        extra = second(model, own) * (W if mended else 1)
        return (W * model(own, "sum") + extra) / probe.N

    class Both(torch.nn.Module):  # DDP sees what runs in its forward pass
        def __init__(self):
            super().__init__()
            self.model = TokenTable()

        def forward(self):
            return loss(self.model)

    both = DistributedDataParallel(Both())
    both().backward()
    return parts(both.module.model.table.grad, main_mean, second_mean)


class Attached(torch.autograd.Function):
    """Hand logits on, and send a second loss back through them."""

    @staticmethod
    def forward(ctx, logits, extra):
        return logits.clone()

    @staticmethod
    def backward(ctx, incoming):
        return incoming, torch.ones(())


def thrown_away(rank, mended):
    own = TOKENS.tensor_split(dist.get_world_size())[rank]

    def loss(model):
        logits = model.table[own]
        kept = Attached.apply(logits, second(model, own) / probe.N)
        logits = kept if mended else logits
        return cross_entropy(logits, LABELS[own], reduction="sum") / probe.N

    return parts(added(loss), main_mean, second_mean)


def penalty_on_each(rank, mended):
    W = dist.get_world_size()
    own = TOKENS.tensor_split(W)[rank]

    def penalty(model):
        return model.table.square().sum() / 2

    def loss(model):
        return model(own, "sum") / probe.N + penalty(model) / (W if mended else 1)

    return parts(added(loss), main_mean, penalty)


# Norms


def norm_of_a_shard(rank, mended):
    """Four entries of 1 on each rank; the norm over that of all."""
    local = get_total_norm([torch.ones(4)]).item()
    norm = np.sqrt(summed(local**2)) if mended else local
    return norm / np.sqrt(4 * dist.get_world_size())


def copies_counted(rank, mended):
    shard, copy = 1.0, 1.0
    norm = summed(shard**2) + copy**2 if mended else summed(shard**2 + copy**2)
    return np.sqrt(norm / (dist.get_world_size() + 1))


def reduced_again(rank, mended):
    """DDP has reduced a gradient of 0.8 before its norm is taken."""
    model = DistributedDataParallel(torch.nn.Linear(1, 1, bias=False))
    (0.8 * model(torch.ones(1))).sum().backward()
    norm = get_total_norm([model.module.weight.grad]).item()
    return (norm if mended else np.sqrt(summed(norm**2))) / 0.8


def first_expert_alone(rank, mended):
    dense, expert = 1.0, 1.0
    squares = summed(expert**2 if mended or rank == 0 else 0)
    return np.sqrt((dense**2 + squares) / (1 + dist.get_world_size()))


HERE = {  # the sizes at which the simulation is compared, by the number of processes
    2: {
        own_count: {"context": 2},
        averaged_shares: {"context": 2},
        at_least_one: {"data": 2},
        averaged_over_ranks_alone: {"data": 2, "rounds": 2},
        local_sum_global_count: {"data": 2},
        thrown_away: {"data": 2},
        penalty_on_each: {"data": 2},
        norm_of_a_shard: {"shards": 2},
        copies_counted: {"tensor": 2},
        reduced_again: {"data": 2},
        first_expert_alone: {"expert": 2},
    },
    4: {
        own_count: {"context": 4},
        averaged_shares: {"context": 4},
        averaged_over_ranks_alone: {"data": 4, "rounds": 1},
        counted_without_context: {"data": 2, "context": 2},
        times_all_ranks: {"data": 2, "tensor": 2},
        local_sum_global_count: {"data": 4},
        penalty_on_each: {"data": 4},
        norm_of_a_shard: {"shards": 4},
        reduced_again: {"data": 4},
    },
}
CASES = [(world, code, sizes) for world, some in HERE.items() for code, sizes in some.items()]


def drawn():
    """Return a value on a grid of two by two ranks."""
    return np.random.default_rng(3).standard_normal((2, 2, 3))


def reduce_on_a_grid(rank):
    """Return what a rank holds after an all-reduce over each axis, and over both."""
    mesh, found = init_device_mesh("cpu", (2, 2), mesh_dim_names=("data", "context")), {}
    for axes, group in (
        (("data",), mesh.get_group("data")),
        (("context",), mesh.get_group("context")),
        (("data", "context"), None),
    ):
        held = torch.tensor(drawn()[divmod(rank, 2)])
        dist.all_reduce(held, group=group)
        found[axes] = held.tolist()
    return found


def scheduled(rank, divided):
    """Return the last stage's log, or the first one's gradient, after a schedule."""

    def loss(logits, labels):
        total = cross_entropy(logits[0], labels[0], reduction="sum")
        return total / probe.N if divided == "inside" else total

    module = (First, Last)[rank]()
    stage = PipelineStage(module, rank, 2, torch.device("cpu"))
    schedule = ScheduleGPipe(stage, n_microbatches=2, loss_fn=loss, scale_grads=False)
    if rank == 0:
        schedule.step(padded(PARTS, probe.N))
        return module.table.grad.tolist()
    losses = []
    schedule.step(target=padded([LABELS[part] for part in PARTS], -100), losses=losses)
    return torch.stack(losses).sum().item() / (1 if divided == "inside" else probe.N)


def work(rank):
    world = dist.get_world_size()
    found = {
        (code.__name__, mended): code(rank, mended)
        for code in HERE[world]
        for mended in (False, True)
    }
    if world == 2:
        return found | {where: scheduled(rank, where) for where in ("inside", "after")}
    return found | {"grid": reduce_on_a_grid(rank)}


@pytest.fixture(scope="module")
def found():
    return {world: gloo.run(work, world) for world in HERE}


@pytest.mark.parametrize(("world", "code", "sizes"), CASES)
def test_processes_come_to_the_factor_of_the_simulation(found, world, code, sizes):
    entry = replace(REPORTED[code.__name__], sizes=sizes)
    for rank in found[world]:
        factor, mended = rank[code.__name__, False], rank[code.__name__, True]
        if isinstance(factor, list):  # the main loss is right in both
            assert factor[0] == pytest.approx(1, rel=1e-4)
            assert mended[0] == pytest.approx(1, rel=1e-4)
            factor, mended = factor[1], mended[1]
        assert factor == pytest.approx(reading(entry), rel=1e-4, abs=1e-4)
        assert abs(factor - 1) > 0.1
        assert mended == pytest.approx(1, rel=1e-4)


def test_the_simulated_all_reduce_is_that_of_processes(found):
    ranks, value = Ranks(data=2, context=2), drawn()
    for rank, answer in enumerate(found[4]):
        for axes, held in answer["grid"].items():
            expected = ranks.all_reduce(value, *axes)
            assert expected[divmod(rank, 2)] == pytest.approx(held)
            assert value[divmod(rank, 2)] != pytest.approx(held)


def test_a_log_that_is_divided_after_the_schedule_is_right_and_the_gradient_is_not(found):
    first, last = found[2]
    assert last["after"] == pytest.approx(last["inside"], rel=1e-6)
    right, wrong = (by_token(np.array(first[k])[: probe.N], probe.N) for k in ("inside", "after"))
    assert right == pytest.approx(1, rel=1e-4)
    assert wrong == pytest.approx(probe.N, rel=1e-4)


def test_a_clip_that_is_given_gradients_clips_nothing():
    parameter = torch.nn.Parameter(torch.zeros(4))
    parameter.grad = torch.ones(4)
    norm = get_total_norm([parameter.grad])
    clip_grads_with_norm_([parameter.grad], 1.0, norm)
    assert parameter.grad.tolist() == [1.0] * 4
    clip_grads_with_norm_([parameter], 1.0, norm)
    assert parameter.grad.norm().item() == pytest.approx(1, rel=1e-4)


def test_a_norm_that_is_too_large_clips_too_much():
    """Reduced again over two ranks, 0.8 is 1.131371, and is clipped to 0.707106."""
    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.tensor([0.8])
    clip_grads_with_norm_([weight], 1.0, torch.tensor(0.8 * 2**0.5))
    assert weight.grad.item() == pytest.approx(0.707106, rel=1e-5)
    weight.grad = torch.tensor([0.8])
    assert clip_grad_norm_([weight], 1.0).item() == pytest.approx(0.8)
    assert weight.grad.item() == pytest.approx(0.8)
