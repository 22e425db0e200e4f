"""Losses of one step: a term for every step and sequence, and its cotangent, unreduced."""

from typing import NamedTuple

import numpy as np

from lstm_src.training.masks import IGNORED, check_labels, check_mask, label_mask
from lstm_src.validation import check_array, check_number


class StepLoss(NamedTuple):
    """``terms`` (T, B), and ``cotangent`` (T, B, H), the derivative of each term.

    Where a mask or an ignored label leaves a term out, both are 0.
    """

    terms: object
    cotangent: object


def squared_error(prediction, target, mask=None):
    """Half the squared distance at every step of every sequence.

    Parameters
    ----------
    prediction, target : ndarray, shape (T, B, H)
        What the model says and what it should say, of one dtype.
    mask : ndarray, shape (T, B), optional
        True or 1 where there is a term; everywhere if omitted.

    Returns
    -------
    StepLoss
        ``terms[t, b]`` is ½ Σ_k (prediction - target)²; ``cotangent`` is prediction - target.
        Neither is divided by anything: the caller chooses the reduction.

    Raises
    ------
    TypeError, ValueError
        If shapes or dtypes differ, an axis is empty, or an entry is NaN.
    """
    check_array("prediction", prediction, ("T", "B", "H"))
    check_array("target", target, prediction.shape, prediction.dtype)
    error = prediction - target
    terms = (error * error).sum(axis=-1) / 2
    if mask is None:
        return StepLoss(terms, error)
    here = check_mask(mask, terms.shape)
    zero = np.array(0, error.dtype)  # as a Python number it would widen float16
    return StepLoss(np.where(here, terms, zero), np.where(here[..., None], error, zero))


def cross_entropy(logits, labels, mask=None, *, ignore_index=IGNORED, label_smoothing=0.0):
    """Cross-entropy of the softmax at every step of every sequence.

    Parameters
    ----------
    logits : ndarray, shape (T, B, K)
        Of any floating-point dtype, or complex for the complex step. -inf rules a class out.
    labels : ndarray of int, shape (T, B)
        The right class, 0 to K-1, or ``ignore_index``. Where the mask is 0, anything.
    mask : ndarray, shape (T, B), optional
        True or 1 where there is a term; everywhere if omitted.
    ignore_index : int, optional
        The label of a token that has no term.
    label_smoothing : float, optional
        ε, from 0 to 1: the share of the target that is spread evenly over all K classes.

    Returns
    -------
    StepLoss
        With p = softmax(z): ``terms[t, b]`` is -(1-ε) ln p_label - (ε/K) Σ_k ln p_k; ``cotangent``
        is p less (1-ε) at the label and less ε/K everywhere. Neither is divided by anything, nor
        multiplied by a class weight: that is the reduction's.

    Raises
    ------
    TypeError
        If the logits are neither floating-point nor complex, or the labels are no integers.
    ValueError
        If a shape does not fit, a label is none of K, an entry is NaN or +inf, ε is outside its
        range, or a term's logits are all -inf.

    Notes
    -----
    ln p = z - m - ln Σ exp(z - m), where m is the largest real part: nothing overflows, and since
    m cancels, the expression is analytic. PyTorch weighs the classes of the smoothed part one by
    one, so with class weights and ε > 0 together its loss is another.
    """
    check_array("logits", logits, ("T", "B", "K"))
    if logits.dtype.hasobject:
        raise TypeError(f"logits: expected floating-point or complex numbers, got {logits.dtype}")
    smoothing = check_number("label_smoothing", label_smoothing)
    if not 0 <= smoothing <= 1:
        raise ValueError(f"label_smoothing: expected 0 to 1, got {smoothing}")
    check_labels("labels", labels, logits.shape[:2])
    here = label_mask(labels, mask, ignore_index=ignore_index)
    K = logits.shape[-1]
    classes = _check_classes(labels, here, K, ignore_index)[..., None]
    logits = np.where(here[..., None], logits, np.zeros_like(logits))
    highest = logits.real.max(axis=-1, keepdims=True)
    if not np.isfinite(highest).all():
        t, b, _ = np.argwhere(~np.isfinite(highest))[0]
        raise ValueError(
            f"logits: expected a finite largest entry, got {highest[t, b, 0]} at step {t} of "
            f"sequence {b}"
        )
    shifted = logits - highest
    powers = np.exp(shifted)
    wide = np.result_type(logits.dtype, np.float32)  # in float16 a sum over 65,505 classes is inf
    total = powers.sum(axis=-1, keepdims=True, dtype=wide)
    log_total = np.log(total)
    at_label = np.take_along_axis(shifted, classes, axis=-1)
    if smoothing == 1:
        at_label = np.zeros_like(at_label)  # 0 times a label that is ruled out would be NaN
    terms = log_total - (1 - smoothing) * at_label
    if smoothing:
        terms = terms - smoothing * shifted.mean(axis=-1, keepdims=True, dtype=wide)
    cotangent = powers / total - smoothing / K
    at = np.take_along_axis(cotangent, classes, axis=-1)
    np.put_along_axis(cotangent, classes, at - (1 - smoothing), axis=-1)
    dtype = logits.dtype
    return StepLoss(
        np.where(here, terms[..., 0], 0).astype(dtype),
        np.where(here[..., None], cotangent, 0).astype(dtype),
    )


def _check_classes(labels, here, K, ignore_index):
    """Return the class of each term, 0 where there is none."""
    wrong = here & ~((labels >= 0) & (labels < K))
    if wrong.any():
        t, b = np.argwhere(wrong)[0]
        raise ValueError(
            f"labels: expected 0 to {K - 1}, or ignore_index {ignore_index}, got {labels[t, b]} "
            f"at step {t} of sequence {b}"
        )
    return np.where(here, labels, 0).astype(np.intp)
