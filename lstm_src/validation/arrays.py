"""Checks of arrays: their kind, shape, type and entries."""

import numbers

import numpy as np

BFLOAT16 = "bfloat16"
"""A floating-point type that the package ml_dtypes adds to NumPy, which files it under no kind."""


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
    if dtype is None and array.dtype.kind not in "fcO" and array.dtype.name != BFLOAT16:
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


def check_floating(name, dtype):
    """Raise unless ``dtype`` is a floating-point type."""
    try:
        known = np.dtype(dtype) if dtype is not None else None
    except TypeError:
        known = None
    if known is None or not (np.issubdtype(known, np.floating) or known.name == BFLOAT16):
        raise TypeError(f"{name}: expected a floating-point type, got {known or repr(dtype)}")


# Objects that are no numbers may refuse to be compared.
_differs = np.frompyfunc(lambda entry: isinstance(entry, numbers.Number) and entry != entry, 1, 1)


def _fits(want, length):
    return want == length or isinstance(want, str)
