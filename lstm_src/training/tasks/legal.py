"""Which predictions of the next symbol are legal in the Reber grammar."""

from typing import NamedTuple

import numpy as np

from lstm_src.training.masks import check_labels, length_mask
from lstm_src.training.tasks.grammar import REBER_SYMBOLS, check_grammar, is_reber, may_follow
from lstm_src.training.tasks.task import Task
from lstm_src.validation import check_array, check_like


class LegalShares(NamedTuple):
    """Shares, 0 to 1, of predictions that are legal: over ``every`` step, and at the ``closing``.

    The closing symbol is the last but one: in an embedded string it repeats the second.
    """

    every: float
    closing: float


def legal_symbols(task, *, grammar="embedded"):
    """Return which symbols may follow at every step of every string.

    Parameters
    ----------
    task : Task
        As from `reber_task`; ``x`` and ``lengths`` are read.
    grammar : {"embedded", "plain"}, optional

    Returns
    -------
    ndarray of bool, shape (T, B, 7)
        All False in the padding.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    """
    strings = _strings(check_like("task", task, Task))
    check_grammar(grammar)
    legal = np.zeros((*task.x.shape, len(REBER_SYMBOLS)), bool)
    for b, (string, length) in enumerate(zip(strings, task.lengths, strict=True)):
        for t in range(length):
            try:
                symbols = may_follow(string[: t + 1], grammar=grammar)
            except ValueError as error:
                raise ValueError(f"task.x: sequence {b}: {error}") from error
            for symbol in symbols:
                legal[t, b, REBER_SYMBOLS.index(symbol)] = True
    return legal


def legal_shares(outputs, task, *, grammar="embedded"):
    """Return how often the highest output is a symbol that may follow.

    Parameters
    ----------
    outputs : ndarray, shape (T, B, 7)
        Such as logits; in the padding any numbers.
    task, grammar
        As for `legal_symbols`.

    Returns
    -------
    LegalShares

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.

    Notes
    -----
    Without memory of the second symbol 95 of 100 embedded predictions are legal, too: look at the
    closing one.
    """
    legal, each = legal_symbols(task, grammar=grammar), np.arange(len(task.lengths))
    check_array("outputs", outputs, legal.shape)
    if outputs.dtype.kind != "f":
        raise TypeError(f"outputs: expected floating-point numbers, got {outputs.dtype}")
    for string in _strings(task):
        if not is_reber(string + REBER_SYMBOLS[-1], grammar=grammar):
            raise ValueError(f"task: expected whole strings but for their last E, got {string!r}")
    chosen = outputs.argmax(axis=-1)[..., None]
    right = np.take_along_axis(legal, chosen, axis=-1)[..., 0]
    closing = right[task.lengths - 2, each]
    return LegalShares(float(right.sum() / task.lengths.sum()), float(closing.mean()))


def _strings(task):
    """Return the symbols that a task gives to the model."""
    check_labels("task.x", task.x)
    (T, B), lengths = task.x.shape, task.lengths
    if type(lengths) is not np.ndarray or lengths.dtype.kind not in "iu" or lengths.shape != (B,):
        raise TypeError(f"task.lengths: expected an array of {B} integers, got {lengths}")
    if lengths.min() < 0 or lengths.max() > T:
        raise ValueError(f"task.lengths: expected 0 to {T}, got {lengths}")
    wrong = length_mask(lengths, T) & ~((task.x >= 0) & (task.x < len(REBER_SYMBOLS)))
    if wrong.any():
        raise ValueError(
            f"task.x: expected words from 0 to {len(REBER_SYMBOLS) - 1}, got {task.x[wrong][0]}"
        )
    rows = zip(task.x.T, task.lengths, strict=True)
    return ["".join(REBER_SYMBOLS[word] for word in words[:length]) for words, length in rows]
