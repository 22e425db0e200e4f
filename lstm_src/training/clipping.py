"""What a training loop does to a finished gradient. Clipping is not linear: its place matters."""

import numpy as np

from lstm_src.checks.trees import named_leaves, tree_map
from lstm_src.validation import check_above_zero


def clip_by_value(gradients, limit):
    """Move every entry into the range from ``-limit`` to ``limit``.

    Parameters
    ----------
    gradients : tree of floating-point ndarray
        ``None`` is a parameter that is left out, and stays so.
    limit : float
        Above 0; infinite for no clip.

    Returns
    -------
    tree of ndarray
        New arrays; the direction of the whole changes wherever an entry was clipped.

    Raises
    ------
    TypeError, ValueError
        If the limit is not a number above 0, or an entry is no floating-point number or NaN.
    """
    limit = check_above_zero("limit", limit, infinite=True)
    _check_finite(gradients, infinite=True)

    def within(array):
        largest = float(np.finfo(array.dtype).max)
        bound = array.dtype.type(limit if limit == np.inf else min(limit, largest))
        return np.clip(array, -bound, bound, out=np.empty_like(array))

    return tree_map(within, gradients)


def clip_by_norm(gradients, limit):
    """Shorten the gradient, all arrays together, to the norm ``limit`` if it is longer.

    Parameters
    ----------
    gradients : tree of floating-point ndarray
        ``None`` is a parameter that is left out, and stays so.
    limit : float
        Above 0; infinite for no clip.

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
    limit = check_above_zero("limit", limit, infinite=True)
    arrays = _check_finite(gradients)
    largest, root = norm_of(arrays)
    return tree_map(lambda a: shortened(a, limit, largest, root), gradients)


def norm_of(arrays):
    """Return the norm of some arrays together as two factors: the largest entry, and a root.

    The root is that of the squares over the largest one: they stay in the range of their type, as
    the norm may not.
    """
    wide = np.result_type(np.float64, *arrays)
    largest = max((wide.type(abs(array).max(initial=0)) for array in arrays), default=wide.type(0))
    largest = largest or wide.type(1)
    return largest, np.sqrt(sum(np.square(array / largest, dtype=wide).sum() for array in arrays))


def shortened(array, limit, largest, root):
    """Return an array times ``limit`` over the norm, ``largest * root``, if that is below 1.

    Parameters
    ----------
    array : floating-point ndarray
    limit : float
    largest : number of NumPy
    root : number or ndarray of NumPy
        Of a shape that broadcasts to that of the array.
    """
    with np.errstate(divide="ignore", over="ignore", under="ignore"):  # a norm of 0, or near it
        factor = np.minimum(1, limit / largest / root)
    if (factor >= np.finfo(array.dtype).tiny).all():
        return np.asarray(array * factor.astype(array.dtype))
    shares = array / largest  # the type has no such factor, or not all its digits
    return np.asarray(shares * (limit / root)).astype(array.dtype)


def _check_finite(gradients, *, infinite=False):
    leaves = named_leaves("gradients", gradients).values()
    arrays = [leaf for leaf in leaves if leaf is not None]
    if not arrays:
        raise TypeError("gradients: expected floating-point NumPy arrays, got None alone")
    for array in arrays:
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            came = getattr(array, "dtype", type(array).__name__)
            raise TypeError(f"gradients: expected floating-point NumPy arrays, got {came}")
        if np.isnan(array).any() or not (infinite or np.isfinite(array).all()):
            wanted = "no NaN" if infinite else "finite numbers"
            raise ValueError(f"gradients: expected {wanted}, got {array[~np.isfinite(array)][0]}")
    return arrays
