"""Weights of which each loss has a mean of its own kind, with a factor of its own."""

import numpy as np

from lstm_src.checks.weights.alike import directions
from lstm_src.checks.weights.labelled import simple
from lstm_src.checks.weights.means import Mean, inside_of
from lstm_src.checks.weights.naming import NAMED, Naming
from lstm_src.checks.weights.told import ROOM, factor_of

LEAST = 3
"""Directions that have to tell before a loss has a mean of its own."""


def each_its_own(fit, groups, labels, told, kind):
    """Return the `Naming` of weights of which each loss has a mean of its own; or None.

    Parameters
    ----------
    fit, groups, labels, told, kind
        As for `lstm_src.checks.weights.labelled.by_label`.
    """
    codes = labels.codes.get("loss")
    if codes is None or codes.max() == 0 or fit.projector is not None:
        return None
    here = fit.members >= 0
    names, alike, factors, sizes, weights = [], [], {}, {}, np.zeros(len(labels))
    inside = [m for group in groups for mean in group if (m := inside_of(mean, "loss"))]
    for c, label in enumerate(labels.names["loss"]):
        own = here & (codes == c)
        at = np.isin(np.arange(len(fit.sums)), fit.members[own])
        clear = np.unique(fit.members[told & own])
        if at[fit.members[here & ~own]].any() or len(clear) < LEAST:
            return None
        if 2 * (told & own).sum() < (own | (codes == c) & ~labels.padding).sum():
            return None
        found = []
        for group in directions(inside, own):
            factor = factor_of(fit, group[0].weights * own, ROOM[kind], at)
            if factor is not None:
                found.append((group, factor))
        if len(found) != 1:
            return None
        group, factor = found[0]
        part = group[0].weights * (codes == c)
        sizes[label] = float(part.sum())
        factors[label] = factor * sizes[label]
        weights = weights + part
        known, *others = [m.name for m in simple(group)]
        names.append((known, label))
        alike += [f"{other} in loss {label}" for other in others]
    words = [f"{known} in loss {label}" for known, label in names]
    if len({known for known, _ in names}) == 1:
        words = [f"{names[0][0]} within each loss"]
    mean = Mean(" and the ".join(words), weights, 3)
    return Naming(NAMED, mean, tuple(alike), told=told, free="loss", factors=factors, sizes=sizes)
