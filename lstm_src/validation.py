"""Checks of arguments: each error names the argument, what was expected and what came."""

import numbers
from importlib.util import find_spec

import numpy as np

from lstm_src.structures import Params, State, Tape


def check_layout(name, array, shape, dtype=None):
    """Return ``array`` if it has the wanted shape and dtype, whatever its entries.

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
        If it is not a plain array, or of another dtype.
    ValueError
        If it has another shape or an empty axis.
    """
    if type(array) is not np.ndarray:  # a masked array would lose its mask, a matrix its shape
        raise TypeError(f"{name}: expected a plain NumPy array, got {type(array).__name__}")
    fits = array.ndim == len(shape) and array.size and all(map(_fits, shape, array.shape))
    if not fits:  # the texts are made only here: tiny passes feel every microsecond
        wanted = f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
        empty = " with no empty axis" * (array.size == 0 and array.ndim == len(shape))
        raise ValueError(f"{name}: expected shape {wanted}{empty}, got {array.shape}")
    if dtype is None and array.dtype.kind not in "fcO":
        raise TypeError(
            f"{name}: expected a floating-point, complex or object dtype, got {array.dtype}"
        )
    if dtype is not None and array.dtype != dtype:
        raise TypeError(f"{name}: expected dtype {np.dtype(dtype)}, got {array.dtype}")
    return array


def check_array(name, array, shape, dtype=None):
    """Return ``array`` if `check_layout` accepts it and no entry is NaN.

    Raises
    ------
    TypeError, ValueError
        As `check_layout`, and if an entry is NaN. Infinities pass: overflow is a result.
    """
    check_layout(name, array, shape, dtype)
    nan = _differs(array) if array.dtype.hasobject else array != array  # NaN alone, from itself
    if np.count_nonzero(nan):
        index = tuple(int(k) for k in np.argwhere(nan)[0])
        raise ValueError(f"{name}: expected no NaN, got NaN at index {index}")
    return array


def check_like(name, value, kind):
    """Raise unless ``value`` is an instance of the named tuple ``kind``."""
    if not isinstance(value, kind):
        fields = ", ".join(kind._fields)
        raise TypeError(f"{name}: expected {kind.__name__}({fields}), got {type(value).__name__}")
    return value


def check_number(name, value):
    """Return ``value`` as a float if it is a finite real number."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name}: expected a real number, got {type(value).__name__}")
    if not np.isfinite(value):
        raise ValueError(f"{name}: expected a finite number, got {value}")
    return float(value)


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
    width = check_array("params.b", params.b, ("4H",)).size
    if width % 4:
        raise ValueError(f"params.b: expected shape (4H,), got {params.b.shape}")
    check_array("params.W_h", params.W_h, (width // 4, width), params.b.dtype)
    check_array("params.W_x", params.W_x, ("D", width), params.b.dtype)
    return len(params.W_x), width // 4, params.b.dtype


def check_state(name, state, B, H, dtype):
    """Return ``state`` after checking its arrays, or zeros where it is ``None``."""
    if state is None:
        return State(np.zeros((B, H), dtype), np.zeros((B, H), dtype))
    check_like(name, state, State)
    return State(
        *(
            check_array(f"{name}.{part}", array, (B, H), dtype)
            for part, array in zip(State._fields, state, strict=True)
        )
    )


def check_tape(name, tape, sizes, dtype):
    """Return ``tape`` after checking it against ``sizes``: T and B (or names for any), D, H."""
    check_like(name, tape, Tape)
    T, B, D, H = sizes
    T, B, _ = check_layout(f"{name}.inputs", tape.inputs, (T, B, H + D + 1), dtype).shape
    check_layout(f"{name}.slopes", tape.slopes, (T, 6, B, H), dtype)
    return tape


def check_out(name, tape, sizes, dtype):
    """Return ``tape`` after checking that it fits and that each entry can be written on its own."""
    for field, array in check_tape(name, tape, sizes, dtype)._asdict().items():
        if not (array.flags.c_contiguous and array.flags.writeable):
            raise ValueError(f"{name}.{field}: expected a writeable, C-contiguous array")
    return tape


def need_extra(room, extra, *modules):
    """Raise unless the modules that a room imports are installed.

    Parameters
    ----------
    room : str
        The room, as it is imported.
    extra : str
        What the package calls the installation that brings them.
    *modules : str
        What has to be there.

    Raises
    ------
    ImportError
        With the command that installs what is missing.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise ImportError(
            f"{room} needs {' and '.join(missing)}, which is not installed: "
            f"pip install 'divide-now-or-later[{extra}]'"
        )


# Objects that are no numbers may refuse to be compared.
_differs = np.frompyfunc(lambda entry: isinstance(entry, numbers.Number) and entry != entry, 1, 1)


def _fits(want, length):
    return want == length or isinstance(want, str)
