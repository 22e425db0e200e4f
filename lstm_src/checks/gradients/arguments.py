"""The arguments of `check_gradients`: taken, copied, and refused by name."""

from collections.abc import Iterator, Mapping
from numbers import Real

import numpy as np

from lstm_src.checks.gradients.evaluation import changed
from lstm_src.checks.gradients.words import listed
from lstm_src.checks.leaves import as_numpy, returned
from lstm_src.checks.precision import PRECISIONS, precision
from lstm_src.checks.trees import named_leaves, rebuild_like

LARGEST = float(np.finfo(np.float64).max)

NOTHING = (
    "; a mean over nothing is 0/0: are all labels ignored, or all places masked? Then there is "
    "nothing to count: skip the batch, or divide by max(N, 1)"
)


def take_params(params, gradients=None):
    """Return the parameters as copies by path, and the function that puts such into their tree.

    ``None`` is no parameter, and an error where the gradients, if they are a tree, have an array.
    """
    if isinstance(params, Iterator):
        raise TypeError(
            "params: expected an array, or dicts, lists and tuples of arrays, got a container that "
            f"cannot be rebuilt in {type(params).__name__}: it can be read once; pass "
            "dict(model.named_parameters()), or a list"
        )
    leaves = named_leaves("params", params).items()
    given = not (gradients is None or callable(gradients) or isinstance(gradients, Iterator))
    slopes = named_leaves("gradients", gradients) if given else {}
    for path, leaf in leaves:
        if leaf is None and slopes.get(path) is not None:
            raise TypeError(
                f"params: {path}: expected an array, got None, where gradients has an array"
            )
    held = {path: leaf for path, leaf in leaves if leaf is not None}
    arrays = {path: as_numpy(f"params: {path}", leaf) for path, leaf in held.items()}
    if not arrays:
        raise ValueError("params: expected at least one array, got None alone")
    for path, array in arrays.items():
        check_entries(f"params: {path}", array)
    return arrays, rebuild_like("params", params, arrays)


def take_gradients(tree, arrays):
    """Return the gradient as copies by path, and the precision of each array."""
    if isinstance(tree, Iterator):
        tree = list(tree)
    leaves = {
        path: leaf
        for path, leaf in named_leaves("gradients", tree).items()
        if path in arrays or leaf is not None  # None beside None is no parameter
    }
    if leaves.keys() != arrays.keys():
        raise ValueError(
            f"gradients: expected the names of params, {_names(arrays)}, got {_names(leaves)}"
        )
    found = {path: as_numpy(f"gradients: {path}", leaves[path]) for path in arrays}
    for path, gradient in found.items():
        if gradient.shape != arrays[path].shape:
            raise ValueError(
                f"gradients: {path}: expected shape {arrays[path].shape}, got {gradient.shape}"
            )
        check_entries(f"gradients: {path}", gradient)
    return found, {path: precision(leaves[path]) for path in arrays}


def _names(paths):
    paths = list(paths)
    return ", ".join(paths if len(paths) <= 20 else [*paths[:20], f"{len(paths) - 20} more"])


def check_entries(name, array):
    """Refuse an array that is empty, or holds what is no number."""
    if not array.size:
        raise ValueError(f"{name}: expected no empty axis, got shape {array.shape}")
    if not np.isfinite(array).all():
        index = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"{name}: expected finite numbers, got {array[index]} at index {list(index)}"
        )


def take_value(value):
    """Return the loss at the parameters, which must be a finite real number."""
    if np.iscomplexobj(value):
        raise TypeError("loss: expected a real number, got a complex one")
    if not np.isfinite(value):
        hint = NOTHING if np.isnan(value) else ""
        raise ValueError(f"loss: expected a finite number, got {value}{hint}")
    return value


def take_counts(counts):
    """Return the numbers of the training code by name."""
    if counts is None:
        return {}
    if not isinstance(counts, Mapping):
        raise TypeError(f"counts: expected a dict of numbers, got {type(counts).__name__}")
    for name, value in counts.items():
        number = isinstance(value, Real) and not isinstance(value, bool)
        if not isinstance(name, str) or not number or not 0 < value <= LARGEST:
            raise ValueError(f"counts: expected positive numbers by name, got {name!r}: {value!r}")
    return {name: float(value) for name, value in counts.items()}


def call_gradients(gradients, arrays, rebuild):
    """Call a function for the gradient twice.

    Returns
    -------
    tree, kinds : as `take_gradients`
    unsteady : bool
        Whether it is another one the second time, beyond rounding.
    remarks : list of str
        What was seen of it.
    """

    def called(at):
        return take_gradients(returned("gradients", gradients(rebuild(at))), arrays)

    given = {path: a.copy() for path, a in arrays.items()}
    first, kinds = called(given)
    written = changed(given, arrays)
    second, _ = called({path: a.copy() for path, a in arrays.items()})
    remarks = []
    if written:
        remarks.append(
            f"The function for the gradient writes into the arrays that it is given: "
            f"{listed(written)}. It got copies here; in training it changes the parameters."
        )
    unsteady = not all(_alike(first[p], second[p], PRECISIONS[kinds[p]]) for p in arrays)
    if unsteady:
        piled = all(np.allclose(second[p], 2 * first[p], rtol=1e-3, atol=0) for p in arrays)
        remarks.append(
            "The second gradient is twice the first: it is added to what was there. Set it to zero "
            "before each call."
            if piled
            else "The gradient changes from call to call. Look first at state that is kept between "
            "calls (a carried hidden state, running statistics, parameters that were updated): "
            "copy or reset it before each call. Otherwise gradients pile up, a backward pass "
            "writes into what the next call reads (inputs, cotangents, a tape), or there are "
            "dropout or other random numbers."
        )
    return first, kinds, unsteady, remarks


def _alike(one, other, eps):
    top = max(float(np.abs(one).max()), float(np.abs(other).max()))
    with np.errstate(over="ignore"):
        return bool((np.abs(one.astype(float) - other) <= 64 * eps * top).all())
