"""Truncated windows: the state is handed on, and held fixed."""

import torch

from lstm_src import check_gradients
from lstm_src.checks import held_fixed

torch.manual_seed(0)
model = torch.nn.LSTM(2, 3).double()
x, target = torch.randn(8, 2, 2).double(), torch.randn(8, 2, 3).double()
windows = [(x[:4], target[:4]), (x[4:], target[4:])]


# Recipe
def mean_loss(weights, hold):
    total, state = 0.0, tuple(torch.zeros(2, 1, 2, 3).double())
    for inputs, wanted in windows:
        arguments = inputs, hold(state)  # the training code detaches it
        h, state = torch.func.functional_call(model, weights, arguments)
        total = total + (h - wanted).square().sum()
    return total / target.numel()


def gradients():
    model.zero_grad()
    weights = dict(model.named_parameters())
    mean_loss(weights, lambda state: [s.detach() for s in state]).backward()
    return {name: p.grad for name, p in weights.items()}


def loss(arrays, hold):
    weights = {name: torch.from_numpy(a) for name, a in arrays.items()}
    return mean_loss(weights, hold)


weights = {name: p.detach().numpy() for name, p in model.named_parameters()}
fixed = held_fixed(loss, weights)
checked = check_gradients(fixed, weights, gradients(), steps=len(x))
