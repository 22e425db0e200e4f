"""One array of a gradient beside what the loss says: at entries, and along random directions."""

from dataclasses import dataclass

import numpy as np

from lstm_src.checks.gradients.entries import along, at_entries, bisect, index_of
from lstm_src.checks.gradients.probes import joined
from lstm_src.checks.gradients.slopes import COMPLEX
from lstm_src.checks.gradients.words import RIGHT, TELLING, UNKNOWN, WRONG, ZERO
from lstm_src.checks.gradients.zeros import rounding_of, settle_zero

DIRECTIONS = 4
"""Random directions for each array that is not checked entry by entry."""


@dataclass(frozen=True, eq=False)
class Claim:
    """One array of the gradient under test.

    ``paths`` are the names that hold it; several for one array under several names. ``tolerance``
    is how far a right gradient may be off, relative to its largest entry, and ``room`` how far each
    entry may be off besides: what its numbers cannot hold. ``eps`` is that of its precision.
    ``flipped`` holds the names under which it is transposed.
    """

    paths: tuple
    gradient: np.ndarray
    tolerance: float
    room: np.ndarray
    eps: float

    flipped: frozenset = frozenset()

    def moves(self, move):
        """Return the move of this array under all its names, of which some hold it transposed."""
        turned = move[::-1] if isinstance(move, tuple) else move.T
        return {path: turned if path in self.flipped else move for path in self.paths}


@dataclass(frozen=True, eq=False)
class Comparison:
    """One array: its gradient at some entries, beside what the loss says there.

    ``uncertain`` is how far what is expected may be off. ``error`` is relative to the largest
    entry, along a direction to the norm, and so is ``allowed``, which holds the tolerance and what
    is uncertain. ``kinks`` counts the entries that had to be looked at closer, for the loss is not
    smooth there; ``cut`` tells that the cap on evaluations ended a look, ``jumps`` that
    the loss jumps there.
    """

    shape: tuple
    indices: list
    found: np.ndarray
    expected: np.ndarray
    uncertain: np.ndarray
    directions: int
    kinks: int
    tolerance: float
    allowed: float
    error: float
    verdict: str
    cut: bool = False
    jumps: bool = False

    def worst(self):
        """Return the index that is most off, with what was found and expected there."""
        gap = np.abs(self.found - self.expected)
        k = int(np.argmax(np.where(np.isnan(gap), np.inf, gap)))
        return self.indices[k], float(self.found[k]), float(self.expected[k])


def compare(slopes, claim, share, rng):
    """Compare one array.

    Parameters
    ----------
    slopes : Slopes
        What the loss says.
    claim : Claim
        The gradient under test.
    share : int
        How many entries to check; the array is checked along directions if that is not all.
    rng : numpy.random.Generator
        Source of the sample and of the directions.

    Returns
    -------
    Comparison
    """
    gradient = claim.gradient
    complete = share >= gradient.size
    at = range(gradient.size) if complete else np.sort(rng.choice(gradient.size, share, False))
    indices = [index_of(k, gradient) for k in at]
    entries = at_entries(slopes, claim, indices)
    far = None
    if not complete:
        ways = [slopes.draw(claim.paths[0], rng) for _ in range(DIRECTIONS)]
        far = along(slopes, claim, ways)
        if far.confirmed and not entries.confirmed:
            indices.append(index_of(bisect(slopes, claim, rng), gradient))
            entries = joined(entries, at_entries(slopes, claim, indices[-1:]))
    return _judged(slopes, claim, indices, entries, far, rng)


def _judged(slopes, claim, indices, entries, far, rng):
    gradient, tolerance = claim.gradient, claim.tolerance
    probes = [entries] if far is None else [entries, far]
    nothing = not gradient.any() and not entries.expected.any()
    if not nothing and any(p.confirmed for p in probes) and slopes.method == COMPLEX:
        rounding = rounding_of(slopes, claim, entries, rng)
        entries.room = np.fmax(entries.room, rounding - tolerance * entries.norms())
        entries.confirmed = bool(entries.off(tolerance).size)
        if far is not None:
            far.room = np.fmax(
                far.room, rounding * np.sqrt(gradient.size) - tolerance * far.norms()
            )
            far.confirmed = bool(far.off(tolerance).size)
    error = max(p.relative(p.gaps()) for p in probes)
    allowed = max(p.relative(p.allowed(tolerance)) for p in probes)
    wide = max(p.relative(p.gaps() + p.room + p.uncertain) for p in probes)
    if any(p.confirmed for p in probes):
        verdict = WRONG
    elif any(p.off(tolerance).size for p in probes) or np.isnan(entries.expected).any():
        verdict = UNKNOWN
    elif nothing or allowed > TELLING:
        verdict = RIGHT if wide <= TELLING and not nothing else UNKNOWN
    else:
        verdict = RIGHT
    unfelt = slopes.method == COMPLEX and not entries.expected.any()
    if verdict == UNKNOWN or nothing or unfelt:
        zero = settle_zero(slopes, claim, entries, rng)
        verdict = zero if zero is not None else verdict
    return Comparison(
        gradient.shape,
        indices,
        entries.found,
        entries.expected,
        entries.uncertain,
        0 if far is None else len(far.moves),
        sum(p.kinks for p in probes),
        tolerance,
        allowed if np.isfinite(allowed) and allowed and verdict != ZERO else tolerance,
        0.0 if verdict == ZERO else error,
        verdict,
        any(p.cut for p in probes),
        any(p.jumps for p in probes),
    )
