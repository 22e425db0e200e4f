"""Which N? How much each loss term weighs in the loss, under a mask.

Every reduction is a weighted sum L = Σ w · terms of the unreduced loss terms. They differ in the
weights alone, so a loss and its gradient cannot be divided by different numbers if both use them.
"""

from fractions import Fraction

import numpy as np

from lstm_src.training.masks import check_mask
from lstm_src.validation import check_floating, check_size

PADDING_COUNTED = "token mean, padding counted"
PADDING_INCLUDED = "mean over all entries, padding included"

REDUCTIONS = (
    "sum",
    "token mean",
    "sequence mean",
    "batch mean",
    PADDING_COUNTED,
    PADDING_INCLUDED,
    "GRPO",
    "DAPO",
    "Dr. GRPO",
)
"""The names of the reductions."""


def reduction_weights(reduction, mask, *, class_weights=None, max_length=None, dtype=np.float64):
    """Return the weight of every loss term.

    Parameters
    ----------
    reduction : str
        One of `REDUCTIONS`:

        - "sum": every token weighs 1. The weights add up to the number of tokens.
        - "token mean": 1 over the number of tokens in the batch. They add up to 1.
        - "sequence mean": 1 over the number of tokens in its sequence, over the number of
          sequences B. They add up to 1.
        - "batch mean": 1 over B. They add up to the mean number of tokens in a sequence.
        - "token mean, padding counted": 1 over the entries T·B, and 0 in the padding.
        - "mean over all entries, padding included": 1 over T·B, in the padding too.
        - "GRPO": the sequence mean; "DAPO": the token mean; "Dr. GRPO": 1 over B times
          ``max_length``. The batch is all answers that are compared with each other.
    mask : ndarray, shape (T, B)
        True or 1 at a token, False or 0 in the padding or where a label is ignored; boolean,
        integer or floating-point.
    class_weights : ndarray, shape (T, B), optional
        How much the class of each term weighs, at least 0, in place of 1; in the padding anything.
        A mean over tokens is then divided by the sum of these weights, as PyTorch's ``weight``.
    max_length : int, optional
        Tokens that an answer may have at most; read by "Dr. GRPO" alone, which needs it.
    dtype : dtype, optional
        Floating-point type of the weights; ``object`` for exact fractions.

    Returns
    -------
    ndarray, shape (T, B)

    Raises
    ------
    TypeError
        If the mask or the class weights are no plain array of such a type, or ``dtype`` is
        neither floating-point nor ``object``.
    ValueError
        If the reduction is unknown; if an array has another shape or an empty axis, or an entry
        that it may not have; if a mean would be 0/0, because there is no token, in a sequence for
        the sequence mean; if class weights come with a mean that counts padding; if "Dr. GRPO"
        lacks ``max_length``; if ``dtype`` changes a weight by more than a hundredth.

    Notes
    -----
    GRPO: Shao et al. (2024), arXiv:2402.03300. DAPO: Yu et al. (2025), arXiv:2503.14476. Dr. GRPO:
    Liu et al. (2025), arXiv:2503.20783.
    """
    if not isinstance(reduction, str) or reduction not in REDUCTIONS:
        raise ValueError(f"reduction: expected one of {', '.join(REDUCTIONS)}, got {reduction!r}")
    exact = isinstance(dtype, type | str | np.dtype) and dtype in (
        object,
        np.object_,
        "O",
        "object",
    )
    if not exact:
        check_floating("dtype", dtype)
    mask = check_mask(mask)
    padded = reduction in (PADDING_COUNTED, PADDING_INCLUDED)
    if padded and class_weights is not None:
        raise ValueError(f"class_weights: expected none with {reduction!r}, got an array")
    number = np.frompyfunc(Fraction, 1, 1) if exact else np.longdouble
    ones = np.ones(mask.shape, int) if class_weights is None else class_weights
    here = np.ones_like(mask) if reduction == PADDING_INCLUDED else mask
    weights = number(np.where(here, _check_class_weights(ones, mask), 0))
    weights = weights / _count(reduction, weights, mask, max_length)
    return weights if exact else _narrow(weights, dtype)


def _count(reduction, weights, mask, max_length):
    """Return what the terms are divided by: a number, or one for each sequence."""
    T, B = mask.shape
    if reduction in ("token mean", "DAPO"):
        return _not_zero(weights.sum(keepdims=True), mask.any(keepdims=True))
    if reduction in ("sequence mean", "GRPO"):
        return _not_zero(weights.sum(axis=0, keepdims=True), mask.any(axis=0, keepdims=True)) * B
    if reduction == "Dr. GRPO":
        if max_length is None:
            raise ValueError("max_length: expected a number of tokens for 'Dr. GRPO', got None")
        longest = int(mask.sum(axis=0).max())
        return B * check_size("max_length", max_length, least=max(1, longest))
    return {"sum": 1, "batch mean": B}.get(reduction, T * B)


def _not_zero(count, tokens):
    """Return ``count`` unless one is 0, which would make a mean 0/0."""
    if (count != 0).all():
        return count
    remedy = (
        "its mean would be 0/0. Leave it out, or take the 'sum' and divide once, by the count of "
        "all batches together"
    )
    if not tokens.any():
        raise ValueError(f"mask: expected at least one token, got padding alone: {remedy}")
    if not tokens.all():
        lacking = tokens.argmin()
        raise ValueError(
            f"mask: expected a token in every sequence, got none in sequence {lacking}: {remedy}"
        )
    place = f" in sequence {(count != 0).argmin()}" if count.size > 1 else ""
    raise ValueError(f"class_weights: expected one above 0, got 0 at all tokens{place}: {remedy}")


def _check_class_weights(weights, mask):
    if type(weights) is not np.ndarray:
        came = type(weights).__name__
        raise TypeError(f"class_weights: expected a plain NumPy array, got {came}")
    if weights.dtype.kind not in "iuf":
        raise TypeError(f"class_weights: expected integers or floats, got {weights.dtype}")
    if weights.shape != mask.shape:
        raise ValueError(f"class_weights: expected shape {mask.shape}, got {weights.shape}")
    wrong = mask & ~((weights >= 0) & np.isfinite(weights))
    if wrong.any():
        raise ValueError(
            f"class_weights: expected finite numbers of at least 0, got {weights[wrong][0]}"
        )
    return weights


def _narrow(weights, dtype):
    with np.errstate(over="ignore"):  # told below
        narrow = weights.astype(dtype)
        lost = abs(narrow - weights) > weights / 100
    if lost.any():
        least = float(weights[lost].min())
        raise ValueError(f"dtype: expected a type that holds {least:.2g}, got {np.dtype(dtype)}")
    return narrow
