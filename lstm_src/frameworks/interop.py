"""Weights and gradients to and from the layouts of PyTorch, Keras and ONNX.

No framework is imported. Values may be its tensors; results are NumPy arrays. A layout is data: an
order of the gates, and the names and shapes of the arrays that hold ``W_x``, ``W_h`` and ``b``.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from lstm_src.frameworks.layouts import Layout, read, write
from lstm_src.validation import check_bool, check_size

_PYTORCH = Layout(
    order="ifgo",
    biases=2,
    shapes={
        "weight_ih": ("4H", "D"),
        "weight_hh": ("4H", "H"),
        "bias_ih": ("4H",),
        "bias_hh": ("4H",),
    },
)
_KERAS = Layout(  # which calls the candidate c
    order="ifgo",
    biases=1,
    shapes={"kernel": ("D", "4H"), "recurrent_kernel": ("H", "4H"), "bias": ("4H",)},
)
_ONNX = Layout(
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
    arrays, layout = _mapping("state_dict", state_dict), _pytorch(prefix, _index(layer or 0))
    arrays = {name: arrays[name] for name in arrays if name.startswith(prefix)}
    if layer is not None:
        others = re.compile(rf"\w+_l(?!{_index(layer)}(_|$))\d+(_reverse)?")
        arrays = {n: arrays[n] for n in arrays if not others.fullmatch(n.removeprefix(prefix))}
    return read("state_dict", layout, arrays, bias, gradients)


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
    return write(_pytorch(prefix, _index(layer)), params, bias, gradients)


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
    names = [*_KERAS.shapes][: 3 if check_bool("bias", bias) else 2]
    if len(weights) != len(names):
        raise ValueError(f"weights: expected {', '.join(names)}, got {len(weights)} arrays")
    return read("weights", _KERAS, dict(zip(names, weights, strict=True)), bias)


def to_keras(params, *, bias=True):
    """Write weights, or their gradients, as the list that ``layer.set_weights`` takes.

    Parameters
    ----------
    params, bias
        As for `to_pytorch`.

    Returns
    -------
    list of ndarray
        Kernel, recurrent kernel and, where ``bias`` is true, bias.

    Raises
    ------
    TypeError, ValueError
        As `to_pytorch`.
    """
    return [*write(_KERAS, params, bias).values()]


def from_onnx(tensors, *, bias=True, gradients=False):
    """Read the inputs W, R and B of an ONNX ``LSTM`` node with one direction, or their gradients.

    Parameters
    ----------
    tensors : mapping of str to array
        By the names "W", "R" and "B".
    bias, gradients
        As for `from_pytorch`; a node without B has ``bias=False``.

    Returns
    -------
    Params
        As from `from_pytorch`.

    Raises
    ------
    TypeError, ValueError
        As `from_pytorch`.
    """
    return read("tensors", _ONNX, _mapping("tensors", tensors), bias, gradients)


def to_onnx(params, *, bias=True, gradients=False):
    """Write weights, or their gradients, as the inputs W, R and B of an ONNX ``LSTM`` node.

    Parameters
    ----------
    params, bias, gradients
        As for `to_pytorch`.

    Returns
    -------
    dict of str to ndarray
        By the names "W", "R" and "B". The first half of B is ``b``, the second as ``bias_hh`` of
        `to_pytorch`.

    Raises
    ------
    TypeError, ValueError
        As `to_pytorch`.
    """
    return write(_ONNX, params, bias, gradients)


def _pytorch(prefix, layer):
    if not isinstance(prefix, str):
        raise TypeError(f"prefix: expected a text, got {type(prefix).__name__}")
    shapes = {f"{prefix}{name}_l{layer}": shape for name, shape in _PYTORCH.shapes.items()}
    return replace(_PYTORCH, shapes=shapes)


def _index(layer):
    return check_size("layer", layer, least=0)


def _mapping(argument, value):
    if not isinstance(value, Mapping):
        raise TypeError(f"{argument}: expected names and arrays, got {type(value).__name__}")
    return {str(name): array for name, array in value.items()}
