"""Which means have the weights that were read, and which the data cannot tell apart."""

import numpy as np

from lstm_src.checks.weights.alike import directions
from lstm_src.checks.weights.by_loss import each_its_own
from lstm_src.checks.weights.labelled import by_label, within
from lstm_src.checks.weights.naming import NAMED, UNKNOWN, Naming, best_of, factors_of
from lstm_src.checks.weights.nearest import near, nearest
from lstm_src.checks.weights.solve import FEW
from lstm_src.checks.weights.told import ROOM, SHARP, factor_of, told_terms, typical


def name_weights(fit, means, labels, kind, meant=None):
    """Return the `Naming` of the weights that were read.

    Parameters
    ----------
    fit : Fit
    means : tuple of Mean
        The simplest first.
    labels : Labels
    kind : str
        The precision of the gradients.
    meant : Mean, optional
        What was meant.
    """
    if not fit.sums.any():
        return Naming(UNKNOWN)
    told = told_terms(fit, labels, kind)
    groups = directions(means, fit.members >= 0)
    fitting = [
        (g, f) for g in groups if (f := factor_of(fit, g[0].weights, ROOM[kind])) is not None
    ]
    if told is None or len(fitting) > 1:
        return Naming(UNKNOWN, rivals=tuple(tuple(g) for g, _ in fitting), told=told)
    if fitting:
        return _named(*fitting[0], fit, labels, kind, meant)
    if fit.unexplained or fit.spare < FEW:  # a part that is no weighting would not be seen
        about, off = near(fit, groups, told, kind, meant)
        return Naming(UNKNOWN, told=told, about=about, off=off)
    for key in ("loss", "class"):
        naming = by_label(fit, groups, labels, key, told, kind)
        if naming is not None:
            return naming
    apart = each_its_own(fit, groups, labels, told, kind)
    if apart is not None:
        return apart
    found = nearest(fit, groups, labels, told, kind, meant)
    return found if found.nearest else within(found, fit, groups, labels, kind)


def _named(group, factor, fit, labels, kind, meant):
    expected = factor * fit.told(group[0].weights)
    told = told_terms(fit, labels, kind, expected)
    if told is None:
        return Naming(UNKNOWN, rivals=(tuple(group),))
    precision, sharp = _precision(fit, expected, kind)
    if fit.unexplained:  # what is left over may look like a part of the factor
        precision = max(precision, fit.residual)
    if precision > SHARP:
        return Naming(UNKNOWN, told=told)
    factors = factors_of(group, factor, fit.members >= 0)
    mean = best_of(group, factors, meant, max(precision, 1e-6))
    alike = tuple(
        m.name
        for m in group
        if m is not mean
        and np.isclose(
            factors[m.name], factors[mean.name], rtol=max(m.close, mean.close, 1e-9), atol=0
        )
        and m.depth <= max(1, mean.depth)
    )
    return Naming(
        NAMED,
        mean,
        alike,
        factor=factors[mean.name],
        precision=precision,
        sharp=max(sharp, precision),
        told=told,
    )


def _precision(fit, expected, kind):
    """Return to within which share the common factor is known, and the weights that are told."""
    room = ROOM[kind] * typical(expected)  # is never held against a mean
    clear = np.maximum(fit.margins, room) <= SHARP * abs(expected)
    share = fit.margins[clear] / abs(expected[clear])
    common = float(1 / np.sqrt(np.sum(1 / np.maximum(share, 1e-15) ** 2)))
    sharp = (fit.margins[clear] + room) / abs(expected[clear])
    return max(common, ROOM[kind] / 10), float(sharp.max(initial=0.0))
