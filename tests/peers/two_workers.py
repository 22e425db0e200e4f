"""Gradients of a linear layer under DDP and FSDP2, on two CPU processes with 3 and 17 tokens.

And two training steps under DDP, with four micro-batches of unequal size on each process.

A file of its own, since each process imports it, and it needs nothing but PyTorch.
"""

import queue
import tempfile
import time
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

WORKERS, COUNTS, SECONDS = 2, (3, 17), 240
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


def step_code(old, new):
    """Return the training step that the book shows, with a change of its code."""
    shown, names = CODE.read_text(encoding="utf-8"), {}
    if old not in shown:
        raise ValueError(f"old: expected a part of {CODE.name}, got {old!r}")
    exec(shown.replace(old, new), names)
    return names["training_step"]


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


def _work(rank, meeting, answers):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=WORKERS)
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh, x, found = init_device_mesh("cpu", (WORKERS,)), tokens()[rank], {"rank": rank}
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
    for name, change in CHANGES.items():
        layer = torch.nn.parallel.DistributedDataParallel(new_layer())
        found["step", name] = trained(layer, step_code(*change), own).tolist()
    answers.put(found)
    dist.barrier()
    dist.destroy_process_group()


def together():
    """Return what the two processes found: a list of dicts, with each one's rank.

    Raises
    ------
    TimeoutError
        If they take too long; they are ended then.
    ValueError
        If the training step no longer holds what `CHANGES` changes.
    """
    for change in CHANGES.values():
        step_code(*change)
    context = mp.get_context("spawn")
    answers, end = context.Queue(), time.monotonic() + SECONDS
    with tempfile.TemporaryDirectory() as folder:
        meeting = Path(folder, "meeting").as_posix()
        processes = [
            context.Process(target=_work, args=(rank, meeting, answers), daemon=True)
            for rank in range(WORKERS)
        ]
        for process in processes:
            process.start()
        try:
            return [answers.get(timeout=max(1, end - time.monotonic())) for _ in processes]
        except queue.Empty:
            raise TimeoutError(f"two workers: no answer within {SECONDS} seconds") from None
        finally:
            for process in processes:
                process.join(10)
                process.kill()
