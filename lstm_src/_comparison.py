"""One array of a gradient beside what the loss says: at entries, and along random directions."""

from typing import NamedTuple

import numpy as np

from lstm_src._slopes import CENTRAL, COMPLEX, PRECISIONS, random_direction

TOLERANCES = {
    COMPLEX: {
        "longdouble": 1e-12,
        "float64": 1e-9,
        "float32": 1e-4,
        "float16": 5e-2,
        "bfloat16": 2e-1,
    },
    CENTRAL: {
        "longdouble": 1e-7,
        "float64": 1e-6,
        "float32": 2e-2,
        "float16": 2e-1,
        "bfloat16": 5e-1,
    },
}
"""How far a right gradient may be off, relative to the largest entry of its array.

The complex step adds no error of its own. Its rows leave room for the rounding of the backward pass
under test, where long sums lose digits: they hold for the dtype of the gradient, under either
method. Central differences keep about two thirds of the digits, fewer where the loss bends sharply:
their rows hold for the dtype in which the loss computes. The larger of both is allowed.
"""

DIRECTIONS = 4
"""Random directions for each array that is not checked entry by entry."""

RIGHT, ZERO, UNKNOWN, WRONG = "right", "zero", "too small to tell", "wrong"


class Comparison(NamedTuple):
    """One array: its gradient at some entries, beside what the loss says there.

    ``error`` is relative to the largest entry, along a direction to the norm; ``kinks`` counts the
    entries where the loss has no one slope and the gradient lies between its left and right one.
    """

    shape: tuple
    indices: list
    found: np.ndarray
    expected: np.ndarray
    noise: float
    directions: int
    kinks: int
    tolerance: float
    error: float
    verdict: str

    def worst(self):
        """Return the index that is most off, with what was found and expected there."""
        gap = np.abs(self.found - self.expected)
        k = int(np.argmax(np.where(np.isnan(gap), np.inf, gap)))
        return self.indices[k], float(self.found[k]), float(self.expected[k])


def compare(slopes, path, gradient, kind, largest, share, rng):
    """Compare one array.

    Parameters
    ----------
    slopes : Slopes
        What the loss says.
    path : str
        The array's name.
    gradient : ndarray
        The gradient under test.
    kind : str
        Its precision.
    largest : float
        The largest entry of all gradients: what is below its rounding counts as zero.
    share : int
        How many entries to check; the array is checked along directions if that is not all.
    rng : numpy.random.Generator
        Source of the sample and of the directions.

    Returns
    -------
    Comparison
    """
    tolerance = max(TOLERANCES[COMPLEX][kind], TOLERANCES[slopes.method][slopes.kind])
    complete = share >= gradient.size
    at = range(gradient.size) if complete else np.sort(rng.choice(gradient.size, share, False))
    indices = [tuple(map(int, np.unravel_index(k, gradient.shape))) for k in at]
    ways = (
        [] if complete else [random_direction(slopes.arrays[path], rng) for _ in range(DIRECTIONS)]
    )
    far = [_along(slopes, path, gradient, direction, tolerance) for direction in ways]
    measured = [slopes.along({path: index}) for index in indices]

    def entries():
        found = np.array([gradient[index] for index in indices], float)
        expected, noise = np.array(measured).T
        noise = noise + (np.finfo(kind).smallest_subnormal if kind == "float16" else 0)
        top = max(np.abs(gradient).max(), np.abs(expected).max())
        return found, expected, noise, np.abs(found - expected), float(top)

    found, expected, noise, gap, top = entries()
    if any(units > 1 for _, units, _ in far) and (gap <= tolerance * top + noise).all():
        indices.append(_bisect(slopes, path, gradient, tolerance, rng))
        measured.append(slopes.along({path: indices[-1]}))
        found, expected, noise, gap, top = entries()

    kinks, bad = 0, np.flatnonzero(~(gap <= tolerance * top + noise))
    for k in sorted(bad, key=lambda k: -gap[k]) if slopes.method == CENTRAL else ():
        slope = between_sides(slopes, {path: indices[k]}, found[k], expected[k], tolerance * top)
        if slope is None:
            break
        measured[k], kinks = (slope, noise[k]), kinks + 1
    found, expected, noise, gap, top = entries()

    errors = [float(gap.max() / top) if top else 0.0, *(error for error, *_ in far)]
    error = max(errors) if np.isfinite(errors).all() else np.inf
    rounding, own = (64 * largest * PRECISIONS[name] for name in (kind, slopes.kind))
    tiny = np.abs(gradient).max() <= rounding
    hidden = tiny and gradient.any() and (np.abs(expected) <= rounding + noise).all()
    unclear = (gap <= tolerance * top + noise).all() and all(units <= 1 for _, units, _ in far)
    if error <= tolerance:
        verdict = RIGHT
    elif tiny and (np.abs(expected) <= own + noise).all():
        verdict = ZERO
    else:
        verdict = UNKNOWN if hidden or unclear else WRONG
    return Comparison(
        gradient.shape,
        indices,
        found,
        expected,
        float(noise.max()),
        len(far),
        kinks,
        tolerance,
        error,
        verdict,
    )


def _along(slopes, path, gradient, direction, tolerance, shorter=1):
    """Return the error along a direction: relative to the norm, in units of what is allowed.

    The third number is how much of it may be noise.
    """
    slope, noise = slopes.along({path: direction}, shorter)
    share = gradient * direction
    norm = max(float(np.linalg.norm(share)), abs(slope))
    gap = abs(float(share.sum()) - slope)
    if not np.isfinite(gap):
        return np.inf, np.inf, noise
    error, units = (gap / norm, gap / (tolerance * norm + noise)) if norm else (0.0, 0.0)
    if units > 1 and shorter == 1 and slopes.method == CENTRAL:
        # A shorter step crosses fewer kinks. It counts if the gap would still stand out.
        again = _along(slopes, path, gradient, direction, tolerance, shorter=100)
        if again[1] <= 1 and again[2] <= gap / 2:
            return again
    return error, units, noise


def _bisect(slopes, path, gradient, tolerance, rng):
    """Follow what is wrong along directions down to one entry, halving where it may stand."""
    array, places = slopes.arrays[path], np.arange(gradient.size)
    while len(places) > 1:
        halves, off = np.array_split(places, 2), []
        for half in halves:
            where = np.zeros(gradient.size)
            where[half] = 1
            direction = random_direction(array, rng, where.reshape(gradient.shape))
            off.append(_along(slopes, path, gradient, direction, tolerance)[1])
        places = halves[int(np.argmax(off))]
    return tuple(map(int, np.unravel_index(places[0], gradient.shape)))


def between_sides(slopes, moves, found, expected, allowed):
    """Return the slope nearest to ``found`` if the loss bends here and ``found`` lies between.

    Where the loss is smooth, or ``found`` lies outside its slopes to the left and to the right,
    this is None.
    """
    left, right, noise = slopes.sides(moves)
    low, high = min(left, right), max(left, right)
    smooth = high - low <= allowed + noise and abs((low + high) / 2 - expected) <= allowed + noise
    inside = low - allowed - noise <= found <= high + allowed + noise
    return float(np.clip(found, low, high)) if inside and not smooth else None
