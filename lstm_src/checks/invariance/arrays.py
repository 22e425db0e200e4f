"""Two gradients of one loss, array by array: the same, different, or too small to tell."""

from dataclasses import dataclass, replace

import numpy as np

SAME, DIFFERS, NOT_KNOWN = "same", "differs", "not known"

ROUNDINGS = 64
"""Roundings within which a number may be nothing but that."""

TELLING = 4
"""So many entries must agree on a factor near 1."""

CLEAR = 8
"""Of so many roundings such a factor is, at least."""


@dataclass(frozen=True)
class Comparison:
    """One array in two settings: the relative difference, and the one factor between them, or None.

    ``factor`` is 0 where only the second, and infinity where only the first is zero everywhere.
    ``difference`` is the largest difference of two entries over the largest entry of both;
    ``verdict`` is "same", "differs" or, where the array may be nothing but rounding, "not known".
    """

    difference: float
    factor: float | None
    verdict: str

    @property
    def same(self):
        """Whether the array is the same in both."""
        return self.verdict == SAME


def compared(first, other, rounding, tolerance):
    """Compare the arrays of two settings.

    Parameters
    ----------
    first, other : dict of str to ndarray
        With the same names and shapes.
    rounding : dict of str to float
        The machine epsilon of each.
    tolerance : float or None
        As for `lstm_src.checks.invariance.compare.compare_gradients`.

    Returns
    -------
    dict of str to Comparison
    """
    top = max(_size(array) for arrays in (first, other) for array in arrays.values())
    found = {
        name: _compare(first[name], array, rounding[name], tolerance, top)
        for name, array in other.items()
    }
    seen = [name for name, c in found.items() if c.verdict != NOT_KNOWN and first[name].any()]
    if tolerance is not None or not seen or any(found[name].verdict == DIFFERS for name in seen):
        return found
    units = [_size(first[name]) for name in seen]
    one, two = (
        np.concatenate(
            [arrays[n].astype(float).ravel() / u for n, u in zip(seen, units, strict=True)]
        )
        for arrays in (first, other)
    )
    eps = max(rounding[name] for name in seen)
    factor = _small_factor(one, two, eps)
    if factor is None:
        return found
    return found | {name: replace(found[name], factor=factor, verdict=DIFFERS) for name in seen}


def _compare(first, other, eps, tolerance, top):
    """Compare two arrays, of which the coarser has the rounding ``eps``."""
    allowed = float(np.sqrt(eps)) if tolerance is None else tolerance
    dtype = np.result_type(first, other, np.float64)
    first, other = first.astype(dtype), other.astype(dtype)
    sizes = [_size(first), _size(other)]
    largest = max(sizes)
    if not largest:
        return Comparison(0.0, 1.0, SAME)
    difference = float((abs(first / largest - other / largest)).max())
    factor = None if sizes[0] else np.inf
    if sizes[0]:
        unit = first / sizes[0]
        factor = float((unit * (other / sizes[0])).sum() / (unit * unit).sum())
        fits = abs(other - factor * first).max() <= max(allowed, float(np.sqrt(eps))) * sizes[1]
        factor = factor if fits else None
    if difference <= allowed:
        small = _small_factor(first / largest, other / largest, eps) if tolerance is None else None
        return Comparison(difference, small or factor, DIFFERS if small else SAME)
    rounding = tolerance is None and largest <= ROUNDINGS * eps * top
    return Comparison(difference, factor, NOT_KNOWN if rounding else DIFFERS)


def _small_factor(first, other, eps):
    """Return the factor near 1 between two arrays if it is one on all entries, or None.

    What rounding changes is no common factor: what is left without the factor is as large.
    """
    telling = abs(first) > 1e-3 * abs(first).max()
    if np.count_nonzero(telling) < TELLING:
        return None
    factor = float((first * other).sum() / (first * first).sum())
    left = float(abs(other - factor * first).max())
    off = abs(factor - 1)
    ratios = other[telling] / first[telling] - 1
    alike = (np.abs(ratios - (factor - 1)) <= off / 4).all()
    return factor if off > CLEAR * eps and left <= off / 16 and alike else None


def _size(array):
    return float(abs(array).max(initial=0))
