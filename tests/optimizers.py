"""A model to train, every optimizer in several settings, and planted faults in their rules."""

import inspect
import textwrap
from dataclasses import fields

import numpy as np

from lstm_src.checks.trees import tree_leaves
from lstm_src.training import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    RMSprop,
    init_model,
    loss_and_gradients,
    squared_error,
)

OPTIMIZERS = [
    SGD(0.1),
    SGD(0.1, weight_decay=0.03),
    SGD(0.05, momentum=0.9),
    SGD(0.05, momentum=0.9, weight_decay=0.03),
    SGD(0.05, momentum=0.8, nesterov=True, weight_decay=0.03),
    Adam(0.01),
    Adam(0.01, betas=(0.7, 0.95), eps=1e-3, weight_decay=0.03),
    AdamW(0.01),
    AdamW(0.01, betas=[0.8, 0.99], eps=1e-3, weight_decay=0.3),
    RMSprop(0.01),
    RMSprop(0.01, alpha=0.9, eps=1e-3, momentum=0.7, weight_decay=0.03),
    Adagrad(0.05),
    Adagrad(0.05, eps=1e-3, weight_decay=0.03),
]
RNG = np.random.default_rng(0)
X, TARGETS = RNG.standard_normal((6, 3, 2)), RNG.standard_normal((6, 3, 2))
MODEL = init_model(2, 3, 2, RNG)


def gradients_at(params):
    dtype = params.b_y.dtype
    result = loss_and_gradients(
        params, X.astype(dtype), TARGETS.astype(dtype), loss=squared_error, reduction="token mean"
    )
    return result.gradients


def trained(optimizer, params, state, steps):
    for _ in range(steps):
        params, state = optimizer.step(params, gradients_at(params), state)
    return params, state


def settings(optimizer):
    return {field.name: getattr(optimizer, field.name) for field in fields(optimizer)}


def flat(tree):
    return np.concatenate([array.ravel() for array in tree_leaves(tree)])


def planted(optimizer, old, new):
    """Return the optimizer with one text of its rule, which stands in it once, replaced."""
    kind = type(optimizer)
    methods = [kind.__dict__.get("rule"), kind.__dict__.get("_adapted")]
    (method,) = (m for m in methods if m and old in inspect.getsource(m))
    source = textwrap.dedent(inspect.getsource(method))
    assert source.count(old) == 1
    names = {**method.__globals__}
    exec(source.replace(old, new), names)
    broken = type(kind.__name__, (kind,), {method.__name__: names[method.__name__]})
    return broken(**settings(optimizer))
