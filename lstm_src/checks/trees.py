"""Trees of arrays: their leaves by path, a function of every leaf, and any framework as NumPy.

A tree is a leaf, or a mapping, a sequence or a named tuple of trees. ``None`` is a tree without
leaves, as a state that is left out; where an array is asked for, it is an error.
"""

import copy
from collections.abc import Iterable, Mapping, Set

import numpy as np

from lstm_src.checks.leaves import as_numpy, is_array
from lstm_src.validation import check_callable


def named_arrays(argument, tree):
    """Copy the arrays of a tree into NumPy arrays, by their paths.

    Parameters
    ----------
    argument : str
        What the caller calls the tree, for errors.
    tree : array, or mapping, sequence or iterator of trees
        Arrays of NumPy, PyTorch, JAX or anything that `numpy.asarray` takes, on any device; sparse
        tensors of PyTorch are filled up.
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
        If a leaf is ``None``, masked, or no array of real floating-point numbers.
    ValueError
        If there is no array at all.
    """
    leaves = named_leaves(argument, tree)
    return {path: as_numpy(f"{argument}: {path}", leaf) for path, leaf in leaves.items()}


def named_leaves(argument, tree):
    """Return the leaves of a tree as they are, ``None`` too, by the paths of `named_arrays`.

    Parameters
    ----------
    argument : str
        What the caller calls the tree, for errors.
    tree : leaf, or mapping, sequence or iterator of trees
        A leaf is anything else; it is not looked into.

    Returns
    -------
    dict of str to leaf

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
    """Return the leaves of a tree in their order, without ``None``.

    Parameters
    ----------
    tree : tree
        As for `named_leaves`.

    Returns
    -------
    list
        Empty if there are none.
    """
    return [leaf for _, leaf in _leaves("", tree) if leaf is not None]


def tree_vector(tree):
    """Join the numbers of all leaves of a tree in one vector, in the order of `tree_leaves`.

    Parameters
    ----------
    tree : tree of ndarray
        ``None`` is left out.

    Returns
    -------
    ndarray, shape (n,)
        In a type that holds all of them.

    Raises
    ------
    ValueError
        If there is no leaf.
    """
    leaves = [np.ravel(leaf) for leaf in tree_leaves(tree)]
    if not leaves:
        raise ValueError("tree: expected at least one array, got none")
    return np.concatenate(leaves)


def times(factor, tree, *others):
    """Return the sum of trees of one form, times a factor.

    Parameters
    ----------
    factor : number
        Or whatever the leaves can be multiplied by.
    tree, *others : tree of ndarray
        As for `tree_map`.

    Returns
    -------
    tree of ndarray

    Raises
    ------
    TypeError, ValueError
        As `tree_map`.
    """
    return tree_map(lambda *leaves: factor * sum(leaves), tree, *others)


def tree_map(function, tree, *others):
    """Return a tree of ``function(leaf, ...)`` in the containers of ``tree``.

    Parameters
    ----------
    function : callable
        Takes a leaf of ``tree``, and the leaf at the same place of every other tree.
    tree, *others : tree
        Trees of one form. ``None`` in the first stays ``None``.

    Returns
    -------
    tree

    Raises
    ------
    TypeError
        If the function is none, or a container cannot be built anew, such as a generator.
    ValueError
        If the trees differ in form.
    """
    check_callable("function", function)
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
        found = named_leaves(argument, places).items()
        fits = {path: place for path, place in found if place is not None} == {
            path: path for path in paths
        }
    except (TypeError, ValueError, StopIteration):
        fits = False
    if not fits:
        raise TypeError(
            f"{argument}: expected an array, or dicts, lists and tuples of arrays, "
            f"got a container that cannot be rebuilt in {type(tree).__name__}"
        )
    return lambda arrays: tree_map(arrays.__getitem__, places)


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
    if isinstance(tree, Set):
        raise TypeError(f"expected trees with an order, got a {type(tree).__name__}")
    if isinstance(tree, Iterable) and not isinstance(tree, str) and not is_array(tree):
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
