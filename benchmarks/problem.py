"""The one task of all contenders: a forward pass, and all gradients for given cotangents of h."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lstm_src import Gradients, Params, State, init_params


class Problem(NamedTuple):
    """What enters the pass, and the cotangents ``dh`` that enter the backward pass."""

    params: Params
    x: np.ndarray
    state: State
    dh: np.ndarray


class Work(NamedTuple):
    """A contender made ready: ``run()`` does the task, ``gradients`` reads what it returned.

    ``compiling`` is the time in seconds that a compiler took beforehand.
    """

    run: Callable
    gradients: Callable | None
    compiling: float = 0.0


def draw(T, B, D, H, dtype, seed=0):
    """Draw a problem, the same one for every contender."""
    rng, dtype = np.random.default_rng(seed), np.dtype(dtype)

    def normal(*shape):
        return rng.standard_normal(shape, dtype)

    params = init_params(D, H, rng, dtype=dtype)
    return Problem(params, normal(T, B, D), State(*normal(2, B, H)), normal(T, B, H))


def arrays(gradients):
    """Return the arrays of a `Gradients` by name."""
    return {
        **gradients.params._asdict(),
        "x": gradients.x,
        "state.h": gradients.state.h,
        "state.c": gradients.state.c,
    }


def distances(found: Gradients, expected: Gradients):
    """Return, for each array, the largest difference divided by the largest expected entry."""
    expected = arrays(expected)
    for name, array in arrays(found).items():
        if array.shape != expected[name].shape or array.dtype != expected[name].dtype:
            raise ValueError(f"{name}: {array.shape} {array.dtype} is not what was expected")
    return {
        name: float(abs(array - expected[name]).max() / abs(expected[name]).max())
        for name, array in arrays(found).items()
    }
