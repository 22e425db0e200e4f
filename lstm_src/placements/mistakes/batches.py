"""Mistakes in how the gradients of micro-batches, workers and branches become one."""

from lstm_src.checks.trees import times
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.placements.mistakes.problem import pull


def mean_of_means(problem, scale):
    """Average the micro-batches' token means, though their tokens differ."""
    parts = [pull(part, part.weights).params for part in problem.micro_batches()]
    return times(scale / len(parts), *parts)


def sum_of_means(problem, scale):
    """Add the micro-batches' token means."""
    parts = [pull(part, part.weights).params for part in problem.micro_batches()]
    return times(scale, *parts)


def last_micro_batch(problem, scale):
    """Keep the gradient of the last micro-batch alone: = for +=."""
    tokens = problem.mask.sum()
    for part in problem.micro_batches():
        total = pull(part, part.mask / tokens).params
    return times(scale, total)


def averaged_by_workers(problem, scale):
    """Divide by the global count on each worker, then average over the workers."""
    tokens = problem.mask.sum()
    workers = [pull(part, part.mask / tokens).params for part in problem.micro_batches()]
    return times(scale / len(workers), *workers)


def one_branch_scaled(problem, scale):
    """Scale the gradient of one forward pass, and not that of the other in the same loss."""
    tokens = problem.mask.sum()
    one, other = (pull(part, part.mask / tokens).params for part in problem.micro_batches())
    return times(1, times(scale, one), other)


BATCHES = (
    Mistake(
        name="mean_of_means",
        kind="batches",
        title="The mean of the means",
        story="Each micro-batch's loss is a token mean, and the means are averaged. With 3 and 17 "
        "tokens, a token of the first weighs almost six times as much as one of the second.",
        symptom="Another direction. It is scaled once, and right as soon as all micro-batches "
        "hold equally many tokens, as they do at T = 1. On unequal ones the weights name it, and "
        "a gradient check sees it if its loss is the token mean.",
        code=mean_of_means,
        shows=Shows("once", gradient=False, one_step=True, weights="mean of micro-batch means"),
        source="transformers34191",
        groups=("micro_batch",),
    ),
    Mistake(
        name="sum_of_means",
        kind="batches",
        title="The means added up",
        story="The same, and the division by the number of micro-batches is left out.",
        symptom="As many times too large as there are micro-batches, on top of what the mean of "
        "the means gets wrong.",
        code=sum_of_means,
        shows=Shows(
            "once", gradient=False, one_step=False, weights="mean of micro-batch means × 2"
        ),
        source="annotatedtransformerdebc9fd",
        groups=("micro_batch",),
    ),
    Mistake(
        name="last_micro_batch",
        kind="batches",
        title="The last micro-batch alone",
        story="Each micro-batch's gradient is stored where the one before it stood: = in the "
        "place of +=.",
        symptom="The right gradient of the last micro-batch's loss. A gradient check must be "
        "given the whole batch.",
        code=last_micro_batch,
        shows=Shows(
            "once", gradient=False, one_step=False, weights="token mean, but for 3 of 20 terms"
        ),
        groups=("micro_batch",),
    ),
    Mistake(
        name="averaged_by_workers",
        kind="batches",
        title="Divided by the workers once more",
        story="Each worker divides by the number of tokens on all of them, which is right for a "
        "sum over the workers. The library that combines the gradients takes their average.",
        symptom="As many times too small as there are workers. The audit takes it for a part of "
        "the gradient, since the number of workers does not change with the scale.",
        code=averaged_by_workers,
        shows=Shows("once", gradient=False, one_step=False, weights="token mean × 0.5"),
        source="opennmt97111d9",
        groups=("worker",),
    ),
    Mistake(
        name="one_branch_scaled",
        kind="batches",
        title="One branch of a shared loss",
        story="Two forward passes enter one loss. The factor is applied where the first of them "
        "ends, and the second does not pass there.",
        symptom="The audit says partly, with the share of the branch that was left out.",
        code=one_branch_scaled,
        shows=Shows(
            "partly",
            gradient=False,
            one_step=False,
            weights="token mean within each micro-batch",
        ),
        source="deepspeed8245",
        groups=("micro_batch",),
    ),
)
"""The entries of this kind."""
