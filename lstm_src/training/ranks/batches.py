"""What all ranks read of a batch, refused by name."""

import numpy as np

from lstm_src.training.masks import check_mask
from lstm_src.validation import check_array, check_number, check_params


def take_batch(params, x, target, mask):
    """Return the mask of a batch, as booleans, and the type of the LSTM that reads it.

    Parameters
    ----------
    params : Params
    x, target, mask : ndarray, shape (T, B, D), (T, B, ...) and (T, B)

    Raises
    ------
    TypeError, ValueError
        Naming the argument.
    """
    D, _, dtype = check_params(params)
    T, B, _ = check_array("x", x, ("T", "B", D), dtype).shape
    if not isinstance(target, np.ndarray):
        raise TypeError(f"target: expected a NumPy array, got {type(target).__name__}")
    if target.shape[:2] != (T, B):
        raise ValueError(f"target: expected shape ({T}, {B}, ...), got {target.shape}")
    return check_mask(mask, (T, B)), dtype


def take_scale(scale, dtype, shape=()):
    """Return a number, or numbers of this shape, in the type of the loss terms.

    Raises
    ------
    TypeError, ValueError
        Naming ``scale``: if it has another shape, is not finite, or is no number of that type.
    """
    if np.ndim(scale) == 0:
        number = scale.item() if isinstance(scale, np.ndarray) else scale
        check_number("scale", number)
        given = np.asarray(number)
    else:
        given = np.asarray(scale)
        wanted = f"a number, or numbers of shape {shape}" if shape else "a number"
        if given.shape != shape:
            raise ValueError(f"scale: expected {wanted}, got shape {given.shape}")
        if given.dtype.kind not in "iufO":
            raise TypeError(f"scale: expected {wanted}, got {given.dtype}")
    if dtype.hasobject:
        return np.broadcast_to(given.astype(object), shape)
    with np.errstate(over="ignore"):  # told below
        wide, narrow = given.astype(np.longdouble), given.astype(dtype)
    if not (abs(narrow - wide) <= abs(wide) / 100).all():
        raise ValueError(f"scale: expected finite numbers that {dtype} holds, got {scale}")
    return np.broadcast_to(narrow, shape)
