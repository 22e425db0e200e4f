"""Mistakes of a layer that reads in two directions: the shipped passes, also on the reversed input.

Both directions have the same weights, and their hidden states are added.
"""

import numpy as np

from lstm_src.checks.trees import times
from lstm_src.lstm import backward, forward
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.training.losses import squared_error


def reversed_tokens(problem, array):
    """Return an array (T, B, ·) with each sequence's tokens reversed, the padding where it is."""
    steps, lengths = np.arange(len(array))[:, None], problem.mask.sum(axis=0).astype(int)
    order = np.where(steps < lengths, lengths - 1 - steps, steps)
    return np.take_along_axis(array, order[..., None], axis=0)


def run_both(problem, reverse=reversed_tokens):
    """Return the sum of the hidden states (T, B, H), and both runs."""
    one = forward(problem.params, problem.x, problem.start)
    other = forward(problem.params, reverse(problem, problem.x), problem.start)
    return one.h + reverse(problem, other.h), (one, other)


def pull_both(problem, reverse=reversed_tokens, weights=None):
    """Return the parameters' gradients by the way through each of the two directions."""
    weights = problem.weights if weights is None else weights
    h, (one, other) = run_both(problem, reverse)
    dh = weights[..., None] * squared_error(h, problem.target).cotangent
    cotangents = (one, dh), (other, reverse(problem, dh))
    return [backward(problem.params, run.tape, dh).params for run, dh in cotangents]


def pull_sum(problem, weights):
    """Return the parameters' gradients of the weighted terms, by the ways through both."""
    return times(1, *pull_both(problem, weights=weights))


def loss_of_both(problem, values, scale):
    """Return ``scale`` times the token mean of the squared errors of both directions' sum."""
    at = problem.at(values)
    h, _ = run_both(at)
    return scale * (problem.weights * squared_error(h, at.target).terms).sum()


def direction_forgotten(problem, scale):
    """Return the gradient through the direction that reads forwards, and drop the other."""
    forwards, _ = pull_both(problem)
    return times(scale, forwards)


def padding_first(problem, scale):
    """Reverse the whole padded batch, so that short sequences begin with their padding."""

    def reverse(problem, array):
        return array[::-1].copy()

    return times(scale, *pull_both(problem, reverse))


BIDIRECTIONAL = (
    Mistake(
        name="direction_forgotten",
        kind="bidirectional",
        title="A direction forgotten",
        story="A layer that reads in both directions has two ways from the loss to its weights. "
        "The gradient of the second is computed and never added.",
        symptom="Linear and scaled once, so every scaling test accepts it. A gradient check "
        "rejects it, even at T = 1.",
        code=direction_forgotten,
        claims=loss_of_both,
        pulls=pull_sum,
        shows=Shows("once", gradient=False, one_step=False, weights="left over"),
        source="mlpack1742",
    ),
    Mistake(
        name="padding_first",
        kind="bidirectional",
        title="The reverse direction begins with the padding",
        story="The padded batch is reversed as a whole. The reverse direction then reads a short "
        "sequence's padding first, and its state is no longer the initial one when the last token "
        "comes. Zeros in the place of inputs do not help, since the biases act on them.",
        symptom="It is the right gradient of another model, one whose outputs depend on the "
        "longest sequence in the batch. A gradient check sees it if the loss is given each "
        "sequence without its padding.",
        code=padding_first,
        claims=loss_of_both,
        pulls=pull_sum,
        shows=Shows("once", gradient=False, one_step=True, weights="left over"),
        source="dl4j1030,mxnet19323,pytorch517",
    ),
)
"""The entries of this kind."""
