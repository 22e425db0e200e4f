"""Which terms of a loss count: masks of tokens, from lengths and from labels."""

import numpy as np

from lstm_src.validation import check_size

IGNORED = -100
"""The label of a token that has no loss, as PyTorch's ``ignore_index``."""


def length_mask(lengths, steps=None):
    """Return the mask of a batch of sequences that are padded at their end.

    Parameters
    ----------
    lengths : sequence of int
        T_b, the tokens of each of B sequences, at least 0.
    steps : int, optional
        T; by default the longest length.

    Returns
    -------
    ndarray of bool, shape (T, B)
        True at a token.

    Raises
    ------
    TypeError, ValueError
        If the lengths are not at least one integer of at least 0, or ``steps`` is below one of
        them, or T is 0.
    """
    try:
        lengths = np.asarray(lengths)
    except ValueError as error:
        raise ValueError(f"lengths: expected shape (B,): {error}") from error
    if lengths.ndim != 1 or not lengths.size:
        raise ValueError(f"lengths: expected shape (B,) with no empty axis, got {lengths.shape}")
    if lengths.dtype.kind not in "iu":
        raise TypeError(f"lengths: expected integers, got {lengths.dtype}")
    if lengths.min() < 0:
        raise ValueError(f"lengths: expected at least 0, got {lengths.min()}")
    longest = max(1, int(lengths.max()))
    steps = check_size("steps", longest if steps is None else steps, least=longest)
    return np.arange(steps)[:, None] < lengths


def label_mask(labels, mask=None, *, ignore_index=IGNORED):
    """Return where there is a token whose label is not ignored.

    Parameters
    ----------
    labels : ndarray of int, shape (T, B)
    mask : ndarray, shape (T, B), optional
        Of tokens, as for `reduction_weights`; all are tokens if omitted.
    ignore_index : int, optional
        The label that says "ignored".

    Returns
    -------
    ndarray of bool, shape (T, B)

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    """
    check_labels("labels", labels)
    kept = labels != check_size("ignore_index", ignore_index, least=-np.inf)
    return kept if mask is None else kept & check_mask(mask, labels.shape)


def check_labels(name, labels, shape=None):
    """Return ``labels`` if they are integers of the shape (T, B).

    Raises
    ------
    TypeError, ValueError
        Naming the argument.
    """
    if type(labels) is not np.ndarray:
        raise TypeError(f"{name}: expected a plain NumPy array, got {type(labels).__name__}")
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected integers, got {labels.dtype}")
    _check_shape(name, labels, shape)
    return labels


def check_mask(mask, shape=None):
    """Return ``mask`` as booleans if it holds 0 and 1 alone; padding alone passes.

    Raises
    ------
    TypeError, ValueError
        If it is no plain array of booleans, integers or floats, or has another shape or entries.
    """
    if type(mask) is not np.ndarray:
        raise TypeError(f"mask: expected a plain NumPy array, got {type(mask).__name__}")
    if mask.dtype.kind not in "biuf":
        raise TypeError(f"mask: expected booleans, integers or floats, got {mask.dtype}")
    _check_shape("mask", mask, shape)
    if not np.isin(mask, (0, 1)).all():
        other = mask[~np.isin(mask, (0, 1))][0]
        raise ValueError(f"mask: expected 0 and 1 alone, got {other}")
    return mask.astype(bool)


def _check_shape(name, array, shape):
    if array.ndim != 2 or not array.size or (shape is not None and array.shape != shape):
        wanted = "(T, B)" if shape is None else shape
        raise ValueError(f"{name}: expected shape {wanted} with no empty axis, got {array.shape}")
