"""What the figure of three sequences shows: a token's divisor, and how far a gradient is turned."""

from functools import cache

import numpy as np

from lstm_src.lstm import backward, forward, init_params
from lstm_src.training.losses import squared_error
from lstm_src.training.masks import length_mask
from lstm_src.training.reductions import reduction_weights
from lstm_src.training.tasks import running_minimum

STEPS = range(1, 9)
"""The lengths among which a reader chooses."""

SEQUENCES, SIZE, SEED = 3, 3, 0

MEANS = {
    "sum": "sum",
    "token mean": "token mean",
    "sequence mean (GRPO)": "sequence mean",
    "batch mean": "batch mean",
    "Dr. GRPO, room for 8": "Dr. GRPO",
    "mean with the padding": "token mean, padding counted",
}
"""The reductions by what a reader chooses."""


def divisors(choice, lengths):
    """Return for each sequence the number that a token's term is divided by.

    Parameters
    ----------
    choice : str
        A key of `MEANS`.
    lengths : sequence of int
        Tokens of the sequences.
    """
    mask = length_mask(lengths)
    weights = reduction_weights(MEANS[choice], mask, max_length=STEPS[-1])
    return [round(1 / weight) for weight in weights[0]]


def turned(lengths):
    """Return the angle, in degrees, between the gradients of sequence mean and token mean."""
    sums = [_up_to()[b, length - 1] for b, length in enumerate(lengths)]
    by_token = sum(sums)
    by_sequence = sum(g / length for g, length in zip(sums, lengths, strict=True))
    across = by_sequence - (by_sequence @ by_token) / (by_token @ by_token) * by_token
    along = by_sequence @ by_token / np.linalg.norm(by_token)
    return float(np.degrees(np.arctan2(np.linalg.norm(across), along)))


@cache
def _up_to():
    """Return the gradient of the summed terms up to each step, (B, T, parameters)."""
    rng, T = np.random.default_rng(SEED), STEPS[-1]
    x, target = running_minimum(T, SEQUENCES, SIZE, rng)
    params = init_params(SIZE, SIZE, rng)
    run = forward(params, x)
    error = squared_error(run.h, target).cotangent
    found = np.empty((SEQUENCES, T, sum(array.size for array in params)))
    for b in range(SEQUENCES):
        for t in range(T):
            only = np.zeros_like(error)
            only[: t + 1, b] = error[: t + 1, b]
            pulled = backward(params, run.tape, only).params
            found[b, t] = np.concatenate([array.ravel() for array in pulled])
    return found
