"""A layout of weights as data, and what reads and writes any of them."""

from dataclasses import dataclass

import numpy as np

from lstm_src.checks.leaves import as_numpy
from lstm_src.checks.trees import named_arrays
from lstm_src.structures import GATES, Params
from lstm_src.validation import check_array, check_bool, check_like, check_params


@dataclass(frozen=True)
class Layout:
    """How a framework stores a layer: the order of its gates, its biases and its arrays.

    ``biases`` is the number of vectors of 4H whose sum is ``b``; ``shapes`` holds, by name, those
    of the arrays for ``W_x``, ``W_h`` and the biases, in this order.
    """

    order: str
    biases: int
    shapes: dict


def read(argument, layout, arrays, bias, gradients=False):
    """Return the `Params` that arrays of a layout hold; ``argument`` is what the caller gave."""
    check_bool("bias", bias)
    check_bool("gradients", gradients)
    shapes = _shapes(layout, bias)
    if arrays.keys() != shapes.keys():
        missing, unknown = sorted(shapes.keys() - arrays.keys()), arrays.keys() - shapes.keys()
        raise ValueError(
            f"{argument}: expected {_listed(shapes)}; "
            f"missing: {_listed(missing)}; got as well: {_listed(sorted(unknown))}"
        )
    arrays = {name: _array(f"{argument}: {name}", arrays[name]) for name in shapes}
    recurrent = [*shapes][1]  # the one whose shape says what H is
    shape = check_array(f"{argument}: {recurrent}", arrays[recurrent], shapes[recurrent]).shape
    H, dtype = shape[shapes[recurrent].index("H")], arrays[recurrent].dtype
    for name in (recurrent, *shapes):
        check_array(f"{argument}: {name}", arrays[name], _sized(shapes[name], H=H), dtype)

    W_x, W_h, *biases = (_columns(arrays[name], shape) for name, shape in shapes.items())
    b = np.concatenate(biases or [np.zeros(4 * H, dtype)]).reshape(-1, 4 * H)
    join = _common_gradient if gradients else _sum_of_biases
    b = join(f"{argument}: {_listed([*shapes][2:])}", b)
    reordered = (_reordered(array, layout.order, GATES) for array in (W_x, W_h, b))
    return Params(*map(np.ascontiguousarray, reordered))


def write(layout, params, bias, gradients=False):
    """Return the arrays of a layout that hold ``params``, by name."""
    check_bool("bias", bias)
    check_bool("gradients", gradients)
    named_arrays("params", check_like("params", params, Params))  # refuses complex and objects
    D, H, _ = check_params(params)
    if not bias and params.b.any():
        raise ValueError("params.b: expected zeros for a layer without bias, got other numbers")
    W_x, W_h, b = (_reordered(array, GATES, layout.order) for array in params)
    second = b if gradients else np.zeros_like(b)
    shapes = _shapes(layout, bias)
    biases = np.concatenate([b, second][: layout.biases]).reshape(len(layout.shapes) - 2, -1)
    arrays = dict(zip(layout.shapes, (W_x, W_h, *biases), strict=True))
    return {
        name: np.ascontiguousarray(_columns(arrays[name], shape)).reshape(_sized(shape, D=D, H=H))
        for name, shape in shapes.items()
    }


def _array(name, value):
    """Return a copy of one array; a list would be a tree of numbers."""
    if value is not None and not hasattr(value, "dtype"):
        raise TypeError(f"{name}: expected an array, got {type(value).__name__}")
    return as_numpy(name, value)


def _sum_of_biases(_, biases):
    first, *others = biases
    for other in others:
        first = np.where(other == 0, first, first + other)  # b + 0 would lose the sign of -0
    return first


def _common_gradient(name, biases):
    first, *others = biases
    largest = np.max(np.abs(first), where=np.isfinite(first), initial=0)
    apart = largest * np.sqrt(np.finfo(first.dtype).eps)
    if not all(np.allclose(other, first, rtol=0, atol=apart) for other in others):
        raise ValueError(f"{name}: expected equal gradients of the two biases, got different ones")
    return first


def _columns(array, shape):
    """Turn an array so that the gates stand along its last axis, or back."""
    array = array.reshape(array.shape[-2:])
    return array.T if shape[-2:-1] == ("4H",) else array


def _reordered(array, order, wanted):
    blocks = dict(zip(order, np.split(array, 4, axis=-1), strict=True))
    return np.concatenate([blocks[gate] for gate in wanted], axis=-1)


def _shapes(layout, bias):
    return dict([*layout.shapes.items()][: None if bias else 2])


def _sized(shape, *, H, D="D"):
    sizes = {"D": D, "H": H, "4H": 4 * H, "8H": 8 * H}
    return tuple(sizes.get(size, size) for size in shape)


def _listed(names):
    return ", ".join(names) or "none"
