"""Which terms the data tell enough of, and by which factor weights fit."""

import numpy as np

SHARP = 0.1
"""A weight is told if its margin is at most this share of itself."""

ROOM = {"longdouble": 1e-6, "float64": 1e-6, "float32": 2e-5, "float16": 5e-3, "bfloat16": 2e-2}
"""Relative difference of weights that is never held against a mean, by precision.

A part of the code may have rounded its counts or masks to float32, whatever the gradients are in.
"""


def counted(fit, labels):
    """Return the terms (K,) that can weigh: all but padding whose gradient is zero."""
    return ~(labels.padding & (fit.members < 0))


def told_terms(fit, labels, kind, expected=None):
    """Return which terms (K,) the data tell of; None where they are too few to name a mean.

    The margins, and what is never held against a mean, are compared with what is expected; where
    that is 0, or not given, with what a term of this length usually brings.
    """
    room = np.maximum(fit.margins, ROOM[kind] * typical(fit.sums))
    if expected is None:
        expected = np.where(abs(fit.sums) > room / SHARP, fit.sums, 0.0)
    here = fit.members >= 0
    lengths = np.bincount(fit.members[here], abs(fit.lengths[here]), minlength=len(fit.sums))
    some = expected != 0
    usual = np.median(abs(expected[some]) / lengths[some]) * lengths if some.any() else 0 * lengths
    clear = room <= SHARP * np.where(some, abs(expected), usual)
    if fit.projector is not None:
        clear &= np.diag(fit.projector) > 1 - 1e-6
    told = np.zeros(len(labels), bool)
    told[here] = clear[fit.members[here]]
    can = counted(fit, labels)
    reached = all(
        (np.bincount(codes, told) > 0)[codes[can]].all() for codes in labels.codes.values()
    )
    enough = clear.sum() >= 2 and 2 * told.sum() >= can.sum()
    return told if enough and reached and some.any() else None


def allowed(fit, expected, room):
    """Return by how much sums may differ from what is expected."""
    return fit.margins + room * np.maximum(abs(expected), typical(expected))


def factor_of(fit, weights, room, at=None):
    """Return by which factor weights fit, in all directions or in those (C,) at True; or None."""
    at = np.ones(len(fit.sums), bool) if at is None else at
    expected = fit.told(weights)
    precise = 1 / np.maximum(fit.margins, 1e-300) ** 2 * at
    precise = precise / precise.max(initial=1e-300)
    square = float((precise * expected) @ expected)
    if not square > 0:
        return None
    factor = float((precise * expected) @ fit.sums) / square
    fits = abs(fit.sums - factor * expected) <= allowed(fit, factor * expected, room)
    return factor if fits[at].all() and factor else None


def typical(sums):
    """Return the root mean square of what the directions bring."""
    return float(np.sqrt(sums @ sums / max(len(sums), 1)))
