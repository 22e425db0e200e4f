"""One array of a gradient beside what the loss says: at entries, and along random directions."""

from dataclasses import dataclass, replace

import numpy as np

from lstm_src.checks.gradients.slopes import CENTRAL, PRECISIONS, random_direction

DIRECTIONS = 4
"""Random directions for each array that is not checked entry by entry."""

RIGHT, ZERO, UNKNOWN, WRONG = "right", "zero", "not known", "wrong"


@dataclass(frozen=True, eq=False)
class Comparison:
    """One array: its gradient at some entries, beside what the loss says there.

    ``error`` is relative to the largest entry, along a direction to the norm; ``kinks`` counts the
    entries that had to be looked at closer, for the loss is not smooth there.
    """

    shape: tuple
    indices: list
    found: np.ndarray
    expected: np.ndarray
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


def compare(slopes, path, gradient, kind, tolerance, largest, share, rng):
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
    tolerance : float
        How far a right gradient may be off, relative to its largest entry.
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
    complete = share >= gradient.size
    at = range(gradient.size) if complete else np.sort(rng.choice(gradient.size, share, False))
    indices = [_index(k, gradient) for k in at]
    far = [
        _along(slopes, path, gradient, random_direction(slopes.arrays[path], rng), tolerance)
        for _ in range(0 if complete else DIRECTIONS)
    ]
    entries = _at_entries(slopes, path, gradient, kind, indices, tolerance)
    if any(way.units > 1 for way in far) and not entries.off().size:
        indices.append(_index(_bisect(slopes, path, gradient, tolerance, rng), gradient))
        entries = entries.with_one_more(
            _at_entries(slopes, path, gradient, kind, indices[-1:], tolerance)
        )
    kinks = 0
    if slopes.method == CENTRAL:
        kinks, entries = _without_kinks(slopes, path, indices, entries)

    errors = [entries.error(), *(way.error for way in far)]
    error = max(errors) if np.isfinite(errors).all() else np.inf
    unclear = not entries.off().size and all(way.units <= 1 for way in far)
    rounding, own = (64 * largest * PRECISIONS[name] for name in (kind, slopes.kind))
    expected, tiny = np.abs(entries.expected), np.abs(gradient).max() <= rounding
    hidden = tiny and gradient.any() and (expected <= rounding + entries.noise).all()
    if error <= tolerance:
        verdict = RIGHT if gradient.any() or expected.any() else ZERO
    elif tiny and (expected <= own + entries.noise).all():
        seen = [slopes.along({path: index}, 1 / 32) for index in indices]
        flat = all(abs(slope) <= own + noise for slope, noise in seen)
        verdict = ZERO if flat else UNKNOWN
    else:
        verdict = UNKNOWN if hidden or unclear else WRONG
    return Comparison(
        gradient.shape,
        indices,
        entries.found,
        entries.expected,
        len(far),
        kinks,
        tolerance,
        error,
        verdict,
    )


@dataclass(frozen=True, eq=False)
class _Entries:
    found: np.ndarray
    expected: np.ndarray
    noise: np.ndarray
    largest: float
    tolerance: float

    def top(self):
        return max(self.largest, float(np.abs(self.expected).max()))

    def gaps(self):
        return np.abs(self.found - self.expected)

    def error(self):
        return float(self.gaps().max() / self.top()) if self.top() else 0.0

    def off(self):
        """Return where more is off than is allowed, the largest gap first."""
        gaps = self.gaps()
        off = np.flatnonzero(~(gaps <= self.tolerance * self.top() + self.noise))
        return off[np.argsort(-gaps[off])]

    def with_one_more(self, other):
        parts = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("found", "expected", "noise")
        }
        return replace(self, **parts)


def _at_entries(slopes, path, gradient, kind, indices, tolerance):
    expected, noise = np.array([slopes.along({path: index}) for index in indices]).T
    if kind == "float16":  # smaller numbers do not exist in it
        noise = noise + np.finfo(kind).smallest_subnormal
    found = np.array([gradient[index] for index in indices], float)
    return _Entries(found, expected, noise, float(np.abs(gradient).max()), tolerance)


def _without_kinks(slopes, path, indices, entries):
    """Look closer at what is off: a step may have crossed a kink, or stand on it.

    Returns the number of kinks, and the entries with the slopes that were found there.
    """
    expected, noise, kinks = entries.expected.copy(), entries.noise.copy(), 0
    allowed, gaps = entries.tolerance * entries.top(), entries.gaps()
    for k in entries.off():
        moves, found = {path: indices[k]}, entries.found[k]
        for shorter in (4, 16, 64):
            slope, uncertain = slopes.along(moves, shorter)
            if uncertain <= gaps[k] / 2 and abs(found - slope) <= allowed + uncertain:
                break
        else:
            slope, uncertain = between_sides(slopes, moves, found, expected[k], allowed), noise[k]
        if slope is None:  # a mistake: no need to look further
            break
        expected[k], noise[k], kinks = slope, uncertain, kinks + 1
    return kinks, replace(entries, expected=expected, noise=noise)


@dataclass(frozen=True)
class _Along:
    error: float  # relative to the norm
    units: float  # relative to what is allowed
    noise: float


def _along(slopes, path, gradient, direction, tolerance, shorter=1):
    """Compare along a direction, in which every entry has its share."""
    slope, noise = slopes.along({path: direction}, shorter)
    share = gradient * direction
    norm = max(float(np.linalg.norm(share)), abs(slope))
    gap = abs(float(share.sum()) - slope)
    if not np.isfinite(gap):
        return _Along(np.inf, np.inf, noise)
    if not norm:
        return _Along(0.0, 0.0, noise)
    first = _Along(gap / norm, gap / (tolerance * norm + noise), noise)
    if first.units > 1 and shorter == 1 and slopes.method == CENTRAL:
        # A shorter step crosses fewer kinks. It counts if the gap would still stand out.
        again = _along(slopes, path, gradient, direction, tolerance, shorter=100)
        if again.units <= 1 and again.noise <= gap / 2:
            return again
    return first


def _bisect(slopes, path, gradient, tolerance, rng):
    """Follow what is wrong along directions down to one entry, halving where it may stand."""
    array, places = slopes.arrays[path], np.arange(gradient.size)
    while len(places) > 1:
        halves, off = np.array_split(places, 2), []
        for half in halves:
            where = np.zeros(gradient.size)
            where[half] = 1
            direction = random_direction(array, rng, where.reshape(gradient.shape))
            off.append(_along(slopes, path, gradient, direction, tolerance).units)
        places = halves[int(np.argmax(off))]
    return places[0]


def _index(place, array):
    return tuple(int(k) for k in np.unravel_index(place, array.shape))


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
