"""A small ragged batch on a grid of ranks, and all that the re-made reports compute with it."""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lstm_src.checks.trees import tree_map
from lstm_src.lstm import backward, forward, init_params
from lstm_src.structures import Params
from lstm_src.training import length_mask, running_minimum, squared_error
from lstm_src.training.ranks import Ranks, sums_on_ranks
from lstm_src.validation import check_like, check_size


def rolled(array):
    """Return an array (T, ...) moved by a step: at each step what the next one has, at last 0."""
    return np.concatenate([array[1:], np.zeros_like(array[:1])])


LOSSES = {
    "main": lambda target, mask: (target, mask),
    "states": lambda target, mask: (np.zeros_like(target), mask),
    "later": lambda target, mask: (-rolled(target), rolled(mask)),
}
"""Losses of a step, each half a squared distance: what h should be, and where there is a term.

"states" keeps the hidden states short, at the tokens of the main loss. "later" asks for what the
next step should say, negated, so that no term is one of the main loss: the last token has none.
"""


@dataclass(frozen=True, eq=False)
class RankProblem:
    """An LSTM of 4 units and a batch of 8 steps on ``ranks``.

    Sequence b has ``lengths[b]`` tokens, from 0 to 8; ``seed`` draws the rest. Axes "data" and
    "rounds" split the sequences, "context" the steps; ranks along any other read the same.
    ``counts`` are the tokens of each rank.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    """

    ranks: Ranks
    lengths: tuple
    seed: int = 12
    T: int = field(default=8, init=False)
    D: int = field(default=4, init=False)

    def __post_init__(self):
        """Check what is given."""
        check_like("ranks", self.ranks, Ranks)
        length_mask(self.lengths, self.T)
        check_size("seed", self.seed, least=0, most=math.inf)

    @cached_property
    def batch(self):
        """Return params, x, target and mask."""
        rng = np.random.default_rng(self.seed)
        x, target = running_minimum(self.T, len(self.lengths), self.D, rng)
        mask = length_mask(np.array(self.lengths), self.T).astype(float)
        return init_params(self.D, self.D, rng), x, target, mask

    @property
    def params(self):
        """Return the parameters of the LSTM."""
        return self.batch[0]

    @cached_property
    def counts(self):
        """Return the tokens of each rank, on the ranks."""
        return sums_on_ranks(self.ranks, *self.batch).count

    @property
    def N(self):
        """Return the tokens of the whole batch."""
        return int(self.batch[3].sum())

    def step(self, scale, loss="main"):
        """Return each rank's gradients, where it multiplies its own loss terms with ``scale``."""
        params, x, *rest = self.batch
        return sums_on_ranks(self.ranks, params, x, *LOSSES[loss](*rest), scale=scale).gradients

    def terms(self, loss="main"):
        """Return the gradient of each single loss term, in one process."""
        params, x, *rest = self.batch
        target, mask = LOSSES[loss](*rest)
        run = forward(params, x)
        cotangent = squared_error(run.h, target, mask).cotangent
        found = []
        for t, b in np.argwhere(mask):
            only = np.zeros_like(cotangent)
            only[t, b] = cotangent[t, b]
            found.append(backward(params, run.tape, only).params)
        return found

    def penalty(self):
        """Return the gradient of half the squared length of the parameters, on the ranks."""
        grid = self.ranks.shape
        return tree_map(lambda a: np.broadcast_to(a, (*grid, *a.shape)).copy(), self.params)


def plus(one, other):
    """Return two gradients added."""
    return Params(*(a + b for a, b in zip(one, other, strict=True)))
