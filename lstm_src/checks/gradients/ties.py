"""One array under several names, as tied weights are: who shares, and which way round."""

from dataclasses import replace
from itertools import combinations

import numpy as np

from lstm_src.checks.gradients.comparison import compare
from lstm_src.checks.gradients.words import RIGHT, ZERO, listed


def shared(leaves):
    """Return groups of paths whose leaves are one array, each as (path, whether transposed) pairs.

    Parameters
    ----------
    leaves : dict of str to array
        As the caller gave them: an array of NumPy, or of another framework.
    """
    groups = {}
    by_address = {}
    for path, leaf in leaves.items():
        by_address.setdefault(_address(leaf), []).append(path)
    for paths in by_address.values():
        for one, other in combinations(paths, 2):
            flipped = _same(leaves[one], leaves[other])
            if flipped is not None and one == paths[0]:
                groups.setdefault(one, [(one, False)]).append((other, flipped))
    return [tuple(group) for group in groups.values()]


def _address(leaf):
    if isinstance(leaf, np.ndarray):
        return "numpy", leaf.__array_interface__["data"][0]
    if hasattr(leaf, "data_ptr"):
        return "torch", leaf.data_ptr()
    return "object", id(leaf)


def _same(one, other):
    """Return whether the other is the one transposed, or None if they are not one array."""
    if tuple(one.shape) == tuple(other.shape) and _strides(one) == _strides(other):
        return False
    back = tuple(reversed(other.shape)), tuple(reversed(_strides(other)))
    return True if (tuple(one.shape), _strides(one)) == back else None


def _strides(array):
    strides = getattr(array, "strides", None)
    if strides is None:
        strides = array.stride() if callable(getattr(array, "stride", None)) else ()
    return tuple(strides)


def as_one(slopes, claims, checked, group, rng):
    """Look whether each name of a shared array holds the gradient of all of them together.

    Frameworks give that for tied weights. Code that keeps the share of each name apart is right as
    well, and has been compared so already.

    Parameters
    ----------
    slopes : Slopes
    claims : dict of str to Claim
    checked : dict of str to Comparison
        What was found with each name on its own.
    group : tuple
        Of `shared`.
    rng : numpy.random.Generator

    Returns
    -------
    text : str
    comparisons : dict of str to Comparison
        Those that take the place of others.
    """
    paths = [path for path, _ in group]
    names = f"{listed(paths)} are one array under {len(paths)} names (tied weights). "
    if all(checked[path].verdict in {RIGHT, ZERO} for path in paths):
        return names + "Each holds its own share of the gradient, and the loss reads each.", {}
    first = claims[paths[0]]
    flipped = frozenset(path for path, turned in group if turned)
    turned = [claims[p].gradient.T if p in flipped else claims[p].gradient for p in paths]
    if all(np.array_equal(turned[0], other) for other in turned[1:]):
        claim = replace(first, paths=tuple(paths), flipped=flipped)
        size = len(checked[paths[0]].indices)
        joined = compare(slopes, claim, size, rng)
        if joined.verdict in {RIGHT, ZERO}:
            return (
                names + "Each name holds the gradient of all of them together, as frameworks give "
                "it, and was compared so: all were moved at once.",
                dict.fromkeys(paths, joined),
            )
        if joined.error < min(checked[path].error for path in paths):
            return (
                names + "All names hold the same numbers, which are nearer to the gradient of all "
                "of them together than to each one's share, and were compared with that.",
                dict.fromkeys(paths, joined),
            )
    return names + (
        "Neither its own share under each name nor the sum of the shares under all of them is "
        "what was found."
    ), {}
