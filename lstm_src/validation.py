"""Checks of arguments: each error names the argument, what was expected and what came."""

import numbers

import numpy as np

from lstm_src.structures import Params, State, Tape


def check_array(name, array, shape, dtype=None):
    """Return ``array`` if it has the wanted shape and dtype and no NaN.

    Parameters
    ----------
    name : str
        What the caller calls the argument.
    array : ndarray
        The argument.
    shape : tuple of int or str
        Wanted length of each axis; a string names an axis of any length above 0.
    dtype : dtype, optional
        Wanted dtype; any floating-point, complex or object dtype if omitted.

    Raises
    ------
    TypeError
        If it is not an array, or of another dtype.
    ValueError
        If it has another shape, an empty axis, or a NaN.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name}: expected a NumPy array, got {type(array).__name__}")
    wanted = f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
    if array.ndim != len(shape):
        raise ValueError(f"{name}: expected shape {wanted}, got {array.shape}")
    for axis, (length, want) in enumerate(zip(array.shape, shape, strict=True)):
        if length == 0:
            raise ValueError(
                f"{name}: expected shape {wanted} with no empty axis, "
                f"got {array.shape} (axis {axis})"
            )
        if not isinstance(want, str) and length != want:
            raise ValueError(f"{name}: expected shape {wanted}, got {array.shape}")
    if dtype is None and array.dtype.kind not in "fcO":
        raise TypeError(
            f"{name}: expected a floating-point, complex or object dtype, got {array.dtype}"
        )
    if dtype is not None and array.dtype != dtype:
        raise TypeError(f"{name}: expected dtype {np.dtype(dtype)}, got {array.dtype}")
    if (array != array).any():  # NaN alone differs from itself, in every dtype
        index = tuple(int(k) for k in np.argwhere(array != array)[0])
        raise ValueError(f"{name}: expected no NaN, got NaN at index {index}")
    return array


def check_like(name, value, kind):
    """Raise unless ``value`` is an instance of the named tuple ``kind``."""
    if not isinstance(value, kind):
        fields = ", ".join(kind._fields)
        raise TypeError(f"{name}: expected {kind.__name__}({fields}), got {type(value).__name__}")
    return value


def check_floating(name, dtype):
    """Raise unless ``dtype`` is a floating-point type."""
    if not np.issubdtype(dtype, np.floating):
        raise TypeError(f"{name}: expected a floating-point type, got {np.dtype(dtype)}")


def check_size(name, value):
    """Return ``value`` if it is an integer of at least 1."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name}: expected an integer, got {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{name}: expected at least 1, got {value}")
    return int(value)


def check_generator(name, value):
    """Raise unless ``value`` is a NumPy random generator."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(f"{name}: expected numpy.random.Generator, got {type(value).__name__}")
    return value


def check_params(params):
    """Return ``(D, H, dtype)`` of ``params`` after checking shapes, and that there is one dtype."""
    check_like("params", params, Params)
    W_h = check_array("params.W_h", params.W_h, ("H", "4H"))
    H = W_h.shape[0]
    check_array("params.W_h", W_h, (H, 4 * H))
    W_x = check_array("params.W_x", params.W_x, ("D", 4 * H), W_h.dtype)
    check_array("params.b", params.b, (4 * H,), W_h.dtype)
    return W_x.shape[0], H, W_h.dtype


def check_state(name, state, B, H, dtype):
    """Return ``state`` after checking its arrays, or zeros where it is ``None``."""
    if state is None:
        return State(np.zeros((B, H), dtype), np.zeros((B, H), dtype))
    check_like(name, state, State)
    return State(
        *(
            check_array(f"{name}.{part}", array, (B, H), dtype)
            for part, array in state._asdict().items()
        )
    )


def check_tape(tape, D, H, dtype):
    """Return ``(T, B)`` of ``tape`` after checking that it belongs to a layer of these sizes."""
    check_like("tape", tape, Tape)
    T, B, _ = check_array("tape.inputs", tape.inputs, ("T", "B", H + D + 1), dtype).shape
    check_array("tape.slopes", tape.slopes, (T, 6, B, H), dtype)
    return T, B
