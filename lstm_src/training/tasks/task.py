"""What the tasks have in common: their arrays, as `loss_and_gradients` takes them."""

from typing import NamedTuple

import numpy as np


class Task(NamedTuple):
    """A batch to learn from: ``x``, ``target``, ``mask`` and ``lengths``.

    ``x`` holds inputs (T, B, D) or words (T, B), ``target`` arrays (T, B, K) or labels (T, B),
    ``mask`` (T, B) is True where a term counts, and ``lengths`` (B,) are the steps of each
    sequence, with those that have no term. In the padding ``x`` is 0 and a label is -100.
    """

    x: np.ndarray
    target: np.ndarray
    mask: np.ndarray
    lengths: np.ndarray
