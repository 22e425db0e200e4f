"""Random layers, inputs and cotangents that the tests share."""

from typing import NamedTuple

import numpy as np

from lstm_src import Forward, Params, State, backward, forward, init_params
from lstm_src.checks.trees import tree_leaves, tree_map

SHAPES = [(1, 1, 1, 1), (1, 2, 3, 4), (2, 3, 2, 1), (3, 2, 4, 3), (7, 1, 2, 5)]  # (T, B, D, H)


class Example(NamedTuple):
    """A layer with what enters it, forward (params, x, state) and backward (dh, dstate)."""

    params: Params
    x: np.ndarray
    state: State
    dh: np.ndarray
    dstate: State

    @property
    def inputs(self):
        return self.params, self.x, self.state

    @property
    def cotangents(self):
        return self.dh, self.dstate

    def forward(self) -> Forward:
        return forward(*self.inputs)

    def pullback(self, tape=None):
        """Return the function that takes ``(dh, dstate)`` back through one fixed forward pass."""
        tape = self.forward().tape if tape is None else tape
        return lambda cotangents: backward(self.params, tape, *cotangents)

    def gradients(self):
        return self.pullback()(self.cotangents)


def example(T, B, D, H, *, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return rng.standard_normal(shape).astype(dtype)

    params = init_params(D, H, rng, dtype=dtype)
    return Example(
        params, normal(T, B, D), State(*normal(2, B, H)), normal(T, B, H), State(*normal(2, B, H))
    )


def cast(tree, convert):
    """Return ``tree`` with ``convert`` applied to every array, or every array cast to a dtype."""
    return tree_map(
        convert
        if callable(convert) and not isinstance(convert, type)
        else lambda a: a.astype(convert),
        tree,
    )


def assert_same_bits(actual, expected):
    for a, e in zip(tree_leaves(actual), tree_leaves(expected), strict=True):
        np.testing.assert_array_equal(a, e, strict=True)
