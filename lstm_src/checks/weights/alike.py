"""Means that have the same weights, up to a common factor."""

import numpy as np


def directions(means, seen):
    """Return the means in lists of equal weights, up to a common factor.

    Parameters
    ----------
    means : iterable of Mean
    seen : ndarray of bool, shape (K,)
        The terms that count: those whose gradient is not zero. A mean that gives all of them the
        weight 0 is left out.

    Returns
    -------
    list of list of Mean
    """
    groups, firsts = [], []
    probe = np.random.default_rng(0).standard_normal(np.count_nonzero(seen))
    for mean in means:
        weights = mean.weights[seen]
        size = np.linalg.norm(weights)
        if not size:
            continue
        value = float(probe @ weights) / size
        unit, value = weights / (size if value > 0 else -size), abs(value)
        for group, (first, other, close) in zip(groups, firsts, strict=True):
            most = max(mean.close, close) * np.abs(first).max()
            near = abs(value - other) <= np.abs(probe).sum() * most
            if near and np.abs(unit - first).max() <= most:
                group.append(mean)
                break
        else:
            groups.append([mean])
            firsts.append((unit, value, mean.close))
    return groups
