"""Parameters, gradients and states as arrays by their paths, each refused by its name."""

from itertools import combinations

import numpy as np

from lstm_src.checks.trees import named_leaves, tree_map
from lstm_src.validation import check_size


def take_arrays(name, tree):
    """Return the arrays of a tree by their paths, without ``None``."""
    leaves = named_leaves(name, tree)
    arrays = {path: leaf for path, leaf in leaves.items() if leaf is not None}
    if not arrays:
        raise ValueError(f"{name}: expected at least one array, got None alone")
    for path, array in arrays.items():
        if type(array) is not np.ndarray or array.dtype.kind != "f":
            came = array.dtype if type(array) is np.ndarray else type(array).__name__
            raise TypeError(
                f"{name}: {path}: expected a plain floating-point NumPy array, got {came}"
            )
        if not np.isfinite(array).all():
            bad = array[~np.isfinite(array)][0]
            raise ValueError(f"{name}: {path}: expected finite numbers, got {bad}")
    return arrays


def take_like(name, tree, params):
    """Return the arrays of a tree by the paths, and in the shapes and types, of ``params``."""
    leaves = named_leaves(name, tree)
    for path in params:
        if path in leaves and leaves[path] is None:
            raise TypeError(
                f"{name}: {path}: expected an array, got None: leave that parameter out, as None"
            )
    arrays = take_arrays(name, tree)
    if arrays.keys() != params.keys():
        raise ValueError(
            f"{name}: expected the arrays of params, {', '.join(params)}, got {', '.join(arrays)}"
        )
    for path, param in params.items():
        array = arrays[path]
        if array.shape != param.shape:
            raise ValueError(f"{name}: {path}: expected shape {param.shape}, got {array.shape}")
        if array.dtype != param.dtype:
            raise TypeError(f"{name}: {path}: expected dtype {param.dtype}, got {array.dtype}")
    return arrays


def take_steps(name, value):
    """Return a number of steps, which may have been stored as an array without axes."""
    is_stored = isinstance(value, np.ndarray) and value.ndim == 0
    return check_size(name, value.item() if is_stored else value, least=0)


def refill(tree, arrays):
    """Return the containers of a tree with other arrays, in the order of its own."""
    order = iter(arrays)
    try:
        return tree_map(lambda _: next(order), tree)
    except (TypeError, StopIteration) as error:
        raise TypeError(
            "params: expected dicts, lists and tuples of arrays, got a container that cannot be "
            f"built anew in {type(tree).__name__}"
        ) from error


def check_not_tied(arrays):
    """Raise if two arrays share memory: a step would move each by itself, and untie them."""
    for (one, a), (other, b) in combinations(arrays.items(), 2):
        if np.shares_memory(a, b):
            raise ValueError(
                f"params: {other}: expected memory of its own, got that of {one}: let tied weights "
                "stand once, with the sum of their gradients"
            )
