"""The optimizers beside PyTorch's of the same names, over 100 steps; planted faults show."""

import inspect
from dataclasses import MISSING, fields, replace
from functools import cache

import numpy as np
import pytest
import torch

from lstm_src.checks.trees import tree_leaves, tree_map
from lstm_src.training import SGD, Adagrad, Adam, AdamW, RMSprop
from tests.optimizers import MODEL, OPTIMIZERS, flat, gradients_at, planted, settings

STEPS = 100
ROUNDINGS = 50
"""How far the parameters may be apart, over how far they moved, in units of the type's epsilon."""

DTYPES = [np.float64, np.float32]

CALM = [  # where rounding in a gradient does not grow from step to step
    SGD(0.05, momentum=0.8, nesterov=True, weight_decay=0.03),
    Adam(0.003),
    AdamW(0.01, weight_decay=0.3),
    RMSprop(0.001, momentum=0.7),
    Adagrad(0.01),
]
KEPT = {  # the names that PyTorch's state has for ours
    "velocity": {"SGD": "momentum_buffer", "RMSprop": "momentum_buffer"},
    "mean": {"Adam": "exp_avg"},
    "mean_square": {"RMSprop": "square_avg", "Adam": "exp_avg_sq"},
    "square_sum": {"Adagrad": "sum"},
}
FAULTS = {
    "decay left out": (OPTIMIZERS[1], "gradient + self.weight_decay * param", "gradient"),
    "momentum damped": (
        OPTIMIZERS[2],
        "velocity + gradient",
        "velocity + (1 - self.momentum) * gradient",
    ),
    "no look ahead": (OPTIMIZERS[4], "self.momentum * velocity if self.nesterov", "velocity if 0"),
    "Adam: eps in the root": (
        OPTIMIZERS[5],
        "np.sqrt(unbiased_squares) + self.eps",
        "np.sqrt(unbiased_squares + self.eps)",
    ),
    "Adam: no bias correction": (OPTIMIZERS[5], "(1 - beta**steps)", "1"),
    "Adam: squares not corrected": (OPTIMIZERS[5], "(1 - beta_2**steps)", "1"),
    "Adam: corrected a step late": (OPTIMIZERS[5], "beta**steps", "beta**(steps + 1)"),
    "Adam: decay decoupled": (
        OPTIMIZERS[6],
        "param, gradient + self.weight_decay * param",
        "(1 - self.lr * self.weight_decay) * param, gradient",
    ),
    "AdamW: decay coupled": (
        OPTIMIZERS[7],
        "shrunk, gradient,",
        "param, gradient + self.weight_decay * param,",
    ),
    "AdamW: decay without the lr": (
        OPTIMIZERS[7],
        "self.lr * self.weight_decay",
        "self.weight_decay",
    ),
    "RMSprop: eps in the root": (
        OPTIMIZERS[9],
        "np.sqrt(squares) + self.eps",
        "np.sqrt(squares + self.eps)",
    ),
    "RMSprop: momentum not divided": (
        OPTIMIZERS[10],
        "velocity + direction",
        "velocity + gradient",
    ),
    "Adagrad: eps in the root": (
        OPTIMIZERS[11],
        "np.sqrt(squares) + self.eps",
        "np.sqrt(squares + self.eps)",
    ),
    "Adagrad: a mean of squares": (
        OPTIMIZERS[11],
        "squares + gradient",
        "0.9 * squares + gradient",
    ),
}


@cache
def run(optimizer, dtype, *, lrs=None, peer=None, own=False):
    """Run ours beside PyTorch's optimizer with the settings of ``peer``, or with our own.

    Both get the gradients at our parameters, or, with ``own``, each those at its own.

    Returns
    -------
    gap : float
        How far the parameters are apart, over how far they moved.
    state : OptimizerState
    kept : list of dict
        The state of PyTorch's, for each array.
    """
    params = start = tree_map(lambda a: a.astype(dtype), MODEL)
    tensors = tree_map(lambda a: torch.from_numpy(a.copy()).requires_grad_(), start)
    theirs = of_torch(peer or optimizer, tree_leaves(tensors))
    state = optimizer.begin(params)
    for lr in [optimizer.lr] * STEPS if lrs is None else lrs:
        gradients = gradients_at(params)
        given = gradients_at(tree_map(as_array, tensors)) if own else gradients
        params, state = replace(optimizer, lr=lr).step(params, gradients, state)
        for leaf, array in zip(tree_leaves(tensors), tree_leaves(given), strict=True):
            leaf.grad = torch.from_numpy(array.copy())
        theirs.param_groups[0]["lr"] = lr
        theirs.step()
    after = flat(tree_map(as_array, tensors))
    gap = abs(flat(params) - after).max() / abs(after - flat(start)).max()
    return gap, state, [theirs.state[leaf] for leaf in tree_leaves(tensors)]


def of_torch(optimizer, leaves):
    return getattr(torch.optim, type(optimizer).__name__)(leaves, **settings(optimizer))


def as_array(tensor):
    return tensor.detach().numpy()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_the_parameters_agree_after_100_steps(optimizer, dtype):
    gap, state, _ = run(optimizer, dtype)
    assert gap < ROUNDINGS * np.finfo(dtype).eps
    assert state.steps == STEPS


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("optimizer", CALM, ids=str)
def test_they_agree_where_each_follows_its_own_gradients(optimizer, dtype):
    gap, *_ = run(optimizer, dtype, own=True)
    assert gap < 10 * ROUNDINGS * np.finfo(dtype).eps


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_the_states_agree(optimizer):
    _, state, kept = run(optimizer, np.float64)
    kind = type(optimizer).__name__.removesuffix("W")
    for slot, names in KEPT.items():
        theirs = [one.get(names.get(kind)) for one in kept]
        if slot not in optimizer.keeps:
            assert getattr(state, slot) is None
            assert theirs == [None] * len(kept)
            continue
        theirs, ours = flat(tree_map(as_array, theirs)), flat(getattr(state, slot))
        assert abs(ours - theirs).max() < 1e-14 * abs(theirs).max()


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_a_learning_rate_that_changes_is_that_of_each_step(optimizer):
    lrs = optimizer.lr * np.linspace(0, 1, STEPS) ** 2
    gap, *_ = run(optimizer, np.float64, lrs=tuple(lrs.tolist()))
    assert gap < ROUNDINGS * np.finfo(float).eps


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_shows(fault, dtype):
    optimizer, old, new = FAULTS[fault]
    gap, *_ = run(planted(optimizer, old, new), dtype, peer=optimizer)
    assert gap > 1e-3


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW, RMSprop, Adagrad])
def test_the_defaults_are_those_of_torch(kind):
    theirs = inspect.signature(getattr(torch.optim, kind.__name__)).parameters
    ours = {field.name: field.default for field in fields(kind)}
    assert MISSING not in ours.values()
    assert ours == {name: theirs[name].default for name in ours}
