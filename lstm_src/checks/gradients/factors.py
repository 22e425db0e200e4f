"""A constant factor between two gradients."""

import numpy as np

from lstm_src.checks.factors import told


def ratio_of(comparisons):
    """Return found / expected if it is the same for all entries, to within what is allowed."""
    found = np.concatenate([c.found for c in comparisons])
    expected = np.concatenate([c.expected for c in comparisons])
    bounds = np.concatenate([np.full(len(c.found), bound_of(c)) for c in comparisons])
    if not (np.isfinite(found).all() and np.isfinite(expected).all() and expected.any()):
        return None
    top = np.abs(expected).max()
    scaled = expected / top
    with np.errstate(over="ignore"):
        ratio = float((found / top) @ scaled / (scaled @ scaled))
    if not np.isfinite(ratio):
        return None
    allowed = 2 * bounds * max(1, abs(ratio))
    constant = (np.abs(found - ratio * expected) <= allowed).all()
    differs = (abs(ratio - 1) * np.abs(expected) > bounds).any()
    return ratio if constant and differs else None


def bound_of(c):
    """Return how far the entries of an array may be off, in its own units."""
    top = max(float(np.nanmax(np.abs(c.found))), float(np.nanmax(np.abs(c.expected))))
    uncertain = float(np.nanmax(c.uncertain)) if len(c.uncertain) else 0.0
    return c.tolerance * top + uncertain


def times(ratio):
    """Say how what was found compares with what is expected."""
    if not ratio:
        return "found is 0"
    if abs(ratio) >= 1 or ratio < 0:
        return f"found = {told(ratio, 4)} × expected"
    return f"found = expected / {told(1 / ratio, 4)}"
