"""Training steps of the book's LSTM, the gradients of their single terms, and their labels."""

from functools import cache
from types import SimpleNamespace

import numpy as np

from lstm_src import backward, forward, init_params
from lstm_src.checks.trees import tree_map
from lstm_src.training import squared_error

LENGTHS = np.array([3, 17, 6, 9])
MICRO_BATCH = np.array([0, 0, 1, 1])  # of each sequence
WORKER = np.array([0, 1, 0, 1])
STEPS, SEQUENCES, WINDOW = 17, len(LENGTHS), 7
MASK = np.arange(STEPS)[:, None] < LENGTHS


@cache
def layer(dtype):
    """Return the pullback of one forward pass, as a function of the weights (T, B)."""
    rng = np.random.default_rng(0)
    params = init_params(3, 6, rng, dtype=dtype)
    x = rng.standard_normal((STEPS, SEQUENCES, 3)).astype(dtype)
    run = forward(params, x)
    target = rng.standard_normal(run.h.shape).astype(dtype)
    error = squared_error(run.h, target).cotangent

    def pull(weights):
        weights = np.asarray(weights, dtype)
        return backward(params, run.tape, weights[..., None] * error).params

    def loss(params, weights):
        error = forward(params, x.astype(params.b.dtype)).h - target
        return (weights * (error * error).sum(axis=-1)).sum() / 2

    return SimpleNamespace(params=params, pull=pull, loss=loss)


def added(gradients):
    """Return the sum of gradients, added one after the other, as accumulation does."""
    gradients = list(gradients)
    total = gradients[0]
    for one in gradients[1:]:
        total = tree_map(np.add, total, one)
    return total


def times(factor, gradient):
    return tree_map(lambda a: (factor * a).astype(a.dtype), gradient)


def of(places):
    """Return the mask of some sequences' tokens."""
    return MASK & places


def local_mean(pull, mask, counted=None):
    """Return the gradient of the mean over the tokens of a mask, divided by another one's count."""
    return pull(mask / np.sum(mask if counted is None else counted))


def places(padding=False):
    """Return the (t, b) of all terms, sequence by sequence."""
    return [(t, b) for b in range(SEQUENCES) for t in range(STEPS if padding else LENGTHS[b])]


def terms(pull, padding=False):
    """Return the gradient of each single term."""
    found = []
    for place in places(padding):
        one = np.zeros((STEPS, SEQUENCES))
        one[place] = 1
        found.append(pull(one))
    return found


def labels(*keys, padding=False):
    """Return the labels of all terms by key."""
    t, b = np.array(places(padding)).T
    every = {
        "sequence": b,
        "micro_batch": MICRO_BATCH[b],
        "worker": WORKER[b],
        "step": t,
        "window": t // WINDOW,
        "padding": ~MASK[t, b],
        "loss": np.where(t % 3, "policy", "value"),
        "class_weight": np.array([0.5, 1.0, 3.0])[(t + b) % 3],
        "class": (t + b) % 3,
    }
    return {key: every[key] for key in keys}


def grid(values, padding=False):
    """Return one number for each term as weights (T, B)."""
    found = np.zeros((STEPS, SEQUENCES))
    for place, value in zip(places(padding), values, strict=True):
        found[place] = value
    return found
