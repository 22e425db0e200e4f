"""What the entries of a wrong array have in common, as far as they show it."""

from dataclasses import replace

import numpy as np

from lstm_src.checks.gradients.factors import bound_of, ratio_of, times

LEAST_CLIPPED = 2
"""So many entries of one size, the largest, look like a clip by value."""

SMALL = 0.05
"""Below this relative error, a narrow type or a term of little weight is likely."""


def pattern_of(path, c):
    """Return what is known of one array in a sentence, or None."""
    if is_transposed(c):
        return f"{path} is transposed: found[i, j] is expected[j, i]."
    if is_reordered(c):
        return (
            f"{path} holds all the right numbers in another order: a layout, such as the order of "
            "the gates or a transposed block."
        )
    if 0 < np.count_nonzero(off_entries(c)) < len(c.indices):
        return where_off(path, c)
    return None


def is_transposed(c):
    """Tell whether a square array is the expected one transposed."""
    n = c.shape[0] if c.shape else 0
    if c.shape != (n, n) or len(c.indices) != n * n:
        return False
    found, expected = c.found.reshape(n, n), c.expected.reshape(n, n)
    return bool(np.abs(found.T - expected).max() <= bound_of(c))


def is_reordered(c):
    """Tell whether an array, seen whole, holds what is expected at other places."""
    if len(c.indices) < int(np.prod(c.shape)) or len(c.indices) < 3 or not np.ptp(c.expected):
        return False
    return bool(np.abs(np.sort(c.found) - np.sort(c.expected)).max() <= bound_of(c))


def off_entries(c):
    """Return where more is off than is allowed."""
    return ~(np.abs(c.found - c.expected) <= bound_of(c))


def where_off(path, c):
    """Say which entries are off, along which axis they stand together, and by what factor.

    Return None where there is nothing of that to be said.
    """
    off = off_entries(c)
    whole = len(c.indices) == int(np.prod(c.shape))
    looked = "" if whole else " that were looked at"
    text = f"In {path}, {np.count_nonzero(off)} of {len(off)} entries{looked} are off"
    for axis, length in enumerate(c.shape) if whole else ():
        at = np.array([index[axis] for index in c.indices])
        among = sorted(set(at[off].tolist()))
        if len(among) < length and not set(among) & set(at[~off].tolist()):
            span = range(among[0], among[-1] + 1)
            if among == list(span):
                which = f"from {span[0]} to {span[-1]}" if len(span) > 1 else f"at {span[0]}"
                text += f", all those {which} along axis {axis}"
    part = {name: getattr(c, name)[off] for name in ("found", "expected", "uncertain")}
    ratio = ratio_of([replace(c, **part)])
    if ratio is not None:
        return f"{text}: {times(ratio)}."
    return f"{text}." if " along axis " in text else None


def clipped_value(c):
    """Return the bound at which several entries of an array stand, or None.

    The others must be what is expected, or one factor times it, and with that factor those at the
    bound must be expected beyond it.
    """
    sizes = np.abs(c.found)
    top = sizes.max()
    at = sizes == top
    others = np.abs(c.expected[~at]) @ np.abs(c.expected[~at])
    if not top or np.count_nonzero(at) < LEAST_CLIPPED or not others:
        return None
    ratio = float(c.found[~at] @ c.expected[~at] / others)
    off = np.abs(c.found - ratio * c.expected)
    allowed = 2 * bound_of(c) * max(1, abs(ratio))
    beyond = c.found[at] * ratio * c.expected[at] >= top * (top - allowed)
    if (off[~at] <= allowed).all() and beyond.all() and (off[at] > allowed).any():
        return float(top)
    return None
