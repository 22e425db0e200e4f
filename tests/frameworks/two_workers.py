"""Gradients of a linear layer under DDP and FSDP2, on two CPU processes with 3 and 17 tokens.

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


def tokens():
    """Return the tokens of each worker, (n, 4) each."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(N, 4, generator=generator, dtype=torch.float64).split(COUNTS)


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
    "sum / N": lambda rank: 1 / N,
    "sum * W / N": lambda rank: WORKERS / N,
    "own mean": lambda rank: 1 / COUNTS[rank],
}
"""What each worker multiplies its sum by."""


def _work(rank, meeting, answers):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=WORKERS)
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

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
    answers.put(found)
    dist.barrier()
    dist.destroy_process_group()


def together():
    """Return what the two processes found: a list of dicts from (kind, factor) to the gradient.

    Raises
    ------
    TimeoutError
        If they take too long; they are ended then.
    """
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
