"""A module that keeps a hidden state and statistics, and draws dropout."""

import copy

import torch

from lstm_src import audit_scaling, check_gradients

STEPS = 6


class Stateful(torch.nn.Module):
    """An LSTM that goes on where the last call ended."""

    def __init__(self):
        super().__init__()
        self.lstm, self.read = torch.nn.LSTM(3, 4), torch.nn.Linear(4, 1)
        self.norm, self.drop = torch.nn.BatchNorm1d(4), torch.nn.Dropout(0.2)
        self.state = None

    def forward(self, x):
        """Return the predictions; keep the state."""
        h, state = self.lstm(x, self.state)
        self.state = tuple(s.detach() for s in state)
        return self.read(self.drop(self.norm(h.flatten(0, 1))))


torch.manual_seed(0)
model = Stateful().double()
x = torch.randn(STEPS, 2, 3).double()
target = torch.randn(STEPS * 2, 1).double()
model(x)  # it has a state now


# Recipe
def at_the_start():
    torch.manual_seed(0)  # dropout drops the same
    return copy.deepcopy(model)  # with its state and its running statistics


def gradients(scale):
    fresh = at_the_start()
    loss = (fresh(x) - target).square().sum() * scale
    loss.backward()
    return {name: p.grad for name, p in fresh.named_parameters()}


def loss(arrays):
    weights = {name: torch.from_numpy(a) for name, a in arrays.items()}
    output = torch.func.functional_call(at_the_start(), weights, x)
    return (output - target).square().mean()


report = audit_scaling(gradients)
weights, found = dict(model.named_parameters()), gradients(1 / target.numel())
checked = check_gradients(loss, weights, found, steps=STEPS)
