"""Strings of the Reber grammar, to be predicted symbol by symbol."""

import math

import numpy as np

from lstm_src.training.masks import IGNORED, length_mask
from lstm_src.training.tasks.grammar import REBER_SYMBOLS, means, reber_string
from lstm_src.training.tasks.task import Task
from lstm_src.validation import check_bool, check_generator, check_size


def reber_task(B, rng, *, grammar="embedded"):
    """Draw strings, and ask at every symbol for the next.

    Parameters
    ----------
    B : int
        Strings, at least 1.
    rng : numpy.random.Generator
    grammar : {"embedded", "plain"}, optional

    Returns
    -------
    Task
        ``x`` (T, B): the words of all symbols but the last, each one's place in `REBER_SYMBOLS`.
        ``target`` (T, B): those of all symbols but the first, then -100. The lengths are one less
        than those of the strings, and T is the longest.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.

    Notes
    -----
    The sources are those of `reber_string`.
    """
    B = check_size("B", B)
    check_generator("rng", rng)
    strings = [reber_string(rng, grammar=grammar) for _ in range(B)]
    lengths = np.array([len(string) - 1 for string in strings])
    x = np.zeros((lengths.max(), B), int)
    target = np.full_like(x, IGNORED)
    for b, string in enumerate(strings):
        words = [REBER_SYMBOLS.index(symbol) for symbol in string]
        x[: lengths[b], b], target[: lengths[b], b] = words[:-1], words[1:]
    return Task(x, target, length_mask(lengths), lengths)


def reber_baseline(*, remembers=False, grammar="embedded"):
    """Return the mean cross-entropy of a model that knows the grammar, in nats per symbol.

    Parameters
    ----------
    remembers : bool, optional
        Whether it knows the second symbol of an embedded string at the closing one, too. If so,
        no model has less, in the mean over new strings.
    grammar : {"embedded", "plain"}, optional
        In a plain string there is nothing to remember.

    Returns
    -------
    float
        The mean of the choices of a string, over the mean of its labels: what a token mean over
        many strings comes near.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    """
    check_bool("remembers", remembers)
    length, nats = means(grammar)
    forgotten = grammar == "embedded" and not remembers
    return (nats + forgotten * math.log(2)) / (length - 1)
