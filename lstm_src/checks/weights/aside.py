"""Set arrays aside that hold what no weighting explains, and read the weights off the others."""

from dataclasses import dataclass

import numpy as np

from lstm_src.checks.weights.solve import ALLOWED, FEW, Fit, fit

WORK = 2e9
"""Multiplications beyond which arrays are not set aside one by one."""


@dataclass(frozen=True, eq=False)
class Aside:
    """A fit of the other arrays, and for each array set aside its factor, or None if there is none.

    The factor is what all weights of the others are multiplied by in that array.
    """

    fit: Fit
    factors: dict

    @property
    def each(self):
        """Whether one array is left, and in all others the same weights stand, times a factor."""
        one = len(self.fit.shares) == 1 and len(self.factors) > 1
        return one and all(factor is not None for factor in self.factors.values())


def set_aside(columns, first, meant=()):
    """Return the `Aside` that leaves nothing unexplained, with as few arrays as it takes, or None.

    Parameters
    ----------
    columns : Columns
    first : Fit
        Of all arrays, with some unexplained.
    meant : tuple of str, optional
        The arrays that the meant weights explain.
    """
    kept = list(columns.slices)
    rows, count = columns.matrix.shape
    if len(kept) < 2 or rows * count**2 * len(kept) > WORK:
        return None
    if meant and not (found := fit(columns.only(meant))).unexplained and found.spare >= FEW:
        return _aside(columns, meant, found)
    found = first
    while found.unexplained and len(kept) > 1:
        tried = []
        for path in kept:
            others = [p for p in kept if p != path]
            one = fit(columns.only(others))
            if one.spare >= FEW and one.projector is None:
                worst = max(one.shares[p] for p in one.unexplained) if one.unexplained else 0.0
                tried.append((worst, -one.residual, others, one))
        if not tried:
            return None
        _, _, kept, found = min(tried, key=lambda each: each[:2])
    if found.unexplained:
        return None
    aside = _aside(columns, kept, found)
    borne_out = all(factor is not None for factor in aside.factors.values())
    return aside if borne_out or _ample(columns.only(kept), found) else None


def _aside(columns, kept, found):
    weights, _ = found.weights()
    others = [path for path in columns.slices if path not in kept]
    return Aside(found, {path: _factor(columns, path, weights) for path in others})


def explained_by(columns, weights):
    """Return the paths of the arrays that these weights of the terms explain, to rounding."""
    paths = []
    for path, rows in columns.slices.items():
        target, expected = columns.target[rows], columns.matrix[rows] @ weights
        left = target - expected
        if left @ left <= ALLOWED[columns.kind] ** 2 * max(target @ target, expected @ expected):
            paths.append(path)
    return tuple(paths)


def _ample(columns, found):
    """Tell whether arrays hold twice as many different equations as they have unknowns.

    With fewer, weights explain nearly any gradient; two biases of one sum are the same equations.
    """
    size = np.abs(columns.matrix).max(initial=0.0) or 1.0
    rows = np.unique(np.round(columns.matrix / size, 9), axis=0)
    return rows.any(axis=1).sum() >= 2 * found.rank


def _factor(columns, path, weights):
    """Return by which factor the weights explain an array, or None."""
    rows = columns.slices[path]
    told = np.isfinite(weights)
    expected = columns.matrix[rows][:, told] @ weights[told]
    target = columns.target[rows]
    square = float(expected @ expected)
    if not square or not told.all():
        return None
    factor = float(expected @ target) / square
    left = target - factor * expected
    fits = left @ left <= (ALLOWED[columns.kind] ** 2) * max(target @ target, square)
    return factor if fits else None
