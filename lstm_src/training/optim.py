"""What a training loop does to a finished gradient. Clipping is not linear: its place matters."""

import numpy as np

from lstm_src.checks.trees import named_leaves, tree_map
from lstm_src.validation import check_number


def clip_by_value(gradients, limit):
    """Move every entry into the range from ``-limit`` to ``limit``.

    Parameters
    ----------
    gradients : tree of floating-point ndarray
    limit : float
        Above 0.

    Returns
    -------
    tree of ndarray
        New arrays; the direction of the whole changes wherever an entry was clipped.

    Raises
    ------
    TypeError, ValueError
        If the limit is not a number above 0, or an entry is no floating-point number or NaN.
    """
    limit = _check_limit(limit)
    _check_finite(gradients, infinite=True)
    return tree_map(lambda array: np.clip(array, -limit, limit), gradients)


def clip_by_norm(gradients, limit):
    """Shorten the gradient, all arrays together, to the norm ``limit`` if it is longer.

    Parameters
    ----------
    gradients : tree of floating-point ndarray
    limit : float
        Above 0.

    Returns
    -------
    tree of ndarray
        New arrays, all multiplied with one factor of at most 1.

    Raises
    ------
    TypeError, ValueError
        If the limit is not a number above 0, or an entry is no finite floating-point number.

    Notes
    -----
    Pascanu, Mikolov and Bengio (2013).
    """
    limit = _check_limit(limit)
    arrays = _check_finite(gradients)
    largest = max((float(abs(array).max(initial=0)) for array in arrays), default=0.0)
    if not largest:
        return tree_map(np.copy, gradients)
    squares = sum(float(np.square(array / largest, dtype=np.float64).sum()) for array in arrays)
    factor = min(1.0, limit / largest / np.sqrt(squares))
    return tree_map(lambda array: array * array.dtype.type(factor), gradients)


def _check_limit(limit):
    limit = check_number("limit", limit)
    if limit <= 0:
        raise ValueError(f"limit: expected a number above 0, got {limit}")
    return limit


def _check_finite(gradients, *, infinite=False):
    arrays = [*named_leaves("gradients", gradients).values()]
    for array in arrays:
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            came = getattr(array, "dtype", type(array).__name__)
            raise TypeError(f"gradients: expected floating-point NumPy arrays, got {came}")
        if np.isnan(array).any() or not (infinite or np.isfinite(array).all()):
            wanted = "no NaN" if infinite else "finite numbers"
            raise ValueError(f"gradients: expected {wanted}, got {array[~np.isfinite(array)][0]}")
    return arrays
