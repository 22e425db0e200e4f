"""Mistakes in where a clip stands, if the gradient comes in parts.

The limit is one that would not clip the gradient of the whole batch.
"""

from lstm_src.checks.trees import times
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.placements.mistakes.problem import pull
from lstm_src.training.clipping import clip_by_norm

LIMIT = 0.5
"""Where a norm is clipped."""


def clipped_every_round(problem, scale):
    """Clip what has been added up so far after each micro-batch, the longest first."""
    tokens, total = problem.mask.sum(), times(0, problem.params)
    for part in reversed([*problem.micro_batches()]):
        total = times(1, total, pull(part, part.mask / tokens).params)
        total = clip_by_norm(total, LIMIT)
    return times(scale, total)


def clipped_parts_added(problem, scale):
    """Clip each micro-batch's gradient, and add what is left."""
    tokens = problem.mask.sum()
    parts = [pull(part, part.mask / tokens).params for part in problem.micro_batches()]
    return times(scale, *(clip_by_norm(part, LIMIT) for part in parts))


def norm_counts_copies(problem, scale):
    """Clip to a norm that adds up the squares of two replicas, which hold the same gradient."""
    whole = times(scale, pull(problem, problem.weights).params)
    return whole._make(clip_by_norm([*whole, *whole], LIMIT)[: len(whole)])


CLIPS = (
    Mistake(
        name="clipped_every_round",
        kind="nonlinear",
        title="Clipped after every micro-batch",
        story="Gradients are accumulated over micro-batches, and the norm is clipped after each of "
        "them. What came early is shortened again and again, so late micro-batches weigh more.",
        symptom="Another direction. The factor that comes after the clip is applied once, so the "
        "audit accepts it. The weights of the two micro-batches differ, and a gradient check over "
        "both sees it, where the clip is at work.",
        code=clipped_every_round,
        shows=Shows(
            "once",
            gradient=False,
            one_step=True,
            weights="token mean within each micro-batch",
        ),
        source="transformers986,transformers1563",
        groups=("micro_batch",),
    ),
    Mistake(
        name="clipped_parts_added",
        kind="nonlinear",
        title="The clipped parts added",
        story="Each micro-batch's gradient is clipped by itself, and the clipped ones are added. "
        "The sum of m parts may be m times as long as the limit, and its direction is no longer "
        "that of the whole gradient.",
        symptom="Another direction, unless all parts are clipped by one factor. The audit says "
        "once if the clip comes before the factor. A gradient check sees it where the clip is at "
        "work.",
        code=clipped_parts_added,
        shows=Shows(
            "once",
            gradient=False,
            one_step=True,
            weights="token mean within each micro-batch",
        ),
        source="deeplearningexamples713",
        groups=("micro_batch",),
    ),
    Mistake(
        name="norm_counts_copies",
        kind="nonlinear",
        title="Copies counted in the norm",
        story="Data parallel has reduced the gradient, so each of two replicas holds all of it. "
        "The squares are added up over the replicas once more, as if these were shards, and the "
        "norm comes out √2 times too large.",
        symptom="The direction is right. The clip acts too early, and then shortens too much. The "
        "audit sees that it does not scale, and the weights show by how much all terms are "
        "shortened.",
        code=norm_counts_copies,
        shows=Shows(
            "not a polynomial", gradient=False, one_step=True, weights="token mean × 0.9118"
        ),
        source="twinkle290",
        scale=0.5,
    ),
)
"""The entries of this kind."""
