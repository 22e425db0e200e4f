"""The table of logits as a model of PyTorch, and its two micro-batches: see probe.py."""

import probe
import torch
from torch.nn.functional import cross_entropy

PARTS = [torch.arange(n) + sum(probe.COUNTS[:k]) for k, n in enumerate(probe.COUNTS)]
"""The tokens of each micro-batch or worker: the rows of the table that it reads."""

LABELS = torch.tensor(probe.LABELS)


class TokenTable(torch.nn.Module):
    """One row of logits a token, in the place of a model that computes them."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Parameter(torch.tensor(probe.TABLE))

    def forward(self, tokens, reduction="mean"):
        """Return the cross-entropy of some tokens."""
        return cross_entropy(self.table[tokens], LABELS[tokens], reduction=reduction)


def weights_after(model):
    """Return what each token weighed in the first step of SGD with the rate 1."""
    return probe.weights(probe.TABLE - next(model.parameters()).detach().numpy())


def weights_in(model):
    """Return what each token weighs in the gradient that is there."""
    return probe.weights(next(model.parameters()).grad)
