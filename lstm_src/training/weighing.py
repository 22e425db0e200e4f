"""How much each term of a model's loss weighs, and how many terms count."""

from fractions import Fraction
from numbers import Rational

import numpy as np

from lstm_src.training.masks import check_labels, check_mask, label_mask
from lstm_src.training.reductions import PADDING_INCLUDED, reduction_weights
from lstm_src.validation import check_array, check_number


def weigh(reduction, target, shape, dtype, mask, class_weights, max_length, scale):
    """Return the weights (T, B) times ``scale``, and the count of the terms.

    Arguments are those of `lstm_src.training.model.loss_and_gradients`; ``shape`` is (T, B), and
    ``dtype`` that of the model, whose real type the weights have.

    Returns
    -------
    weights : ndarray, shape (T, B)
    count : int, float or Fraction
        The number of tokens that are not ignored, of all entries where padding is included; with
        class weights, the sum of theirs.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described there.
    """
    real = np.empty(0, dtype).real.dtype
    labelled = isinstance(target, np.ndarray) and target.dtype.kind in "iu"
    here = np.ones(shape, bool) if mask is None else check_mask(mask, shape)
    if labelled:
        here = label_mask(check_labels("target", target, shape), here)
    by_term = None
    if class_weights is not None:
        by_term = _by_term(class_weights, target if labelled else None, here)
    if isinstance(reduction, str) and reduction == PADDING_INCLUDED:
        here = np.ones(shape, bool)
    weights = _weights(reduction, here, by_term, max_length, shape, real)
    check_number("scale", scale)
    return _scaled(weights, scale, real), _count(here, by_term, real)


def _scaled(weights, scale, real):
    """Return weights times a number, in their type."""
    if real.hasobject:
        return weights * scale
    factor = _wide(scale)
    wide = weights * factor
    with np.errstate(all="ignore"):  # told below
        narrow = weights * real.type(factor)
        if _lost(narrow, wide).any():  # the product may be a number where the factor is none
            narrow = wide.astype(real)
        lost = _lost(narrow, wide)
    if lost.any():
        raise ValueError(
            f"scale: expected a number that times a weight is one of {real}, got {scale}, which "
            f"makes {float(weights[lost][0]):.2g} a weight of {float(wide[lost][0]):.2g}"
        )
    return narrow


def _lost(narrow, wide):
    return ~(abs(narrow - wide) <= abs(wide) / 100)


def weighed_by(reduction, scale):
    """Return in words what terms are weighed by: "sum", "token mean", "weights", "sum × 0.05"."""
    name = reduction if isinstance(reduction, str) else "weights"
    return name if scale == 1 else f"{name} × {scale}"


def _wide(number):
    """Return a number as longdouble: NumPy itself would round a fraction to float64 first."""
    if isinstance(number, Rational):
        return np.longdouble(number.numerator) / np.longdouble(number.denominator)
    return np.longdouble(number)


def _weights(reduction, here, by_term, max_length, shape, real):
    if isinstance(reduction, str):
        return reduction_weights(
            reduction, here, class_weights=by_term, max_length=max_length, dtype=real
        )
    if not isinstance(reduction, np.ndarray):
        came = type(reduction).__name__
        raise TypeError(f"reduction: expected a name or an array of weights, got {came}")
    if by_term is not None:
        raise ValueError("class_weights: expected none beside weights of terms, got an array")
    check_array("reduction", reduction, shape, real)
    if not (real.hasobject or np.isfinite(reduction).all()):
        raise ValueError("reduction: expected finite weights, got an infinite one")
    return np.where(here, reduction, np.zeros_like(reduction))


def check_class_weights(class_weights, shape):
    """Raise unless class weights are None, or one for each of the K classes."""
    if class_weights is None:
        return
    if type(class_weights) is not np.ndarray or class_weights.ndim != 1:
        came = getattr(class_weights, "shape", type(class_weights).__name__)
        raise TypeError(f"class_weights: expected an array of shape (K,), got {came}")
    if class_weights.shape != shape:
        raise ValueError(f"class_weights: expected shape {shape}, got {class_weights.shape}")


def _by_term(class_weights, labels, here):
    """Return the weight of each term's class; 1 where there is no term."""
    if labels is None:
        raise TypeError("class_weights: expected labels as target, integers of shape (T, B)")
    wrong = here & ~((labels >= 0) & (labels < len(class_weights)))
    if wrong.any():
        raise ValueError(
            f"target: expected labels from 0 to {len(class_weights) - 1}, one for each of "
            f"class_weights, got {labels[wrong][0]}"
        )
    return np.where(here, class_weights[np.where(here, labels, 0)], 1)


def _count(here, by_term, real):
    if by_term is None:
        return int(here.sum())
    weights = by_term[here].tolist()
    return sum(map(Fraction, weights), Fraction()) if real.hasobject else float(np.sum(weights))
