"""A step that clips its gradients before it hands them on."""

import math

import torch

from lstm_src import audit_scaling

torch.manual_seed(0)
model = torch.nn.LSTM(3, 4)
x, target = torch.randn(6, 2, 3), torch.randn(6, 2, 4)


# Recipe
def gradients(scale, bound=0.1):
    model.zero_grad()
    loss = (model(x)[0] - target).square().sum() * scale
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), bound)
    return {name: p.grad for name, p in model.named_parameters()}


clipped = audit_scaling(gradients)  # not a polynomial: that is the clip
report = audit_scaling(lambda scale: gradients(scale, bound=math.inf))
