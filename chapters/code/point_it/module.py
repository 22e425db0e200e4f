"""Parameters by name; a main loss and an auxiliary one, each with its count."""

import torch

from lstm_src import audit_scaling, check_gradients

STEPS = 6


class Model(torch.nn.Module):
    """An LSTM with a linear layer on top."""

    def __init__(self):
        super().__init__()
        self.lstm, self.read = torch.nn.LSTM(3, 4), torch.nn.Linear(4, 1)

    def forward(self, x):
        """Return the predictions and the hidden states."""
        h, _ = self.lstm(x)
        return self.read(h), h


torch.manual_seed(0)
model = Model()
x, target = torch.randn(STEPS, 2, 3), torch.randn(STEPS, 2, 1)

# Recipe
model, x, target = model.double(), x.double(), target.double()
weights = dict(model.named_parameters())  # parameters() can be read only once
N, M = target.numel(), STEPS * 2 * 4


def sums(output):
    prediction, h = output
    return (prediction - target).square().sum(), 0.1 * h.square().sum()


def gradients(scale, scale_2):  # for 1 / N, and for 1 / M
    model.zero_grad()
    main, auxiliary = sums(model(x))
    (main * scale + auxiliary * scale_2).backward()
    return {name: p.grad for name, p in weights.items()}


def loss(arrays):
    values = {name: torch.from_numpy(a) for name, a in arrays.items()}
    main, auxiliary = sums(torch.func.functional_call(model, values, x))
    return main / N + auxiliary / M


report = audit_scaling(gradients)
found, counts = gradients(1 / N, 1 / M), {"N": N, "M": M}
checked = check_gradients(loss, weights, found, steps=STEPS, counts=counts)
