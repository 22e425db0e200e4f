"""What single checks notice by themselves: a test of scaling, a gradient check.

The question is put to those mutants that run through and silently give wrong numbers. NaN is not
silent.
"""

import numpy as np

from lstm_src import Gradients, Params, State
from lstm_src.checks import complex_step_gradient, relative_errors, tree_leaves

B, D, H = 2, 3, 2
SHIPPED_AS = 1e-9
"""Relative error up to which numbers are the same: far above rounding, far below any mutant."""


def inputs(T, seed=0):
    """Return a layer, its inputs and state, and cotangents of its hidden states."""
    normal = np.random.default_rng(seed).standard_normal
    params = Params(normal((D, 4 * H)), normal((H, 4 * H)), normal(4 * H))
    return (params, normal((T, B, D)), State(*normal((2, B, H)))), normal((T, B, H))


def results(lstm, T=4, scale=1):
    """Return outputs and gradients, the cotangents multiplied by ``scale``."""
    at, dh = inputs(T)
    h, state, tape = lstm.forward(*at)
    return (h, state), lstm.backward(at[0], tape, dh * scale)


def same(found, expected):
    """Whether two trees hold the same numbers but for rounding."""
    return max(relative_errors(found, expected).values()) <= SHIPPED_AS


def values(lstm, shipped):
    """Compare the forward pass with known values."""
    return same(results(lstm)[0], shipped[0])


def scaling(lstm, shipped):
    """Compare the gradients of scaled cotangents with scaled gradients, to the last bit."""
    pairs = zip(*(tree_leaves(results(lstm, scale=s)[1]) for s in (1 / 64, 1)), strict=True)
    return all(np.array_equal(now, whole / 64) for now, whole in pairs)


def gradient(lstm, T):
    """Compare the gradients with those of a complex step through the same forward pass."""
    at, dh = inputs(T)
    expected = complex_step_gradient(lambda at: (dh * lstm.forward(*at)[0]).sum(), at)
    return same(results(lstm, T)[1], Gradients(*expected))


CHECKS = {
    "scaling": scaling,
    "gradient at T = 1": lambda lstm, shipped: gradient(lstm, 1),
    "gradient at T = 4": lambda lstm, shipped: gradient(lstm, 4),
    "known values": values,
}


def passes(check, *arguments):
    """Whether a check is content; one that raises is not."""
    try:
        return check(*arguments)
    except Exception:
        return False


def noticed(lstm, shipped):
    """Return which checks notice a mutant, or None if it gives the right numbers, NaN or none."""
    try:
        found = results(lstm)
        finite = all(np.isfinite(array).all() for array in tree_leaves(found))
        silent = finite and not same(found, shipped)
    except Exception:
        return None
    wrong = {name for name, check in CHECKS.items() if not passes(check, lstm, shipped)}
    return frozenset(wrong) if silent else None
