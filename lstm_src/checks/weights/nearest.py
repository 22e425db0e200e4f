"""Where no mean has the weights: which one comes next, and which terms are the exceptions."""

from dataclasses import replace

import numpy as np

from lstm_src.checks.weights.alike import directions
from lstm_src.checks.weights.means import means_of
from lstm_src.checks.weights.naming import NONE, Naming, best_of, factors_of
from lstm_src.checks.weights.told import ROOM, factor_of

MOST = 0.6
"""Share of the terms that have to fit, with the factor 1, for the others to be exceptions."""

FEW, TIMES = 0.1, (2, 3)
"""Up to such a share of the terms may be exceptions by themselves, or counted so many times."""

ABOUT = 0.05
"""Weights that are as close to a mean as this are said to be near it."""


def nearest(fit, groups, labels, told, kind, meant):
    """Return the `Naming` of weights that are those of no mean.

    One is near only if most terms have its weights with the factor 1, and the others are few, or
    whole groups, or weigh nothing; if all terms but those that weigh nothing have the weights of a
    mean over them; or if a few were counted 2 or 3 times, and all divided by that count.

    Parameters
    ----------
    fit : Fit
    groups : list of list of Mean
        Of equal weights.
    labels : Labels
    told : ndarray of bool, shape (K,)
    kind : str
        The precision of the gradients.
    meant : Mean or None
    """
    weights, margins = fit.weights()
    read = told & np.isfinite(weights)
    gone = read & (weights == 0)
    fitting = [(g, one) for g in groups if (one := _fits(g, weights, margins, read, kind))]
    whole = tuple(
        _times(g, factor, fit, kind, meant) for g, (factor, fits) in fitting if fits.all()
    )
    about, off = near(fit, groups, told, kind, meant)
    if whole:  # what is known of single terms is no exception from it
        if hidden(fit, told).any():
            about, off = whole, 0.0
        return Naming(NONE, told=told, about=about, off=off)
    tried = [one for g in groups if (one := _but_for(g, weights, margins, read, fit, kind, meant))]
    exact = [
        one for one in tried if abs(one[2] - 1) <= one[3] and _apart(one[4], labels, weights, read)
    ]
    if not exact and gone.any() and (over := _over_others(fit, labels, gone, kind, meant)):
        mean, times = over
        return Naming(NONE, told=told, nearest=mean, exceptions=gone, times=times, gone=True)
    twice = [one for one in tried if _counted_again(one, weights, read)]
    best = _only(exact, meant) or _only(twice, meant)
    if best is not None:
        _, mean, times, _, exceptions = best
        return Naming(NONE, told=told, nearest=mean, exceptions=exceptions, times=times)
    return Naming(NONE, told=told, about=about, off=off)


def hidden(fit, told):
    """Return the terms (K,) that bring something to the gradient, but whose weight is not read."""
    return (fit.members >= 0) & ~(told & np.isfinite(fit.weights()[0]))


def _but_for(group, weights, margins, read, fit, kind, meant):
    """Return how many terms fit, the mean, its factor, how well that is known, the exceptions."""
    if (found := _fits(group, weights, margins, read, kind)) is None:
        return None
    factor, fits = found[0], read & found[1]
    expected = group[0].weights
    weighed = read & (expected != 0)
    if (fits & weighed).sum() < max(3, MOST * read.sum()) or fits[read].all():
        return None
    close = ROOM[kind] + float(np.median(margins[weighed] / abs(factor * expected[weighed])))
    factors = factors_of(group, factor, fit.members >= 0)
    mean = best_of(group, factors, meant, close)
    return int(fits.sum()), mean, factors[mean.name], close, read & ~fits


def _fits(group, weights, margins, read, kind):
    """Return the factor of most terms, and which (K,) fit with it or are not read; or None."""
    expected = group[0].weights
    weighed = read & (expected != 0)
    if weighed.sum() < 3:
        return None
    factor = float(np.median(weights[weighed] / expected[weighed]))
    if not factor:
        return None
    top = abs(factor) * np.sqrt(expected @ expected / len(expected))
    room = ROOM[kind] * np.maximum(abs(factor * expected), top)
    return factor, ~read | (abs(weights - factor * expected) <= margins + room)


def _only(tried, meant):
    """Return the one that most terms fit, or of two as good the one that was meant, or None."""
    most = max((one[0] for one in tried), default=0)
    best = [one for one in tried if one[0] == most]
    return next((one for one in best if len(best) == 1 or one[1] is meant), None)


def _apart(exceptions, labels, weights, read):
    """Tell whether exceptions are few, or whole groups, or weigh nothing: no matter of chance."""
    if exceptions.sum() <= FEW * read.sum() or not weights[exceptions].any():
        return True
    return any(
        not np.isin(codes[read & ~exceptions], codes[exceptions]).any()
        for codes in labels.codes.values()
    )


def _counted_again(one, weights, read):
    _, mean, times, close, exceptions = one
    expected = times * mean.weights[exceptions]
    if not expected.all() or exceptions.sum() > FEW * read.sum():
        return False
    ratios = weights[exceptions] / expected
    again = (np.rint(ratios) - 1) @ mean.weights[exceptions]
    whole = np.isin(np.rint(ratios), TIMES) & (abs(ratios - np.rint(ratios)) <= max(close, 1e-3))
    return whole.all() and abs(times * (1 + again) - 1) <= max(close, 1e-6)


def _over_others(fit, labels, gone, kind, meant):
    """Return the mean over all terms but those that weigh nothing, and its factor, or None."""
    others = replace(labels, padding=labels.padding | gone)
    if (~others.padding).sum() < 3:
        return None
    seen = fit.members >= 0
    fitting = [
        (group, factor)
        for group in directions(means_of(others, {}), seen)
        if (factor := factor_of(fit, group[0].weights, ROOM[kind])) is not None
    ]
    if len(fitting) != 1:
        return None
    group, factor = fitting[0]
    factors = factors_of(group, factor, seen)
    mean = best_of(group, factors, meant, max(ROOM[kind], 1e-6))
    return mean, factors[mean.name]


def _times(group, factor, fit, kind, meant, close=0.0):
    """Return the name of a mean of a group, with the factor of its own if that is not 1."""
    factors = factors_of(group, factor, fit.members >= 0)
    close = max(close, ROOM[kind], 1e-4)
    mean = best_of(group, factors, meant, close)
    times = factors[mean.name]
    return mean.name if abs(times - 1) <= close else f"{mean.name} times {times:.4g}"


def near(fit, groups, told, kind, meant=None):
    """Return the means that all weights are near, with their factors, and to within which share."""
    weights, _ = fit.weights()
    read, found = told & np.isfinite(weights), []
    for group in groups:
        expected = group[0].weights
        weighed = read & (expected != 0)
        if weights[read & ~weighed].any() or weighed.sum() < 3:
            continue
        ratios = weights[weighed] / expected[weighed]
        middle = np.median(ratios)
        off = float(abs(ratios / middle - 1).max()) if middle else np.inf
        if off <= ABOUT:
            found.append((off, _times(group, middle, fit, kind, meant, off)))
    return tuple(name for _, name in sorted(found)), min(found, default=(0.0, ""))[0]
