"""What every framework is given, what the package makes of it, and the distance between two."""

from typing import NamedTuple

import numpy as np

import lstm_src
from benchmarks.problem import draw
from lstm_src import Params, State
from lstm_src.checks import relative_errors

OUTPUTS = ("h", "h_T", "c_T")
GRADIENTS = ("W_x", "W_h", "b", "x", "h_0", "c_0")
BOUND = 1e-12  # a thousand times what rounding leaves in float64, far less than any mistake
SHAPES = [  # T, B, D, H: each of them 1 once, all of them 1, and a long sequence
    (1, 3, 4, 2),
    (6, 1, 3, 5),
    (5, 4, 1, 3),
    (7, 3, 4, 1),
    (1, 1, 1, 1),
    (6, 3, 4, 5),
    (100, 4, 3, 8),
]


class Case(NamedTuple):
    """A layer, what enters it, and cotangents of every step's h and of the final state."""

    params: Params
    x: np.ndarray
    state: State
    dh: np.ndarray
    dstate: State


def case_of(shape, seed=0):
    """Draw a case in float64; every bias differs from zero."""
    params, x, state, dh = draw(*shape, "float64", seed)
    rng = np.random.default_rng(seed + 1)
    params = params._replace(b=rng.standard_normal(params.b.shape))
    return Case(params, x, state, dh, State(*rng.standard_normal((2, *state.h.shape))))


def named(h, state, params, x, start):
    """Return outputs and gradients by name."""
    outputs = dict(zip(OUTPUTS, (h, *state), strict=True))
    return outputs | dict(zip(GRADIENTS, (*params, x, *start), strict=True))


def ours(case, layer=lstm_src):
    """Return what the package's own passes give, by default the fast ones."""
    h, state, tape = layer.forward(case.params, case.x, case.state)
    return named(h, state, *layer.backward(case.params, tape, case.dh, case.dstate))


def distances(found, expected):
    """Return, for each array found, the largest difference over the largest entry."""
    return {name: relative_errors(array, expected[name])["array"] for name, array in found.items()}
