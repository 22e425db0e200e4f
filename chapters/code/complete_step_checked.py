"""Point the checks at the complete step, and compare it with one process."""

import math

import torch
import torch.distributed as dist
from torch.nn.functional import cross_entropy

from lstm_src import audit_scaling


# Recipe: where the gradient is read
def gradients(prepared, training_step, batches, limit=math.inf, **settings):
    """Return what audit_scaling calls, on all workers at once."""
    model, optimizer, scaler = prepared  # with the learning rate 0

    def of(scale=None, scale_2=None):
        factors = None if scale is None else (scale, scale_2)
        arguments = model, optimizer, scaler, batches
        training_step(*arguments, limit=limit, factors=factors, **settings)
        named = model.module.named_parameters()
        own = {name: p.grad for name, p in named if p.requires_grad}
        found = [None] * dist.get_world_size()
        dist.all_gather_object(found, own)  # so all go on with the same
        return found

    return of


def audit(prepared, training_step, batches, **settings):
    """Return the report of audit_scaling: the same on all workers."""
    of = gradients(prepared, training_step, batches, **settings)
    return audit_scaling(of, factors=["scale", "scale_2"])


# Recipe: what is meant
def detached(state):
    """Hold a state fixed."""
    return [s.detach() for s in state]


def terms(run, batches, length, hold=detached):
    """Return all terms of both losses; `batches` are those of all workers."""
    main, penalty = [], []
    for x, y, real in batches:
        state = None
        for t in range(0, len(x), length):
            part = slice(t, t + length)
            logits, state = run(x[part], state)
            state = hold(state)
            here = y[part] != -100
            labels = y[part][here]
            main.append(cross_entropy(logits[here], labels, reduction="none"))
            penalty.append(logits[real[part]].square().sum(-1) / 2)
    return torch.cat(main), torch.cat(penalty)


def meant(run, batches, length, alpha, hold=detached):
    """Return the loss, with one count for each of its two means."""
    main, penalty = terms(run, batches, length, hold)
    return main.mean() + alpha * penalty.mean()


# Recipe: the same step in one process
def plain_step(module, optimizer, batches, length, alpha, limit):
    """Step on all batches of all workers at once."""
    optimizer.zero_grad()
    meant(module, batches, length, alpha).backward()
    torch.nn.utils.clip_grad_norm_(module.parameters(), limit)
    optimizer.step()
