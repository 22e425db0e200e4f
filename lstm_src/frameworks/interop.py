"""Weights and gradients to and from the layouts of PyTorch, Keras and ONNX.

No framework is imported. Values may be its tensors; results are NumPy arrays. A layout is data: an
order of the gates, and the names and shapes of the arrays that hold ``W_x``, ``W_h`` and ``b``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from lstm_src.checks.trees import named_arrays
from lstm_src.structures import GATES, Params
from lstm_src.validation import check_array, check_like, check_params, check_size


@dataclass(frozen=True)
class _Layout:
    order: str
    biases: int  # vectors of 4H whose sum is b
    shapes: dict  # of the arrays for W_x, W_h and the biases, in this order


_PYTORCH = _Layout(
    order="ifgo",
    biases=2,
    shapes={
        "weight_ih": ("4H", "D"),
        "weight_hh": ("4H", "H"),
        "bias_ih": ("4H",),
        "bias_hh": ("4H",),
    },
)
_KERAS = _Layout(  # which calls the candidate c
    order="ifgo",
    biases=1,
    shapes={"kernel": ("D", "4H"), "recurrent_kernel": ("H", "4H"), "bias": ("4H",)},
)
_ONNX = _Layout(
    order="iofg",
    biases=2,
    shapes={"W": (1, "4H", "D"), "R": (1, "4H", "H"), "B": (1, "8H")},
)


def from_pytorch(state_dict, *, layer=None, prefix="", bias=True, gradients=False):
    """Read the weights of a ``torch.nn.LSTM``, or their gradients.

    Parameters
    ----------
    state_dict : mapping of str to array
        As ``module.state_dict()`` returns it; for gradients
        ``{name: p.grad for name, p in module.named_parameters()}``.
    layer : int, optional
        Which layer of a stack to read; the others are left alone. If omitted, layer 0, and there
        may be no other.
    prefix : str, optional
        What stands before the names, such as ``"encoder.lstm."``. Names that begin in another way
        are left alone.
    bias : bool, optional
        False for a layer without biases: ``b`` is zero.
    gradients : bool, optional
        True if the arrays are gradients.

    Returns
    -------
    Params
        Copies, in the order `GATES`. PyTorch has two biases: ``b`` is their sum, and each has
        the whole gradient of ``b``. The two may differ by rounding; the first is taken.

    Raises
    ------
    TypeError
        If ``state_dict`` is no mapping, a value no real floating-point array, or dtypes differ.
    ValueError
        If an array is missing or unknown (a reverse direction, a projection), if a shape does not
        fit or an entry is NaN, or if the gradients of the two biases differ by more than rounding:
        in the first half of the digits.
    """
    arrays = _mapping("state_dict", state_dict)
    arrays = {name: arrays[name] for name in arrays if name.startswith(prefix)}
    if layer is not None:
        others = re.compile(rf"\w+_l(?!{_index(layer)}(_|$))\d+(_reverse)?")
        arrays = {n: arrays[n] for n in arrays if not others.fullmatch(n.removeprefix(prefix))}
    return _read("state_dict", _pytorch(prefix, layer or 0), arrays, bias, gradients)


def to_pytorch(params, *, layer=0, prefix="", bias=True, gradients=False):
    """Write weights, or their gradients, under the names of a ``torch.nn.LSTM``.

    Parameters
    ----------
    params : Params
        Weights or gradients; ``b`` must be zero where ``bias`` is false.
    layer, prefix, bias, gradients
        As for `from_pytorch`.

    Returns
    -------
    dict of str to ndarray
        For weights ``bias_ih`` is ``b`` and ``bias_hh`` zero; for gradients both are that of ``b``.

    Raises
    ------
    TypeError, ValueError
        If ``params`` is not what is described here, or no real floating-point numbers.
    """
    return _write(_pytorch(prefix, _index(layer)), params, bias, gradients)


def from_keras(weights, *, bias=True):
    """Read the weights of a ``keras.layers.LSTM``, or their gradients: both have one layout.

    Parameters
    ----------
    weights : list or tuple of array
        Kernel, recurrent kernel and bias, as ``layer.get_weights()`` returns them.
    bias : bool, optional
        False for a layer without bias: ``b`` is zero.

    Returns
    -------
    Params

    Raises
    ------
    TypeError, ValueError
        As `from_pytorch`.
    """
    if not isinstance(weights, list | tuple):
        raise TypeError(f"weights: expected a list of arrays, got {type(weights).__name__}")
    names = [*_KERAS.shapes][: 3 if bias else 2]
    if len(weights) != len(names):
        raise ValueError(f"weights: expected {', '.join(names)}, got {len(weights)} arrays")
    return _read("weights", _KERAS, dict(zip(names, weights, strict=True)), bias)


def to_keras(params, *, bias=True):
    """Write weights, or their gradients, as the list that ``layer.set_weights`` takes.

    Parameters, errors and the rule for ``bias`` are those of `to_pytorch`.
    """
    return [*_write(_KERAS, params, bias).values()]


def from_onnx(tensors, *, bias=True, gradients=False):
    """Read the inputs W, R and B of an ONNX ``LSTM`` node with one direction, or their gradients.

    Parameters, result and errors are those of `from_pytorch`. A node without B has ``bias=False``.
    """
    return _read("tensors", _ONNX, _mapping("tensors", tensors), bias, gradients)


def to_onnx(params, *, bias=True, gradients=False):
    """Write weights, or their gradients, as the inputs W, R and B of an ONNX ``LSTM`` node.

    Parameters, result and errors are those of `to_pytorch`: the first half of B is ``b``.
    """
    return _write(_ONNX, params, bias, gradients)


def _read(argument, layout, arrays, bias, gradients=False):
    shapes = _shapes(layout, bias)
    if arrays.keys() != shapes.keys():
        missing, unknown = sorted(shapes.keys() - arrays.keys()), arrays.keys() - shapes.keys()
        raise ValueError(
            f"{argument}: expected {_listed(shapes)}; "
            f"missing: {_listed(missing)}; got as well: {_listed(sorted(unknown))}"
        )
    arrays = named_arrays(argument, {name: arrays[name] for name in shapes})
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


def _write(layout, params, bias, gradients=False):
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


def _pytorch(prefix, layer):
    shapes = {f"{prefix}{name}_l{layer}": shape for name, shape in _PYTORCH.shapes.items()}
    return replace(_PYTORCH, shapes=shapes)


def _index(layer):
    return check_size("layer", layer) if layer != 0 else 0


def _mapping(argument, value):
    if not isinstance(value, Mapping):
        raise TypeError(f"{argument}: expected names and arrays, got {type(value).__name__}")
    return {str(name): array for name, array in value.items()}


def _listed(names):
    return ", ".join(names) or "none"
