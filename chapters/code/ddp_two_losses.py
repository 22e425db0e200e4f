"""A step under DDP with two losses: each over its own count, of all workers."""

from contextlib import nullcontext

import torch
import torch.distributed as dist


def training_step(model, optimizer, micro_batches, losses, counts, alpha=0.1):
    """Add the mean of one loss and alpha times that of the other, and step."""
    device = next(model.parameters()).device
    own = [counts(batch) for batch in micro_batches]
    both = torch.tensor(own, device=device).sum(dim=0)
    dist.all_reduce(both)  # adds up the workers' counts
    N, M = both.tolist()
    W = dist.get_world_size()
    if not N + M:
        return  # no worker has a term: all leave out the update
    N, M = max(N, 1), max(M, 1)  # a loss without terms is 0
    optimizer.zero_grad()
    for k, batch in enumerate(micro_batches, 1):
        # no_sync takes in the forward pass, too.
        with nullcontext() if k == len(micro_batches) else model.no_sync():
            main, auxiliary = losses(model, batch)
            # DDP divides by W.
            loss = main * (W / N) + auxiliary * (alpha * W / M)
            loss.backward()
    optimizer.step()  # a clip belongs before it, once
