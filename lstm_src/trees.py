"""Arrays by name: whatever a gradient function returns, in whatever framework, as NumPy arrays."""

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
    """Return the leaves of a tree as they are, by the paths that `named_arrays` describes.

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


def rebuild_like(argument, tree, paths):
    """Return the function that puts arrays, by ``paths``, into a tree of this structure.

    Raises
    ------
    TypeError
        If the tree has a container that is neither dict, list, tuple nor named tuple and that
        OpTree does not know either: it could not be built anew.
    """
    import optree  # here, so that the audit needs NumPy alone

    leaves, structure = optree.tree_flatten(tree)
    places = named_leaves(argument, structure.unflatten(range(len(leaves)))) if leaves else {}
    if places.keys() != set(paths):
        raise TypeError(
            f"{argument}: expected an array, or dicts, lists and tuples of arrays, "
            f"got a container that cannot be rebuilt in {type(tree).__name__}"
        )
    in_order = sorted(places, key=places.get)
    return lambda arrays: structure.unflatten(arrays[path] for path in in_order)


def _leaves(path, tree):
    if isinstance(tree, Mapping) or hasattr(tree, "_asdict"):
        items = tree.items() if isinstance(tree, Mapping) else tree._asdict().items()
        for key, value in items:
            yield from _leaves(f"{path}.{key}" if path else str(key), value)
    elif isinstance(tree, Iterable) and not isinstance(tree, str) and not _is_array(tree):
        for k, value in enumerate(tree):
            yield from _leaves(f"{path}[{k}]", value)
    else:
        yield path or "array", tree


def _is_array(value):
    return hasattr(value, "dtype") and hasattr(value, "shape")


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
