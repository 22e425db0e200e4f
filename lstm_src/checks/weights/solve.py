"""The weights by least squares: what the data tell of each, and what they cannot tell apart."""

import math
from dataclasses import replace

import numpy as np

from lstm_src.checks.weights.fits import Fit
from lstm_src.checks.weights.parallel import directions_of
from lstm_src.checks.weights.solvers import by_normal_equations, by_singular_values

WHOLE = 1500
"""Up to so many columns singular values are computed; beyond, the normal equations."""

FEW = 8
"""With fewer equations to spare than this, their scatter says nothing of the noise."""

SIGMAS, FLOOR = 5.0, 4.0
"""How many standard deviations are allowed, and the least noise, in last places."""

ALLOWED = {
    "longdouble": 1e-12,
    "float64": 1e-10,
    "float32": 5e-5,
    "float16": 2e-2,
    "bfloat16": 5e-2,
}
"""Share of an array that no weighting explains, up to which it is rounding, by precision."""


def fit(columns):
    """Solve for the weights.

    Parameters
    ----------
    columns : Columns

    Returns
    -------
    Fit
    """
    A, y, eps = columns.matrix, columns.target, columns.terms_eps
    norms = np.sqrt(np.einsum("ij,ij->j", A, A))
    members, signs, firsts = directions_of(A, norms, eps)
    lengths = norms * signs
    unit = A[:, firsts] / norms[firsts]
    count = len(firsts)
    rows = np.count_nonzero(unit.any(axis=1))
    solver = by_singular_values if count <= WHOLE else by_normal_equations
    sums, spread, projector, condition, rank, rest = solver(unit, y, eps)
    spare = rows - rank
    rough = _rough(unit, sums, FLOOR * columns.eps if spare >= FEW else ALLOWED[columns.kind])
    shares, unexplained, residual = _residual(columns, rest, sums, unit)
    seen = unit.any(axis=1)
    noise = np.sqrt(rest[seen] @ rest[seen] / spare) if spare >= FEW else 0.0
    enough = SIGMAS * (1 + 12 / max(spare, FEW))
    margins = enough * np.maximum(spread(rest), np.maximum(noise, rough) * spread(None))
    if count:
        margins += 16 * np.finfo(float).eps * condition * np.sqrt(sums @ sums / max(count, 1))
    return Fit(
        members,
        lengths,
        sums,
        margins,
        projector,
        condition,
        residual,
        shares,
        unexplained,
        spare,
        rank,
    )


def fit_all(columns):
    """Solve for the weights, with the least ``residual`` that any weights leave.

    `fit` scales arrays to one size. Of the gradient's length it may leave more than other weights.
    """
    found = fit(columns)
    if not found.unexplained or not columns.length:
        return found
    top = max(columns.scales.values())
    scale = np.ones(len(columns.target))
    for path, rows in columns.slices.items():
        scale[rows] = columns.scales[path] / top
    matrix = scale[:, None] * columns.matrix
    norms = np.sqrt(np.einsum("ij,ij->j", matrix, matrix))
    unit = matrix[:, norms > 0] / norms[norms > 0]
    solver = by_singular_values if unit.shape[1] <= WHOLE else by_normal_equations
    *_, rest = solver(unit, scale * columns.target, columns.terms_eps)
    least = float(np.sqrt(rest @ rest)) * (top / columns.length)
    return replace(found, residual=min(found.residual, least))


def _rough(unit, sums, share):
    """Return the noise of an equation, as a share of what the terms bring to it."""
    return share * float(np.sqrt(sums @ sums / max(len(unit), 1)))


def _residual(columns, rest, sums, unit):
    """Return each array's unexplained share, the arrays with more than rounding, and the whole."""
    shares, lengths, sizes = {}, {}, {}
    for path, rows in columns.slices.items():
        parts = unit[rows] ** 2 @ sums**2  # what the terms bring, before they cancel
        whole = np.sqrt(max(float(parts.sum()), float(columns.target[rows] @ columns.target[rows])))
        left = float(np.sqrt(rest[rows] @ rest[rows]))
        lengths[path], sizes[path] = left * columns.scales[path], whole * columns.scales[path]
        shares[path] = left / whole if whole else 0.0
    least = 64 * columns.eps * max(sizes.values(), default=0.0)
    unexplained = tuple(
        path
        for path, share in shares.items()
        if share > ALLOWED[columns.kind] and lengths[path] > least
    )
    if not columns.length:
        return shares, unexplained, 0.0
    return shares, unexplained, math.hypot(*(one / columns.length for one in lengths.values()))
