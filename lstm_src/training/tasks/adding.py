"""The adding problem: two of many numbers are marked, and at the end their sum is asked for."""

import numpy as np

from lstm_src.training.tasks.task import Task
from lstm_src.validation import check_floating, check_generator, check_size


def adding_problem(T, B, rng, *, dtype=np.float64):
    """Draw numbers, mark one in each half, and ask for the sum of the two at the last step.

    Parameters
    ----------
    T : int
        Steps, at least 2.
    B : int
        Sequences, at least 1.
    rng : numpy.random.Generator
        Source of the numbers and of the marks.
    dtype : dtype, optional
        Floating-point type of inputs and targets.

    Returns
    -------
    Task
        ``x`` (T, B, 2): a number uniform on 0 to 1, and its mark, 1 at one step of the first T // 2
        and at one of the others, else 0. ``target`` (T, B, 1): the sum of the marked numbers at the
        last step, else 0. ``mask`` is True at the last step alone: there are B terms.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.

    Notes
    -----
    The problem is that of Hochreiter and Schmidhuber (1997, experiment 4), in the form of Arjovsky,
    Shah and Bengio (2016): there the numbers begin at 0, not at -1, and the marks stand anywhere in
    their halves.
    """
    T, B = check_size("T", T, least=2), check_size("B", B)
    check_generator("rng", rng)
    check_floating("dtype", dtype)
    each, half = np.arange(B), T // 2
    x, target, mask = np.zeros((T, B, 2)), np.zeros((T, B, 1)), np.zeros((T, B), bool)
    x[..., 0] = rng.uniform(size=(T, B))
    x[rng.integers(half, size=B), each, 1] = 1
    x[rng.integers(half, T, size=B), each, 1] = 1
    target[-1, :, 0] = (x[..., 0] * x[..., 1]).sum(axis=0)
    mask[-1] = True
    return Task(x.astype(dtype), target.astype(dtype), mask, np.full(B, T))


def adding_baseline():
    """Return the mean squared error of a model that always says 1, the mean of the sum: 1/6.

    Returns
    -------
    float

    Notes
    -----
    It is the variance of the sum of two numbers uniform on 0 to 1, 1/12 each, whatever T is. The
    terms of `squared_error` are half the squares, so their mean is 1/12 for such a model.
    """
    return 1 / 6
