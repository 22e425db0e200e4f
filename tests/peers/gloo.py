"""Run a function in several processes that meet through PyTorch's `gloo`, on the CPU.

A file of its own, since each process imports it, and it needs nothing but PyTorch.
"""

import os
import queue
import tempfile
import time
import traceback
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

SECONDS = 240
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}


def _work(rank, world, meeting, answers, function):
    torch.set_num_threads(1)
    os.environ.update(OFFLINE)
    # What launchers set: trainers look for it. The address is not used, since they have met.
    told = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": world, "LOCAL_WORLD_SIZE": world}
    told |= {"GROUP_RANK": 0, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": 0}
    told["OMP_NUM_THREADS"] = 1
    os.environ.update({name: str(value) for name, value in told.items()})
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=world)
    try:
        answers.put((rank, function(rank), None))
    except BaseException:
        answers.put((rank, None, traceback.format_exc()))
        raise
    dist.barrier()
    dist.destroy_process_group()


def run(function, world=2):
    """Return what a function of the rank returns in each process, by rank.

    Parameters
    ----------
    function : callable
        Of a module that the processes can import; what it returns is pickled, so no tensors.
    world : int
        The number of processes.

    Raises
    ------
    RuntimeError
        If it raises in one of them; the message holds the traceback.
    TimeoutError
        If they take too long; they are ended then.
    """
    context = mp.get_context("spawn")
    answers, end = context.Queue(), time.monotonic() + SECONDS
    with tempfile.TemporaryDirectory() as folder:
        meeting = Path(folder, "meeting").as_posix()
        processes = [
            context.Process(
                target=_work, args=(rank, world, meeting, answers, function), daemon=True
            )
            for rank in range(world)
        ]
        for process in processes:
            process.start()
        found, done = {}, False
        try:
            while len(found) < world:
                rank, answer, trouble = answers.get(timeout=max(1, end - time.monotonic()))
                if trouble:
                    raise RuntimeError(f"process {rank}: {trouble}")
                found[rank] = answer
            done = True
        except queue.Empty:
            raise TimeoutError(f"{function.__name__}: no answer within {SECONDS} seconds") from None
        finally:
            for process in processes:
                process.join(10 if done else 0)
                process.kill()
    return [found[rank] for rank in range(world)]
