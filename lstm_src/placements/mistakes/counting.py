"""Mistakes in what the loss terms are divided by, and in which terms are counted."""

import numpy as np

from lstm_src.checks.trees import times
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.placements.mistakes.problem import pull
from lstm_src.training.reductions import reduction_weights


def sequences_for_tokens(problem, scale):
    """Divide by the number of sequences where the loss is a mean over tokens."""
    weights = reduction_weights("batch mean", problem.mask)
    return times(scale, pull(problem, weights).params)


def padding_counted(problem, scale):
    """Leave the padding out of the sum, but not out of the count."""
    weights = problem.mask / problem.mask.size
    return times(scale, pull(problem, weights).params)


def mask_forgotten(problem, scale):
    """Count the padding as tokens: in the sum, and in the count."""
    weights = np.full(problem.mask.shape, 1 / problem.mask.size)
    return times(scale, pull(problem, weights).params)


def gradient_unmasked(problem, scale):
    """Mask the loss, and inject the cotangents of all steps."""
    weights = np.full(problem.mask.shape, 1 / problem.mask.sum())
    return times(scale, pull(problem, weights).params)


def sum_of_step_means(problem, scale):
    """At each step, take the mean over the sequences that are still running."""
    running = problem.mask.sum(axis=1, keepdims=True)
    return times(scale, pull(problem, problem.mask / running).params)


def one_count_for_two_terms(problem, scale):
    """Add the sums of two losses, and divide both by the number of tokens."""
    tokens, ends = problem.mask.sum(), problem.mask[-1].sum()
    one = pull(problem, problem.mask).params
    other = pull(problem, 0 * problem.mask, final_term=True).params  # a mean over the ends
    return times(scale / tokens, one, times(ends, other))


COUNTING = (
    Mistake(
        name="sequences_for_tokens",
        kind="counting",
        title="Divided by the sequences, not by the tokens",
        story="The loss that is printed is a mean over tokens. The gradient is a sum over the "
        "steps of means over the batch, which is larger by the mean length of a sequence.",
        symptom="A constant factor, until the lengths change from batch to batch. It is no factor "
        "that depends on the scale, so the audit accepts it. The weights name the mean that it "
        "is. A gradient check sees it, and not at T = 1.",
        code=sequences_for_tokens,
        shows=Shows("once", gradient=False, one_step=True, weights="batch mean"),
        source="charrnn6f9487a",
        groups=("sequence", "padding"),
    ),
    Mistake(
        name="padding_counted",
        kind="counting",
        title="The padding in the count",
        story="The mask sets the padding's terms to 0. The mean is then taken over all T·B "
        "places, those of the padding included.",
        symptom="Too small by the share of tokens in the batch, a factor that changes from batch "
        "to batch. A gradient check sees it if the batch holds padding, which one step does not.",
        code=padding_counted,
        shows=Shows("once", gradient=False, one_step=True, weights="token mean, padding counted"),
        source="tensorflow34158",
        groups=("sequence", "padding"),
    ),
    Mistake(
        name="mask_forgotten",
        kind="counting",
        title="The mask forgotten",
        story="Every place of the padded batch counts as a token, in the sum and in the count. "
        "The padding's targets are zeros, and pull the model towards answering zero.",
        symptom="It is the right gradient of another loss. A gradient check sees it if it is "
        "given the masked loss, and a batch with padding.",
        code=mask_forgotten,
        shows=Shows(
            "once", gradient=False, one_step=True, weights="mean over all entries, padding included"
        ),
        groups=("sequence", "padding"),
    ),
    Mistake(
        name="gradient_unmasked",
        kind="counting",
        title="The loss masked, its gradient not",
        story="The loss that is printed leaves the padding out, and divides by the tokens. The "
        "cotangents that are written by hand are injected at every step.",
        symptom="Another direction, so no factor repairs it. A gradient check sees it if the "
        "batch holds padding.",
        code=gradient_unmasked,
        shows=Shows(
            "once",
            gradient=False,
            one_step=True,
            weights="mean over all entries, padding included × 1.7",
        ),
        groups=("sequence", "padding"),
    ),
    Mistake(
        name="sum_of_step_means",
        kind="counting",
        title="The steps' means added up",
        story="At each step the mean is taken over the sequences that are still running, and "
        "these means are added up. The loss that is printed is a mean over all tokens. A token "
        "weighs more where few sequences run on.",
        symptom="Another direction, so no factor repairs it. A gradient check sees it if the "
        "lengths differ.",
        code=sum_of_step_means,
        shows=Shows("once", gradient=False, one_step=True, weights="mean of step means × 17"),
        source="pytorchchatbot03b2773",
        groups=("sequence", "padding"),
    ),
    Mistake(
        name="one_count_for_two_terms",
        kind="counting",
        title="One count for two losses",
        story="The training loop adds the sums of two losses and divides their gradient by the "
        "number of tokens. The second loss is a mean over fewer terms.",
        symptom="Every term is scaled, and the second by the wrong number. The weights show that "
        "it weighs 1/20, as all others do: that makes a token mean of 21 terms, times 21/20. A "
        "gradient check sees it if the two counts differ.",
        code=one_count_for_two_terms,
        shows=Shows("once", gradient=False, one_step=True, weights="token mean × 1.05"),
        source="megatron2417",
        final_term=True,
        groups=("sequence", "padding"),
    ),
)
"""The entries of this kind."""
