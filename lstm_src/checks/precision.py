"""Numbers and arrays of any framework: their precision by name, and a loss as one number."""

import numpy as np

PRECISIONS = {
    "longdouble": float(np.finfo(np.longdouble).eps),
    **{name: float(np.finfo(name).eps) for name in ("float64", "float32", "float16")},
    "bfloat16": 2.0**-7,
}
"""Machine epsilon by name."""

SMALLEST = {
    name: np.finfo("float32" if name == "bfloat16" else name).smallest_normal for name in PRECISIONS
}
"""The smallest number that has all its digits, by name."""


def precision(value):
    """Name the precision of an array or a number; that of Python's own numbers is float64."""
    name = str(getattr(value, "dtype", "float64")).removeprefix("torch.")
    if name.startswith(("bfloat16", "float8")):
        return "bfloat16"
    name = {"complex64": "float32", "complex128": "float64"}.get(name, name)
    if name in {"float16", "float32", "float64"}:
        return name
    return "longdouble" if name in {np.longdouble().dtype.name, "complex256"} else "float64"


def one_number(value):
    """Return a loss as one number of NumPy.

    Raises
    ------
    TypeError, ValueError
        If it is no number, or more than one.
    """
    if hasattr(value, "detach"):  # a tensor of PyTorch
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    if value is np.ma.masked:
        raise ValueError("loss: expected one number, got a masked one: nothing was counted")
    if isinstance(value, (tuple, list, dict)):
        raise TypeError(f"loss: expected one number, got a {type(value).__name__} of {len(value)}")
    array = np.asarray(value).copy()
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    if array.dtype.kind not in "fciu":
        raise TypeError(f"loss: expected a number, got {type(value).__name__}")
    if array.size != 1:
        raise ValueError(f"loss: expected one number, got an array of shape {array.shape}")
    return array.reshape(())[()]
