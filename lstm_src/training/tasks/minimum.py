"""The running minimum: numbers in, the smallest one so far out."""

import numpy as np

from lstm_src.validation import check_generator, check_size


def running_minimum(T, B, D, rng):
    """Draw numbers, and at every step ask for the smallest one so far, in each of D columns.

    Parameters
    ----------
    T, B, D : int
        Steps, sequences and columns, each at least 1.
    rng : numpy.random.Generator
        Source of the numbers.

    Returns
    -------
    x, target : ndarray, shape (T, B, D)
        ``x`` is uniform on -1 to 1; ``target[t]`` is the minimum of ``x[0]`` to ``x[t]``.

    Raises
    ------
    TypeError, ValueError
        If a size is not an integer of at least 1, or ``rng`` is no generator.
    """
    check_generator("rng", rng)
    sizes = zip(("T", "B", "D"), (T, B, D), strict=True)
    x = rng.uniform(-1, 1, [check_size(name, size) for name, size in sizes])
    return x, np.minimum.accumulate(x)
