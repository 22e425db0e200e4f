"""The arguments of `audit_weights`: taken, copied, and refused by name."""

from collections.abc import Iterator, Mapping

import numpy as np

from lstm_src.checks.gradients.arguments import check_entries
from lstm_src.checks.gradients.evaluation import precision
from lstm_src.checks.leaves import as_numpy, returned
from lstm_src.checks.precision import PRECISIONS
from lstm_src.checks.trees import named_leaves
from lstm_src.validation import check_size

ROUNDED = 1e-6
"""Relative difference up to which weights that were given as numbers are those of a mean."""


def take_gradient(gradient):
    """Return the gradient's arrays by path, its coarsest precision, and the paths of ``None``."""
    leaves = named_leaves("gradient", gradient)
    absent = tuple(path for path, leaf in leaves.items() if leaf is None)
    here = {path: leaf for path, leaf in leaves.items() if leaf is not None} or leaves
    arrays = {path: as_numpy(f"gradient: {path}", leaf) for path, leaf in here.items()}
    for path, array in arrays.items():
        check_entries(f"gradient: {path}", array)
    return arrays, _coarsest(here.values()), absent


def take_terms(terms, gradient, groups):
    """Return the number of terms and a function of k that returns the arrays of one, by path.

    Parameters
    ----------
    terms : list of trees, tree with a leading axis, callable, or (callable, K)
    gradient : dict of str to ndarray
        Which paths and shapes each must have.
    groups : dict of str to ndarray
        Their labels say K where a callable comes alone.
    """
    if isinstance(terms, tuple) and len(terms) == 2 and callable(terms[0]):
        return check_size("terms[1]", terms[1]), _calls(terms[0], gradient)
    if callable(terms):
        known = [len(labels) for labels in groups.values() if labels.ndim]
        if not known:
            raise TypeError("terms: expected (callable, K), or groups that say K, got a callable")
        return known[0], _calls(terms, gradient)
    if isinstance(terms, (Iterator, list, tuple)) and not hasattr(terms, "_fields"):
        terms = [list(one) if isinstance(one, Iterator) else one for one in terms]
    if stacked := _stacked(terms, gradient):
        count, arrays, kind = stacked
        return count, lambda k: ({path: a[k] for path, a in arrays.items()}, kind)
    if isinstance(terms, Mapping) or not hasattr(terms, "__iter__"):
        raise TypeError(
            "terms: expected a list of trees, a tree whose arrays have one axis more than the "
            f"gradient's, of one length, or (callable, K), got {type(terms).__name__}"
        )
    trees = list(terms)
    if not trees:
        raise ValueError("terms: expected at least one term, got none")
    return len(trees), lambda k: _tree(f"terms[{k}]", trees[k], gradient)


def take_weights(argument, weights, count):
    """Return weights (count,) as float64 that were given as numbers, and how far they round."""
    weights = weights.detach().cpu() if hasattr(weights, "detach") else weights
    array = np.asarray(weights)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{argument}: expected a name or {count} numbers, got {array.dtype}")
    if array.shape != (count,):
        raise ValueError(f"{argument}: expected shape ({count},), got {array.shape}")
    if not np.isfinite(array).all() or not array.any():
        raise ValueError(f"{argument}: expected finite numbers that are not all zero")
    rounds = np.finfo(array.dtype).eps if array.dtype.kind == "f" else 0.0
    return array.astype(float), max(2 * float(rounds), ROUNDED)


def _calls(function, gradient):
    """Return the function of k that calls the caller's, which must return one thing for one k."""

    def term(k):
        name = f"terms({k})"
        return _tree(name, returned(name, function(k)), gradient)

    (first, kind), (again, _) = term(0), term(0)
    allowed = max(1e-3, 64 * PRECISIONS[kind])
    for path, array in first.items():
        if np.abs(again[path] - array).max() > allowed * np.abs(array).max():
            raise ValueError(
                f"terms: expected the same gradient of term 0 each time, got another {path} the "
                "second time: random numbers, or gradients that pile up because they are not set "
                "to zero before each term"
            )
    return term


def _stacked(terms, gradient):
    """Return K, the arrays and their precision of a tree with a leading axis; None if it is not."""
    try:
        leaves = named_leaves("terms", terms)
    except (TypeError, ValueError):
        return None
    leaves = _without_absent(leaves, gradient)
    if leaves.keys() != gradient.keys():
        return None
    shapes = {path: tuple(getattr(leaf, "shape", ())) for path, leaf in leaves.items()}
    counts = {shape[:1] for shape in shapes.values()}
    if len(counts) != 1 or any(shapes[p][1:] != a.shape for p, a in gradient.items()):
        return None
    (count,) = counts
    if not count or not count[0]:
        return None
    arrays = {path: as_numpy(f"terms: {path}", leaf) for path, leaf in leaves.items()}
    for path, array in arrays.items():
        check_entries(f"terms: {path}", array)
    return count[0], arrays, _coarsest(leaves.values())


def _tree(argument, tree, gradient):
    """Return the arrays of one term by path, and the name of their coarsest precision."""
    leaves = _without_absent(named_leaves(argument, tree), gradient)
    if leaves.keys() != gradient.keys():
        raise ValueError(
            f"{argument}: expected the names of the gradient, {', '.join([*gradient][:20])}, got "
            f"{', '.join([*leaves][:20])}"
        )
    arrays = {path: as_numpy(f"{argument}: {path}", leaves[path]) for path in gradient}
    for path, array in arrays.items():
        if array.shape != gradient[path].shape:
            raise ValueError(
                f"{argument}: {path}: expected shape {gradient[path].shape}, got {array.shape}"
            )
        check_entries(f"{argument}: {path}", array)
    return arrays, _coarsest(leaves.values())


def _without_absent(leaves, gradient):
    """Return the leaves but those that are ``None`` where the gradient is ``None``, too."""
    return {p: leaf for p, leaf in leaves.items() if leaf is not None or p in gradient}


def _coarsest(leaves):
    order = ("longdouble", "float64", "float32", "float16", "bfloat16")
    return max((precision(leaf) for leaf in leaves), key=order.index)
