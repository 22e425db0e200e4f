"""A training step that does all in one, cut open for the audit."""

import torch

from lstm_src import audit_scaling

torch.manual_seed(0)
model = torch.nn.LSTM(3, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, target = torch.randn(6, 2, 3), torch.randn(6, 2, 4)


# Recipe
def train_step(scale=None):
    factor = 1 / target.numel() if scale is None else scale  # 1
    optimizer.zero_grad()
    h, _ = model(x)
    loss = (h - target).square().sum() * factor  # 2: it was / target.numel()
    loss.backward()
    if scale is not None:  # 3
        return {name: p.grad for name, p in model.named_parameters()}
    optimizer.step()
    return loss.item()


report = audit_scaling(lambda scale: train_step(scale))
