"""Whether a gradient is zero but for rounding: by what the loss does, not by other arrays' size."""

import numpy as np

from lstm_src.checks.gradients.probes import LOOK, NotAnalytic
from lstm_src.checks.gradients.slopes import COMPLEX
from lstm_src.checks.gradients.words import UNKNOWN, WRONG, ZERO
from lstm_src.checks.precision import PRECISIONS

DRAWS = 4
"""How often all parameters are moved by their last digits."""

ROUNDINGS = 8
"""How many times what that changes may be rounding: sums have their terms in another order."""

VISIBLE = 64
"""How many times its noise a change of the loss must be to be missed."""

FAR = 1.0, 1e3, 1e6
"""Moves, relative to the size of the array, that a loss must feel if it reads the array at all."""


def rounding_of(slopes, claim, probe, rng):
    """Return how far a right gradient may be off because its sum cancels, or is badly conditioned.

    The slopes themselves tell, by complex step: all parameters are moved by their last digits, and
    what that changes is multiplied by how much coarser the gradient's own precision is.
    """
    ratio = max(1.0, claim.eps / PRECISIONS["float64"])
    return ROUNDINGS * _shaken(slopes, probe, rng) * ratio


def settle_zero(slopes, claim, probe, rng):
    """Return the verdict on an array in which nothing but zeros, or what may be that, was seen.

    Parameters
    ----------
    slopes : Slopes
    claim : Claim
    probe : Probe
        Its entries.
    rng : numpy.random.Generator

    Returns
    -------
    str or None
        None where the entries do not look like zeros.
    """
    found = float(np.abs(claim.gradient).max())
    expected = float(np.abs(probe.expected).max())
    value, size = abs(float(slopes.value)), slopes.sizes[claim.paths[0]]
    if slopes.method == COMPLEX:
        if found == expected == 0:
            _confirm_flat(slopes, claim, rng)
            return ZERO
        noise = _shaken(slopes, probe, rng)
        ratio = max(1.0, claim.eps / PRECISIONS["float64"])
        if noise and expected <= ROUNDINGS * noise and found <= ROUNDINGS * noise * ratio:
            return ZERO
        if expected or found > 8 * claim.eps * value / size:
            return None
        return UNKNOWN if _unread(slopes, claim, rng) else ZERO
    if not (np.abs(probe.expected) <= probe.uncertain + claim.eps * found).all():
        return None
    if _unread(slopes, claim, rng):
        if not found:
            return ZERO
        return WRONG if _would_show(slopes, {claim.paths[0]: claim.gradient}) else UNKNOWN
    exact = PRECISIONS[slopes.kind] <= PRECISIONS["float64"]
    if exact and found <= slopes.noise / size and _flat(slopes, claim, rng):
        return ZERO
    return UNKNOWN


def _shaken(slopes, probe, rng):
    """Return how much a complex slope changes when all parameters move by their last digits."""
    k = int(np.argmax(probe.gaps()))
    here, changed = probe.expected[k], [0.0]
    for _ in range(DRAWS):
        arrays = {}
        for path, array in slopes.arrays.items():
            eps = array.dtype.type(np.finfo(array.dtype).eps)
            signs = rng.integers(-1, 2, array.shape).astype(array.dtype)
            arrays[path] = np.asarray(array * (1 + eps * signs))
        changed.append(abs(slopes.complex(probe.moves[k], arrays)[0] - here))
    return max(changed)


def without_slope(slopes, checked, gradients, rng):
    """Return the arrays that have a gradient while the loss has no slope.

    Parameters
    ----------
    slopes : Slopes
    checked : dict of str to Comparison
    gradients : dict of str to ndarray
        The gradient under test.
    rng : numpy.random.Generator

    Returns
    -------
    unread : tuple of str
        The loss does not read them.
    stairs : tuple of str
        It does, and changes when they are moved far.
    """
    names = [p for p, c in checked.items() if c.verdict in {WRONG, UNKNOWN} and c.found.any()]
    names = [p for p in names if not checked[p].expected.any()]
    if not _would_show(slopes, {p: gradients[p] for p in names}):
        return (), ()
    moves = {p: slopes.draw(p, rng) for p in names}
    if not names or _same(slopes, moves):
        return tuple(names), ()
    return (), tuple(names)


def _confirm_flat(slopes, claim, rng):
    """Look whether differences show a slope where the complex step shows none.

    Raises
    ------
    NotAnalytic
        If they do.
    """
    if slopes.loss.left() < LOOK or _unread(slopes, claim, rng):
        return
    try:
        slope = slopes.closer(claim.moves(slopes.draw(claim.paths[0], rng)))
    except Exception:  # no differences: the complex step decides
        return
    if not slope.kink and abs(slope.value) > 8 * slope.uncertain:
        raise NotAnalytic(f"along a direction of {claim.paths[0]}")


def _would_show(slopes, gradients):
    """Tell whether a move of its own size along a gradient would change the loss visibly."""
    change = sum(float(np.abs(g).max()) * slopes.sizes[p] for p, g in gradients.items())
    return change > VISIBLE * max(slopes.noise, PRECISIONS[slopes.kind] * abs(float(slopes.value)))


def _unread(slopes, claim, rng):
    """Tell whether the loss is the same to the last bit however far the array is moved."""
    return _same(slopes, claim.moves(slopes.draw(claim.paths[0], rng)))


def _same(slopes, moves):
    line = slopes.line(moves)
    return all(line(sign * far) == float(slopes.value) for far in FAR for sign in (-1, 1))


def _flat(slopes, claim, rng):
    """Tell whether moves as large as the array, and larger, change the loss by no more than noise.

    A loss with a slope would change by the slope times the move.
    """
    for _ in range(2):
        line = slopes.line(claim.moves(slopes.draw(claim.paths[0], rng)))
        for far in (1 / 32, 1.0, 4.0, 64.0):
            for sign in (-1, 1):
                change = abs(line(sign * far) - float(slopes.value))
                if not change <= (2 + 4 * far) * slopes.noise:
                    return False
    return True
