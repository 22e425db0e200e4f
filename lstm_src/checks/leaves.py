"""One leaf of a tree: what any framework or caller gave, as a NumPy array, or refused by name."""

import numpy as np


def as_numpy(name, value):
    """Return one leaf as `named_arrays` does; ``name`` is for errors."""
    if value is None:
        raise TypeError(f"{name}: expected an array, got None: this parameter received no gradient")
    if isinstance(value, np.matrix):
        raise TypeError(f"{name}: expected an array, got a matrix, whose product is another")
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"{name}: expected an array, got a masked array, whose mask would be lost: "
            "fill it first, as array.filled(0)"
        )
    if hasattr(value, "detach"):  # a tensor of PyTorch, perhaps on another device, or sparse
        if str(getattr(value, "device", "")) == "meta":
            raise TypeError(f"{name}: expected numbers, got a tensor without any (device meta)")
        value = value.detach().cpu()
        sparse = str(getattr(value, "layout", "torch.strided")) != "torch.strided"
        value = value.to_dense() if sparse else value
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    array = np.array(np.asarray(value))  # in two steps: PyTorch knows no copy= in __array__
    if array.dtype.name in {"bfloat16", "float8_e4m3fn", "float8_e5m2"}:
        array = array.astype(np.float32)
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(
            f"{name}: expected real floating-point numbers, got "
            f"{array.dtype if is_array(value) else type(value).__name__}"
        )
    return array


def returned(argument, value, expected="an array, or a tree of arrays"):
    """Return what a callable of the caller's returned.

    Raises
    ------
    TypeError
        If that is ``None``.
    """
    if value is None:
        raise TypeError(
            f"{argument}: expected {expected}, but it returned None: does it forget `return`?"
        )
    return value


def is_array(value):
    """Tell whether a value is an array of any framework, or a number of NumPy."""
    return hasattr(value, "dtype") and hasattr(value, "shape")
