"""An embedding with sparse gradients."""

import torch
from torch.nn.functional import embedding

from lstm_src import audit_scaling, check_gradients

torch.manual_seed(0)
words = torch.tensor([1, 4, 1, 2])  # one word twice
target = torch.randn(4, 3).double()
table = torch.nn.Embedding(5, 3, sparse=True).double()


# Recipe
def gradients(scale):
    table.zero_grad()
    loss = (table(words) - target).square().sum() * scale
    loss.backward()
    return {"weight": table.weight.grad}  # sparse, as it is


def loss(arrays):
    rows = embedding(words, torch.from_numpy(arrays["weight"]))
    return (rows - target).square().mean()


report = audit_scaling(gradients)
weights, found = dict(table.named_parameters()), gradients(1 / target.numel())
checked = check_gradients(loss, weights, found)
