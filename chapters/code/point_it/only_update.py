"""A script that updates its parameters in place, and never shows a gradient."""

import copy

import numpy as np

from lstm_src import audit_scaling

rng = np.random.default_rng(0)
weights = {"W": rng.standard_normal((3, 2)), "b": rng.standard_normal(2)}
x, target = rng.standard_normal((20, 3)), rng.standard_normal((20, 2))


def update(weights, lr, scale):
    """Take one step of gradient descent on the mean of the squared errors."""
    error = x @ weights["W"] + weights["b"] - target
    d = 2 * error * scale
    weights["W"] -= lr * (x.T @ d)
    weights["b"] -= lr * d.sum(0)


# Recipe
def gradients(scale, lr=1.0):
    after = copy.deepcopy(weights)  # the same start at every call
    update(after, lr, scale)
    return {name: (weights[name] - after[name]) / lr for name in weights}


report = audit_scaling(gradients)

# Fixed
LR = 1e-9


def enlarged(scale):
    return gradients(scale * 2.0**60, LR)


fixed = audit_scaling(enlarged)
found = {k: g / 2.0**60 for k, g in enlarged(1 / target.size).items()}
