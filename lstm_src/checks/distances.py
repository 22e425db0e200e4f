"""How far two gradients are apart: array by array, and in direction."""

import numpy as np

from lstm_src.checks.trees import named_leaves, tree_leaves, tree_vector


def relative_errors(actual, expected):
    """Return the largest error of each array, relative to its largest entry.

    Parameters
    ----------
    actual, expected : tree of ndarray
        Two trees of the same structure and shapes; ``None`` beside ``None`` is left out.

    Returns
    -------
    dict of str to float
        For each array, by its path in the tree, ``max|actual - expected| / max(|actual|,
        |expected|)``; 0 where both are 0, infinite where an entry is not finite.

    Raises
    ------
    TypeError
        If a leaf holds no numbers.
    ValueError
        If the trees or the shapes differ, or an array is empty.
    """
    arrays, others = named_leaves("actual", actual), named_leaves("expected", expected)
    if arrays.keys() != others.keys():
        raise ValueError(f"actual: expected {', '.join(others)}, got {', '.join(arrays)}")
    errors = {}
    for name, a in arrays.items():
        e = others[name]
        if a is None and e is None:
            continue
        if np.shape(a) != np.shape(e):
            raise ValueError(f"{name}: expected shape {np.shape(e)}, got {np.shape(a)}")
        if not np.size(a):
            raise ValueError(f"{name}: expected no empty axis, got shape {np.shape(a)}")
        a, e = (_wide(argument, name, x) for argument, x in (("actual", a), ("expected", e)))
        scale = max(np.max(np.abs(a)), np.max(np.abs(e)))
        if not np.isfinite(scale):
            errors[name] = np.inf
        else:
            errors[name] = float(np.max(np.abs(a - e)) / scale) if scale else 0.0
    return errors


def angle(one, other):
    """Return the angle between two gradients in degrees: what no common factor changes.

    Parameters
    ----------
    one, other : tree of real arrays
        Of one form, not zero everywhere; ``None`` is left out.

    Returns
    -------
    float
        From 0 to 180.

    Raises
    ------
    ValueError
        If there are none, the numbers differ in how many they are, or all of one are 0.
    """
    a, b = _vector("one", one), _vector("other", other)
    if a.shape != b.shape:
        raise ValueError(f"one: expected {b.size} numbers, as other has, got {a.size}")
    if not a.any() or not b.any():
        raise ValueError("one, other: expected a direction, got a gradient that is zero everywhere")
    a, b = (v / np.abs(v).max() for v in (a, b))  # squares stay within the range of numbers
    a, b = (v / np.linalg.norm(v) for v in (a, b))
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))))


def _vector(argument, tree):
    if not tree_leaves(tree):
        raise ValueError(f"{argument}: expected at least one array, got none")
    return tree_vector(tree)


def _wide(argument, name, array):
    """Return numbers as they are, or whole ones as float64, in which differences have a sign."""
    array = np.asarray(array)
    if array.dtype.kind not in "biufcO" or (array.shape == () and array[()] is None):
        raise TypeError(f"{argument}: {name}: expected numbers, got {array.dtype}")
    return array.astype(np.float64) if array.dtype.kind in "biu" else array
