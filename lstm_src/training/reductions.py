"""Which N? How much each loss term weighs in the loss, under a mask.

Every reduction is a weighted sum L = Σ w · terms of the unreduced loss terms. They differ in the
weights alone, so a loss and its gradient cannot be divided by different numbers if both use them.
"""

import numpy as np

from lstm_src.validation import check_floating

REDUCTIONS = ("sum", "token mean", "sequence mean", "batch mean")
"""The names of the reductions."""


def reduction_weights(reduction, mask, *, dtype=np.float64):
    """Return the weight of every loss term: 0 in the padding.

    Parameters
    ----------
    reduction : str
        One of `REDUCTIONS`:

        - "sum": every token weighs 1. The weights add up to the number of tokens.
        - "token mean": 1 over the number of tokens in the batch. They add up to 1.
        - "sequence mean": 1 over the number of tokens in its sequence, over the number of
          sequences B. They add up to 1.
        - "batch mean": 1 over B. They add up to the mean number of tokens in a sequence.
    mask : ndarray, shape (T, B)
        True or 1 at a token, False or 0 in the padding; boolean, integer or floating-point.
    dtype : dtype, optional
        Floating-point type of the weights.

    Returns
    -------
    ndarray, shape (T, B)

    Raises
    ------
    TypeError
        If the mask is no plain array of such a type, or ``dtype`` is not floating-point.
    ValueError
        If the reduction is unknown; if the mask has another shape or an empty axis, an entry other
        than 0 and 1, or no token at all; for the sequence mean, if a sequence has no token.
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction: expected one of {', '.join(REDUCTIONS)}, got {reduction!r}")
    check_floating("dtype", dtype)
    tokens = _check_mask(mask).sum(axis=0)
    if reduction == "sequence mean" and not tokens.all():
        raise ValueError(
            f"mask: expected a token in every sequence, got none in sequence {tokens.argmin()}"
        )
    count = {
        "sum": 1,
        "token mean": tokens.sum(),
        "sequence mean": tokens * len(tokens),
        "batch mean": len(tokens),
    }[reduction]
    return mask.astype(dtype) / np.asarray(count, dtype)


def _check_mask(mask):
    if type(mask) is not np.ndarray:
        raise TypeError(f"mask: expected a plain NumPy array, got {type(mask).__name__}")
    if mask.dtype.kind not in "biuf":
        raise TypeError(f"mask: expected booleans, integers or floats, got {mask.dtype}")
    if mask.ndim != 2 or not mask.size:
        raise ValueError(f"mask: expected shape (T, B) with no empty axis, got {mask.shape}")
    if not np.isin(mask, (0, 1)).all():
        other = mask[~np.isin(mask, (0, 1))][0]
        raise ValueError(f"mask: expected 0 and 1 alone, got {other}")
    if not mask.any():
        raise ValueError("mask: expected at least one token, got padding alone")
    return mask.astype(int)
