"""Many arrays in few evaluations: several move together, each by as much as it takes to be seen."""

import numpy as np

from lstm_src.checks.gradients.comparison import DIRECTIONS, Comparison, compare
from lstm_src.checks.gradients.entries import index_of
from lstm_src.checks.gradients.probes import probe_of
from lstm_src.checks.gradients.slopes import COMPLEX
from lstm_src.checks.gradients.words import RIGHT, TELLING, UNKNOWN, WRONG, ZERO

ROOM = 128
"""Evaluations that are left for what ends a check."""

SAMPLE, WORK = 64, 20_000_000
"""How many entries of an array that is not checked whole are looked at, and more while the entries
of all arrays, times that, are no more than this: each entry takes an evaluation of all."""


def compare_all(slopes, claims, most, rng):
    """Compare every array: one by one if that fits, otherwise in groups.

    Parameters
    ----------
    slopes : Slopes
    claims : dict of str to Claim
    most : int
        How many evaluations of the loss may be taken, but for closer looks.
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to Comparison
    """
    each = 1 if slopes.method == COMPLEX else 2
    total = sum(c.gradient.size for c in claims.values())
    share = most // (each * len(claims)) - DIRECTIONS
    if each * total <= most:
        share = total
    elif share >= 1 or len(claims) == 1:
        share = max(1, min(share, max(SAMPLE, WORK // total)))
    if share >= 1:
        return _one_by_one(slopes, claims, share, each, rng)
    sizes = {path: _contribution(slopes, c) for path, c in claims.items()}
    order = sorted(claims, key=sizes.get)  # alike beside alike
    count = max(1, most // (2 * each * DIRECTIONS))
    found, slopes.loss.reserved[0] = {}, count * each * DIRECTIONS
    for paths in np.array_split(np.array(order, object), count):
        slopes.loss.reserved[0] -= each * DIRECTIONS
        found |= _group(slopes, {path: claims[path] for path in paths}, rng)
    open_ones = [path for path in claims if found[path].verdict == UNKNOWN]
    for path in open_ones:  # one by one, as far as the evaluations go
        if slopes.loss.left() < ROOM:
            break
        found[path] = compare(slopes, claims[path], 1, rng)
    return {path: found[path] for path in claims}


def _one_by_one(slopes, claims, share, each, rng):
    planned = {
        p: each * (min(share, c.gradient.size) + DIRECTIONS * (share < c.gradient.size))
        for p, c in claims.items()
    }
    found, slopes.loss.reserved[0] = {}, sum(planned.values())
    for path, claim in claims.items():
        slopes.loss.reserved[0] -= planned[path]
        found[path] = compare(slopes, claim, share, rng)
    return found


def _contribution(slopes, claim):
    return float(np.linalg.norm(claim.gradient * slopes.arrays[claim.paths[0]])) or float(
        np.linalg.norm(claim.gradient)
    )


def _group(slopes, claims, rng):
    """Compare the arrays of a group along directions that move all of them."""
    moves, found, norms, room = [], [], [], []
    for _ in range(DIRECTIONS):
        ways = {p: slopes.draw(c.paths[0], rng) for p, c in claims.items()}
        sizes = {p: float(np.linalg.norm(c.gradient * ways[p])) for p, c in claims.items()}
        least = min((s for s in sizes.values() if s), default=1.0)
        for path, size in sizes.items():
            ways[path] *= least / size if size else 1.0
        moves.append({q: w for p, way in ways.items() for q, w in claims[p].moves(way).items()})
        shares = {p: c.gradient * ways[p] for p, c in claims.items()}
        found.append(sum(float(s.sum()) for s in shares.values()))
        norms.append(np.sqrt(sum(float((s**2).sum()) for s in shares.values())))
        room.append(np.sqrt(sum(float(((c.room * ways[p]) ** 2).sum()) for p, c in claims.items())))
    tolerance = max(c.tolerance for c in claims.values())
    probe = probe_of(slopes, moves, *map(np.array, (found, norms, room)), tolerance)
    return {p: _of_member(slopes, c, probe, tolerance) for p, c in claims.items()}


def _of_member(slopes, claim, probe, tolerance):
    error = probe.relative(probe.gaps())
    allowed = probe.relative(probe.allowed(tolerance))
    ratio = _common(probe, tolerance)
    k = index_of(int(np.argmax(np.abs(claim.gradient))), claim.gradient)
    value, verdict, expected = float(claim.gradient[k]), UNKNOWN, np.nan
    if not probe.off(tolerance).size:
        expected = value
        if claim.gradient.any() or probe.expected.any():
            verdict = RIGHT if allowed <= TELLING and claim.gradient.any() else UNKNOWN
        elif slopes.method == COMPLEX:
            verdict = ZERO
    elif ratio:
        verdict, expected = WRONG, value / ratio
    return Comparison(
        claim.gradient.shape,
        [k],
        np.array([value]),
        np.array([expected]),
        np.zeros(1),
        len(probe.moves),
        0,
        tolerance,
        float(allowed) if np.isfinite(allowed) and allowed else tolerance,
        float(error),
        verdict,
        cut=verdict == UNKNOWN and bool(probe.off(tolerance).size),
    )


def _common(probe, tolerance):
    """Return the one factor between what was found and what is expected, if there is one."""
    found, expected = probe.found, probe.expected
    if not np.isfinite(expected).all() or not expected.any():
        return None
    ratio = float(found @ expected / (expected @ expected))
    allowed = 2 * probe.allowed(tolerance) * max(1, abs(ratio))
    return ratio if (np.abs(found - ratio * expected) <= allowed).all() else None
