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
    found = dict(_leaves(argument, "", tree))
    if not found:
        raise ValueError(f"{argument}: expected at least one array, got an empty tree")
    return found


def _leaves(argument, path, tree):
    if isinstance(tree, Mapping) or hasattr(tree, "_asdict"):
        items = tree.items() if isinstance(tree, Mapping) else tree._asdict().items()
        for key, value in items:
            yield from _leaves(argument, f"{path}.{key}" if path else str(key), value)
    elif isinstance(tree, Iterable) and not isinstance(tree, str) and not _is_array(tree):
        for k, value in enumerate(tree):
            yield from _leaves(argument, f"{path}[{k}]", value)
    else:
        yield path or "array", _as_numpy(f"{argument}: {path or 'array'}", tree)


def _is_array(value):
    return hasattr(value, "dtype") and hasattr(value, "shape")


def _as_numpy(name, value):
    if value is None:
        raise TypeError(f"{name}: expected an array, got None: this parameter received no gradient")
    if hasattr(value, "detach"):  # a tensor of PyTorch, perhaps on another device
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    array = np.array(value)
    if array.dtype.name in {"bfloat16", "float8_e4m3fn", "float8_e5m2"}:
        array = array.astype(np.float32)
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(
            f"{name}: expected real floating-point numbers, got "
            f"{array.dtype if _is_array(value) else type(value).__name__}"
        )
    return array
