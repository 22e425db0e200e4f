"""A training step: ragged batches, windows, workers, two losses, AMP, AdamW."""

from contextlib import nullcontext

import torch
import torch.distributed as dist
from torch.nn.functional import cross_entropy


def prepare(module, lr, weight_decay, device="cuda", **scaling):
    """Return the model, the optimizer and the GradScaler, with its options."""
    model = torch.nn.parallel.DistributedDataParallel(module)
    weights = model.parameters()
    optimizer = torch.optim.AdamW(weights, lr, weight_decay=weight_decay)
    return model, optimizer, torch.amp.GradScaler(device, **scaling)


def training_step(
    model, optimizer, scaler, batches, length, alpha, limit, cast, factors=None
):
    """Step on the mean cross-entropy and alpha times the mean penalty."""
    # Each batch: x, labels y (-100: no loss), and real (True: no padding).
    counts = [torch.stack([(y != -100).sum(), r.sum()]) for _, y, r in batches]
    counts = torch.stack(counts).sum(dim=0)
    dist.all_reduce(counts)  # of all workers, before the first backward
    if not counts.any():
        return  # nobody has a term: all workers leave out the update
    N, M = counts.clamp(min=1).tolist()
    a, b = factors or (1 / N, alpha / M)
    W = dist.get_world_size()
    optimizer.zero_grad()
    for k, (x, y, real) in enumerate(batches, 1):
        state = None
        for t in range(0, len(x), length):
            part = slice(t, t + length)
            last = k == len(batches) and t + length >= len(x)
            # no_sync takes in the forward pass, too.
            with nullcontext() if last else model.no_sync():
                with cast():
                    logits, state = model(x[part], state)
                logits = logits.to(next(model.parameters()).dtype)
                rows, labels = logits.flatten(0, 1), y[part].flatten()
                main = cross_entropy(rows, labels, reduction="sum")
                penalty = logits[real[part]].square().sum() / 2
                loss = W * (a * main + b * penalty)  # DDP divides by W
                scaler.scale(loss).backward()
            state = [s.detach() for s in state]  # carried, not differentiated
    scaler.unscale_(optimizer)  # before the clip
    torch.nn.utils.clip_grad_norm_(model.parameters(), limit)
    scaler.step(optimizer)  # AdamW's decay is not in the gradient
    scaler.update()
