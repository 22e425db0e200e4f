"""The cheat sheet's rows of pipelines and shards, run: see test_cheat_sheet.py."""

import gloo
import numpy as np
import probe
import pytest
import torch
from token_table import LABELS, PARTS, TokenTable
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.pipelining import PipelineStage, ScheduleGPipe
from torch.nn.functional import cross_entropy, pad
from torch.nn.utils import clip_grad_norm_

# Row: pipeline


class First(TokenTable):
    """The stage with the table; a row after all others is padding's."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Parameter(pad(self.table.data, (0, 0, 0, 1)))

    def forward(self, tokens):
        return self.table[tokens]


class Last(torch.nn.Module):
    """The stage after it."""

    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(()))

    def forward(self, logits):
        return self.scale * logits


def padded(values, by):
    return torch.stack([pad(part, (0, max(probe.COUNTS) - len(part)), value=by) for part in values])


def in_stages(rank, factor, **options):
    """Return the gradient by the table after a schedule; `factor` gets a micro-batch's count."""

    def loss(logits, labels):
        count = (labels != -100).sum()
        return factor(count) * cross_entropy(logits[0], labels[0], reduction="sum")

    module = (First, Last)[rank]()
    stage = PipelineStage(module, rank, 2, torch.device("cpu"))
    schedule = ScheduleGPipe(stage, n_microbatches=2, loss_fn=loss, **options)
    if rank == 0:
        schedule.step(padded(PARTS, probe.N))
        return module.table.grad.tolist()
    schedule.step(target=padded([LABELS[part] for part in PARTS], -100))
    return None


STAGED = {
    "means": (lambda n: 1 / n, {}),
    "sum / N": (lambda n: 1 / probe.N, {}),
    "sum * micro-batches / N": (lambda n: 2 / probe.N, {}),
    "sum / N, not scaled": (lambda n: 1 / probe.N, {"scale_grads": False}),
    "sum, not scaled": (lambda n: 1, {"scale_grads": False}),
}


@pytest.fixture(scope="module")
def two():
    return gloo.run(work_of_two)


def test_pipeline(two):
    found = {name: probe.weights(two[0]["pipeline", name]) for name in STAGED}
    assert {name: probe.named(w) for name, w in found.items()} == {
        "means": "mean of means",
        "sum / N": "1/2 of the token mean",
        "sum * micro-batches / N": "token mean",
        "sum / N, not scaled": "token mean",
        "sum, not scaled": "20 of the token mean",  # dividing the losses afterwards comes too late
    }


# Row: shards

MAX_NORM = 0.01


def clipped(rank, clip):
    """Return the gradient of the token mean, clipped, and the norm that the clip returns."""
    model = fully_shard(TokenTable(), mesh=init_device_mesh("cpu", (2,)))
    (2 / probe.N * model(PARTS[rank], "sum")).backward()
    norm = clip(model.table)
    return model.table.grad.full_tensor().tolist(), norm


def clip_all(table):
    """Return the norm, and what this worker holds of it."""
    norm = clip_grad_norm_([table], MAX_NORM)
    return norm.full_tensor().item(), norm.to_local().item()


def clip_shard(table):
    """Clip as if the shard were all."""
    shard = torch.nn.Parameter(table.to_local().detach())
    shard.grad = table.grad.to_local()
    return clip_grad_norm_([shard], MAX_NORM).item()


def work_of_two(rank):
    found = {("pipeline", k): in_stages(rank, f, **how) for k, (f, how) in STAGED.items()}
    return found | {clip.__name__: clipped(rank, clip) for clip in (clip_all, clip_shard)}


def test_shards(two):
    whole = np.linalg.norm(probe.slopes() / probe.N)
    for gradient, norms in (worker["clip_all"] for worker in two):
        assert norms == pytest.approx((whole, whole))  # each worker holds the whole norm
        expected = MAX_NORM / whole / probe.N
        assert probe.weights(gradient) == pytest.approx(expected, rel=1e-4)


def test_shards_clipped_alone(two):
    whole = np.linalg.norm(probe.slopes() / probe.N)
    norms = [worker["clip_shard"][1] for worker in two]
    assert max(norms) < 0.9 * whole
    assert np.hypot(*norms) == pytest.approx(whole)
    with pytest.raises(ValueError, match="weights of a mean"):
        probe.named(probe.weights(two[0]["clip_shard"][0]))
