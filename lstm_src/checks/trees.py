"""Trees of arrays: their leaves by path, a function of every leaf, and any framework as NumPy.

A tree is a leaf, or a mapping, a sequence or a named tuple of trees. ``None`` is a tree without
leaves, as a state that is left out; where an array is asked for, it is an error.
"""

import copy
from collections.abc import Iterable, Mapping

import numpy as np


def named_arrays(argument, tree):
    """Copy the arrays of a tree into NumPy arrays, by their paths.

    Parameters
    ----------
    argument : str
        What the caller calls the tree, for errors.
    tree : array, or mapping, sequence or iterator of trees
        Arrays of NumPy, PyTorch, JAX or anything that `numpy.asarray` takes, on any device.
        A sequence may be a named tuple.

    Returns
    -------
    dict of str to ndarray
        Floating-point copies, which a later call cannot overwrite. Paths look like ``params.W_x``
        or ``layers[0].weight``; an array on its own is called ``array``. Types that NumPy lacks,
        such as bfloat16, come as float32.

    Raises
    ------
    TypeError
        If a leaf is ``None``, or no array of real floating-point numbers.
    ValueError
        If there is no array at all.
    """
    leaves = named_leaves(argument, tree)
    return {path: as_numpy(f"{argument}: {path}", leaf) for path, leaf in leaves.items()}


def named_leaves(argument, tree):
    """Return the leaves of a tree as they are, ``None`` too, by the paths of `named_arrays`.

    Raises
    ------
    ValueError
        If there is no leaf at all, or two have one path.
    """
    found = {}
    for path, leaf in _leaves("", tree):
        if path in found:
            raise ValueError(f"{argument}: expected one array for each path, got two for {path}")
        found[path] = leaf
    if not found:
        raise ValueError(f"{argument}: expected at least one array, got an empty tree")
    return found


def tree_leaves(tree):
    """Return the leaves of a tree in their order, without ``None``."""
    return [leaf for _, leaf in _leaves("", tree) if leaf is not None]


def tree_map(function, tree, *others):
    """Return a tree of ``function(leaf, ...)`` in the containers of ``tree``.

    Parameters
    ----------
    function : callable
        Takes a leaf of ``tree``, and the leaf at the same place of every other tree.
    tree, *others : tree
        Trees of one form. ``None`` in the first stays ``None``.

    Raises
    ------
    TypeError
        If a container cannot be built anew, such as a generator.
    ValueError
        If the trees differ in form.
    """
    children = _children(tree)
    if children is None:
        return None if tree is None else function(tree, *others)
    steps = [step for step, _ in children]
    rows = [[child for _, child in children]]
    for other in others:
        found = _children(other)
        if found is None or [step for step, _ in found] != steps:
            came = type(other).__name__ if found is None else [step for step, _ in found]
            raise ValueError(f"others: expected a tree with {steps}, got {came}")
        rows.append([child for _, child in found])
    return _rebuilt(tree, [tree_map(function, *row) for row in zip(*rows, strict=True)])


def rebuild_like(argument, tree, paths):
    """Return the function that puts arrays, by ``paths``, into a tree of this form.

    Raises
    ------
    TypeError
        If the tree has a container that cannot be built anew.
    """
    order = iter(paths)
    try:
        places = tree_map(lambda _: next(order), tree)  # a tree of paths
        fits = named_leaves(argument, places) == {path: path for path in paths}
    except (TypeError, ValueError, StopIteration):
        fits = False
    if not fits:
        raise TypeError(
            f"{argument}: expected an array, or dicts, lists and tuples of arrays, "
            f"got a container that cannot be rebuilt in {type(tree).__name__}"
        )
    return lambda arrays: tree_map(arrays.__getitem__, places)


def as_numpy(name, value):
    """Return one leaf as `named_arrays` does; ``name`` is for errors."""
    if value is None:
        raise TypeError(f"{name}: expected an array, got None: this parameter received no gradient")
    if hasattr(value, "detach"):  # a tensor of PyTorch, perhaps on another device
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    array = np.array(np.asarray(value))  # in two steps: PyTorch knows no copy= in __array__
    if array.dtype.name in {"bfloat16", "float8_e4m3fn", "float8_e5m2"}:
        array = array.astype(np.float32)
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(
            f"{name}: expected real floating-point numbers, got "
            f"{array.dtype if _is_array(value) else type(value).__name__}"
        )
    return array


def _leaves(path, tree):
    children = _children(tree)
    if children is None:
        yield path.removeprefix(".") or "array", tree
    for step, child in children or ():
        yield from _leaves(path + step, child)


def _children(tree):
    """Return what a container holds, each with its step of the path; None for a leaf."""
    tree = tree._asdict() if hasattr(tree, "_asdict") else tree
    if isinstance(tree, Mapping):
        return [(f".{key}", child) for key, child in tree.items()]
    if isinstance(tree, Iterable) and not isinstance(tree, str) and not _is_array(tree):
        return [(f"[{k}]", child) for k, child in enumerate(tree)]
    return None


def _rebuilt(tree, children):
    if hasattr(tree, "_make"):
        return type(tree)._make(children)
    if isinstance(tree, Mapping):
        items = dict(zip(tree, children, strict=True))
        if not isinstance(tree, dict):
            return type(tree)(items)
        kept = copy.copy(tree)  # an ordered one stays ordered
        kept.update(items)
        return kept
    return type(tree)(children)


def _is_array(value):
    return hasattr(value, "dtype") and hasattr(value, "shape")
