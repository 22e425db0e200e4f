"""Gradients of a linear layer under DDP and FSDP2, on two CPU processes with 3 and 17 tokens.

And two training steps under DDP, with four micro-batches of unequal size on each process.

A file of its own, since each process imports it, and it needs nothing but PyTorch.
"""

from pathlib import Path

import gloo
import torch
from shown_step import step_code
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

WORKERS, COUNTS = 2, (3, 17)
N = sum(COUNTS)
MICRO = ((3, 1, 7, 2), (4, 9, 1, 5))  # the counts of each worker's micro-batches
MAX_NORM = 1.0
CODE = Path(__file__).parents[2] / "chapters/code/ddp_step.py"


def tokens(counts=COUNTS):
    """Return the tokens of each worker, or of each micro-batch: (n, 4) each."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(sum(counts), 4, generator=generator, dtype=torch.float64).split(counts)


def new_layer():
    """Return the layer that every process starts from."""
    torch.manual_seed(1)
    return torch.nn.Linear(4, 1, bias=False, dtype=torch.float64)


def loss_sum(layer, x):
    """Return the sum of the loss terms of some tokens."""
    return (layer(x) - 1).square().sum()


def alone(factors):
    """Return the gradient in one process, with a factor on the sum of each worker's tokens."""
    layer = new_layer()
    sum(f * loss_sum(layer, x) for f, x in zip(factors, tokens(), strict=True)).backward()
    return layer.weight.grad


FACTORS = {
    "sum": lambda rank: 1,
    "sum / N": lambda rank: 1 / N,
    "sum * W / N": lambda rank: WORKERS / N,
    "own mean": lambda rank: 1 / COUNTS[rank],
}
"""What each worker multiplies its sum by."""

CHANGES = {
    "as shown": ("", ""),
    "synchronized each time": ("model.no_sync()", "nullcontext()"),
    "never synchronized": ("k == len(micro_batches)", "False"),
    "no W": ("W / N", "1 / N"),
    "own means": ("W / N", "1 / len(batch) / len(micro_batches)"),
    "own N": ("dist.all_reduce(N)", ""),
}
"""Changes of the training step's code: the first two are right, the others are mistakes."""


def trained(layer, training_step, micro_batches, max_norm=MAX_NORM):
    """Return the weights after two steps; only the first one's right gradient is clipped."""
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.3, momentum=0.9)
    for _ in range(2):
        training_step(layer, optimizer, micro_batches, loss_sum, len, max_norm)
    return next(layer.parameters()).detach()


def trained_alone(loss, max_norm=MAX_NORM):
    """Return the weights after two steps in one process; `loss` is a function of the layer."""

    def training_step(layer, optimizer, *_):
        optimizer.zero_grad()
        loss(layer).backward()
        torch.nn.utils.clip_grad_norm_(layer.parameters(), max_norm)
        optimizer.step()

    return trained(new_layer(), training_step, None)


def moved_by_nothing(training_step):
    """Return how far the weights move in a step without a token, or the error that it raises."""
    layer = torch.nn.parallel.DistributedDataParallel(new_layer())
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.3, weight_decay=0.1)
    try:
        training_step(layer, optimizer, [torch.empty(0, 4).double()] * 2, loss_sum, len, MAX_NORM)
    except ZeroDivisionError as error:
        return str(error)
    return float((layer.module.weight - new_layer().weight).abs().sum())


def work(rank):
    """Return what one of the two processes finds, by kind and by what it multiplies its sum by."""
    mesh, x, found = init_device_mesh("cpu", (WORKERS,)), tokens()[rank], {}
    for name, factor in FACTORS.items():
        layer = torch.nn.parallel.DistributedDataParallel(new_layer())
        (factor(rank) * loss_sum(layer, x)).backward()
        found["ddp", name] = layer.module.weight.grad.tolist()
        for divided in (True, False):
            layer = fully_shard(new_layer(), mesh=mesh)
            if not divided:
                layer.set_gradient_divide_factor(1.0)
            (factor(rank) * loss_sum(layer, x)).backward()
            kind = "fsdp" if divided else "fsdp, factor 1"
            found[kind, name] = layer.weight.grad.full_tensor().tolist()
    own = tokens(sum(MICRO, ()))[rank * len(MICRO[0]) :][: len(MICRO[0])]
    for name, change in {"as shown": ("", ""), "not left out": ("if not N:", "if False:")}.items():
        found["no tokens", name] = moved_by_nothing(step_code(CODE, *change))
    for name, change in CHANGES.items():
        layer = torch.nn.parallel.DistributedDataParallel(new_layer())
        found["step", name] = trained(layer, step_code(CODE, *change), own).tolist()
    return found


def together():
    """Return what the two processes found: a list of dicts, by rank.

    Raises
    ------
    ValueError
        If the training step no longer holds what `CHANGES` changes.
    """
    for change in CHANGES.values():
        step_code(CODE, *change)
    return gloo.run(work, WORKERS)
