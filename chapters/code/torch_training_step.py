"""Audit and check a training step of PyTorch that averages micro-batches."""

import torch

from lstm_src import audit_scaling, check_gradients

STEPS, ROUNDS = 6, 3
torch.manual_seed(0)


class Model(torch.nn.Module):
    """An LSTM with a linear layer on top."""

    def __init__(self):
        super().__init__()
        self.lstm, self.read = torch.nn.LSTM(3, 4), torch.nn.Linear(4, 1)

    def forward(self, x):
        """Return the predictions and the hidden states."""
        h, _ = self.lstm(x)
        return self.read(h), h


model = Model().double()
batches = [
    (torch.randn(STEPS, 4, 3).double(), torch.randn(STEPS, 4, 1).double())
    for _ in range(ROUNDS)
]


def losses(prediction, h, target):
    """Return the squared error, and a penalty on large hidden states."""
    error = torch.nn.functional.mse_loss(prediction, target)
    return error, 0.1 * h.square().mean()


def gradients():
    """Return the gradients by the names of the weights."""
    return {name: weight.grad for name, weight in model.named_parameters()}


def as_found(scale):
    """Add up the gradients; scale stands where the code has 1 / ROUNDS."""
    model.zero_grad()
    for x, target in batches:
        error, penalty = losses(*model(x), target)
        (error * scale + penalty).backward()
    return gradients()


def mended(scale):
    """As above, with the penalty inside the average."""
    model.zero_grad()
    for x, target in batches:
        error, penalty = losses(*model(x), target)
        ((error + penalty) * scale).backward()
    return gradients()


def clipped(scale):
    """As above, handed to the audit after the clipping."""
    mended(scale)
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.1)
    return gradients()


for step in (as_found, mended, clipped):
    print(f"--- {step.__name__}\n{audit_scaling(step)}\n")


def mean_loss(arrays):
    """Return the loss that is meant, for weights given as NumPy arrays."""
    weights = {name: torch.from_numpy(array) for name, array in arrays.items()}
    total = 0
    for x, target in batches:
        outputs = torch.func.functional_call(model, weights, (x,))
        total = total + sum(losses(*outputs, target))
    return total.item() / ROUNDS


weights = dict(model.named_parameters())
found = mended(1 / ROUNDS)
report = check_gradients(mean_loss, weights, found, steps=STEPS)
print(f"--- checked\n{report}")
