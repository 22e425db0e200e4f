"""Weights that are one mean but for a factor of each label's own: of a loss, or a class."""

from dataclasses import replace

import numpy as np

from lstm_src.checks.weights.alike import directions
from lstm_src.checks.weights.labels import LABELS
from lstm_src.checks.weights.means import GIVEN, SUM, Mean, taken_in
from lstm_src.checks.weights.naming import NAMED, UNKNOWN, Naming
from lstm_src.checks.weights.own import PLURALS
from lstm_src.checks.weights.told import ROOM, typical

CONSTANT = (SUM, "batch mean", "Dr. GRPO")
"""Means that are a token mean times a constant, which within a group is no other one."""

GROUPS = ("micro_batch", "worker", "window", "sequence", "step")
"""Labels whose groups may have factors of their own, though these make no mean."""


def by_label(fit, groups, labels, key, told, kind):
    """Return the `Naming` of weights that are one mean, with a factor for each label; or None.

    Parameters
    ----------
    fit : Fit
    groups : list of list of Mean
    labels : Labels
    key : str
        Of which labels.
    told : ndarray of bool, shape (K,)
    kind : str
        The precision of the gradients.
    """
    codes = labels.codes.get(key)
    if codes is None or codes.max() == 0 or (key == "class" and labels.class_weight is not None):
        return None
    count = codes.max() + 1
    found = []
    for group in directions(_each_to_one(groups, key, codes), fit.members >= 0):
        parts = [group[0].weights * (codes == c) for c in range(count)]
        expected = np.stack([fit.told(part) for part in parts], axis=1)
        if told.sum() < count + 2 or not expected.any(axis=0).all():
            continue
        scale = 1 / np.maximum(fit.margins, 1e-300)
        scale = scale / scale.max()
        factors = np.linalg.lstsq(scale[:, None] * expected, scale * fit.sums, rcond=None)[0]
        wanted = expected @ factors
        each = (expected * factors).T
        room = sum(_sizes(fit, part, codes == c) for c, part in enumerate(each)) * ROOM[kind]
        if (abs(fit.sums - wanted) <= fit.margins + room).all():
            found.append((group, factors))
    found = _merged(found, codes, fit.members >= 0)
    if len(found) > 1:
        return Naming(UNKNOWN, rivals=tuple(tuple(g) for g, _ in found), told=told, free=key)
    if not found:
        return None
    group, factors = found[0]
    mean, *others = (
        Mean(m.name + _words(m, key, labels), m.weights, m.depth + 1) for m in simple(group)
    )
    by_name = dict(zip(labels.names[key], factors.tolist(), strict=True))
    alone = taken_in(group[0], key, labels) if key == "loss" else None
    sums = np.ones(count) if alone is None else np.bincount(codes, alone)
    sizes = dict(zip(labels.names[key], sums.tolist(), strict=True))
    alike = tuple(m.name for m in others)
    return Naming(NAMED, mean, alike, told=told, free=key, factors=by_name, sizes=sizes)


def within(naming, fit, groups, labels, kind):
    """Return the naming of weights that are no mean, but one within each group of some labels.

    Parameters
    ----------
    naming : Naming
        Returned as it is where there is no such mean.
    fit, groups, labels, kind
        As for `by_label`.
    """
    keys = [key for key in GROUPS if key in labels.codes]
    for key in sorted(keys, key=lambda key: labels.codes[key].max()):
        found = by_label(fit, groups, labels, key, naming.told, kind)
        if found is not None and found.status == NAMED:
            return replace(naming, free=key, factors=found.factors, within=found.mean.name)
    return naming


def _sizes(fit, part, own):
    """Return against which sizes what one label brings is held: its own, where it has terms."""
    sizes = np.maximum(abs(part), typical(part))
    if fit.projector is None:
        sizes[~np.isin(np.arange(len(sizes)), fit.members[own])] = 0.0
    return sizes


def _words(mean, key, labels):
    """Return what is added to the name of a mean that is taken with a factor for each label."""
    if key == "class":
        return ", weighted by class"
    words = f" within each {LABELS[key]}"
    if mean.name == GIVEN or (alone := taken_in(mean, key, labels)) is None:
        return words
    codes = labels.codes[key]
    totals = np.bincount(codes, alone)
    alone = alone / np.where(totals, totals, 1.0)[codes]
    if np.allclose(alone, mean.weights, rtol=1e-9, atol=0):
        return words
    return f", counted over all {PLURALS.get(key, LABELS[key] + 's')},{words}"


def _merged(found, codes, seen):
    """Return groups with their factors, those in one that are the same within each label."""
    merged = []
    for group, factors in found:
        one = _seen_as_one(group[0].weights, codes, seen)
        for other, _ in merged:
            if np.allclose(one, _seen_as_one(other[0].weights, codes, seen), rtol=1e-9, atol=0):
                other.extend(group)
                break
        else:
            merged.append((list(group), factors))
    return merged


def _seen_as_one(weights, codes, seen):
    totals = np.bincount(codes, weights * seen)
    return weights * seen / np.where(totals, totals, 1.0)[codes]


def simple(group):
    """Return the means of a group that are told: the first, and others that are as simple."""
    first, *others = group
    return [first, *(m for m in others if m.depth <= max(1, first.depth) and m.name != GIVEN)]


def _each_to_one(groups, key, codes):
    """Return the means with weights that add up to 1 in each label."""
    for mean in (m for group in groups for m in group if key not in m.keys):
        if mean.name in CONSTANT or mean.name.startswith(f"{SUM},"):
            continue
        totals = np.bincount(codes, mean.weights)
        if totals.all():
            yield replace(mean, weights=mean.weights / totals[codes])
