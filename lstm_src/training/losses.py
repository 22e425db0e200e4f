"""Losses of one step: a term for every step and sequence, and its cotangent, unreduced."""

from typing import NamedTuple

from lstm_src.validation import check_array


class StepLoss(NamedTuple):
    """``terms`` (T, B), and ``cotangent`` (T, B, H), the derivative of each term."""

    terms: object
    cotangent: object


def squared_error(prediction, target):
    """Half the squared distance at every step of every sequence.

    Parameters
    ----------
    prediction, target : ndarray, shape (T, B, H)
        What the model says and what it should say, of one dtype.

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
    return StepLoss((error * error).sum(axis=-1) / 2, error)
