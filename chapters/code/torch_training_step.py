"""Audit a training step of PyTorch that averages over micro-batches."""

import torch

from lstm_src import audit_scaling

torch.manual_seed(0)
lstm, read = torch.nn.LSTM(3, 8), torch.nn.Linear(8, 1)
model = torch.nn.ModuleDict({"lstm": lstm, "read": read})
micro_batches = [
    (torch.randn(20, 4, 3), torch.randn(20, 4, 1)) for _ in range(3)
]


def losses(x, target):
    """Return the squared error, and a penalty on large hidden states."""
    h, _ = lstm(x)
    error = torch.nn.functional.mse_loss(read(h), target)
    return error, 0.1 * h.square().mean()


def as_found(scale):
    """Add up the gradients; scale is one over the number of micro-batches."""
    model.zero_grad()
    for x, target in micro_batches:
        error, penalty = losses(x, target)
        (error * scale + penalty).backward()
    return {name: weight.grad for name, weight in model.named_parameters()}


def mended(scale):
    """As above, with the penalty inside the average."""
    model.zero_grad()
    for x, target in micro_batches:
        error, penalty = losses(x, target)
        ((error + penalty) * scale).backward()
    return {name: weight.grad for name, weight in model.named_parameters()}


def clipped(scale):
    """As above, handed to the audit after the clipping."""
    gradients = mended(scale)
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.1)
    return gradients


for step in (as_found, mended, clipped):
    print(f"--- {step.__name__}\n{audit_scaling(step)}\n")
