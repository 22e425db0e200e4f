"""A count of terms, and what is divided by it."""

import sys
from numbers import Real

import numpy as np


def take_count(count):
    """Return a count as a number of Python, which widens no array that it divides."""
    if getattr(count, "shape", ()):
        raise ValueError(
            f"sums: expected one count, got an array of shape {tuple(count.shape)}: add up over "
            "the ranks, and take what one of them holds, as `Ranks.join` does"
        )
    count = count.item() if hasattr(count, "item") else count
    if isinstance(count, bool) or not isinstance(count, Real):
        raise TypeError(f"sums: expected a number as count, got {type(count).__name__}")
    if not count > 0:
        raise ValueError(
            f"sums: expected a count above 0, got {count}: the mean would be 0/0. Leave out the "
            "update, or count over more parts"
        )
    if count > sys.float_info.max:
        raise ValueError(f"sums: expected a finite count, got {count}")
    return count


def over(array, count):
    """Return an array over a count, in its type."""
    if not isinstance(array, np.ndarray | np.generic) or array.dtype.kind not in "fc":
        return array / count
    wide = np.result_type(array.dtype, np.float32)  # float16 holds no count above 65,504
    return np.divide(array, float(count), dtype=wide).astype(array.dtype)
