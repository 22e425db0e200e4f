"""A step under DDP: the mean over all micro-batches' and workers' tokens."""

from contextlib import nullcontext

import torch
import torch.distributed as dist


def training_step(model, optimizer, micro_batches, loss_sum, count, norm=1.0):
    """Divide the sum over all real tokens by their number N, clip and step."""
    device = next(model.parameters()).device
    N = torch.as_tensor(sum(map(count, micro_batches)), device=device)
    dist.all_reduce(N)  # adds up the workers' counts
    N, W = N.item(), dist.get_world_size()
    if not N:
        return  # no worker has a token: all leave out the update
    optimizer.zero_grad()
    for k, batch in enumerate(micro_batches, 1):
        # no_sync takes in the forward pass, too.
        with nullcontext() if k == len(micro_batches) else model.no_sync():
            loss = loss_sum(model, batch) * (W / N)  # DDP divides by W
            loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), norm)
    optimizer.step()
