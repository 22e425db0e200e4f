"""A model in bfloat16 on a GPU: what the checks move, and what you move."""

import copy

import torch
from torch.nn import Linear, Sequential, Tanh

from lstm_src import audit_scaling, check_gradients

DEVICE = "cuda"
torch.manual_seed(0)
model = Sequential(Linear(3, 4), Tanh(), Linear(4, 1))
model = model.to(DEVICE, torch.bfloat16)
x, target = torch.randn(20, 3).to(DEVICE), torch.randn(20, 1).to(DEVICE)


# Recipe
def gradients(scale, model=model, dtype=torch.bfloat16):
    model.zero_grad()
    error = model(x.to(dtype)) - target.to(dtype)
    (error.square().sum() * scale).backward()
    return {name: p.grad for name, p in model.named_parameters()}


report = audit_scaling(gradients)  # in bfloat16, on the GPU, as it trains

wide = copy.deepcopy(model).double()  # for the check of the gradient
weights = dict(wide.named_parameters())


def loss(arrays):  # of NumPy: bring them to the model
    values = {k: torch.from_numpy(a).to(DEVICE) for k, a in arrays.items()}
    output = torch.func.functional_call(wide, values, x.double())
    return (output - target.double()).square().mean()


found = gradients(1 / target.numel(), wide, torch.float64)
checked = check_gradients(loss, weights, found)
