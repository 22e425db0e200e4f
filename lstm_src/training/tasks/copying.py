"""Copy memory: ten symbols, a long pause, and then the same ten symbols are asked for."""

import math

import numpy as np

from lstm_src.training.tasks.task import Task
from lstm_src.validation import check_generator, check_size

KINDS, SYMBOLS = 8, 10
BLANK, DELIMITER = KINDS, KINDS + 1


def copy_memory(delay, B, rng):
    """Draw ten symbols, and ask for them again after ``delay`` steps.

    Parameters
    ----------
    delay : int
        Steps between the last symbol that is given and the first that is asked for, at least 1.
        The source calls it T; there are delay + 20 steps.
    B : int
        Sequences, at least 1.
    rng : numpy.random.Generator
        Source of the symbols.

    Returns
    -------
    Task
        ``x`` (T, B): 10 symbols from 0 to 7, delay - 1 blanks (8), the delimiter (9), 10 blanks.
        ``target`` (T, B): delay + 10 blanks, and then the 10 symbols. Every step counts: give the
        model 10 words and 9 classes.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.

    Notes
    -----
    Arjovsky, Shah and Bengio (2016), after Hochreiter and Schmidhuber (1997).
    """
    delay, B = check_size("delay", delay), check_size("B", B)
    check_generator("rng", rng)
    T = delay + 2 * SYMBOLS
    x, target = np.full((T, B), BLANK), np.full((T, B), BLANK)
    x[:SYMBOLS] = target[-SYMBOLS:] = rng.integers(KINDS, size=(SYMBOLS, B))
    x[SYMBOLS + delay - 1] = DELIMITER
    return Task(x, target, np.ones((T, B), bool), np.full(B, T))


def copy_baseline(delay):
    """Return the mean cross-entropy of a model without memory: 10 ln 8 / (delay + 20), in nats.

    Parameters
    ----------
    delay : int
        As for `copy_memory`.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If it is not an integer of at least 1.

    Notes
    -----
    Such a model is sure of the blanks, and gives each of the 8 symbols the probability 1/8 at the
    last 10 steps. The mean is over all delay + 20 steps, so that a long delay makes the same
    ignorance look small: over the last 10 steps alone it is ln 8 = 2.079 at any delay. Arjovsky,
    Shah and Bengio (2016).
    """
    return SYMBOLS * math.log(KINDS) / (check_size("delay", delay) + 2 * SYMBOLS)
