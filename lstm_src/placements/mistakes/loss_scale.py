"""Mistakes with the loss scale of mixed precision: a factor that has to be undone, once.

A power of two changes no digit, so that float64 shows what the mistake itself does.
"""

from lstm_src.checks.trees import times
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.placements.mistakes.problem import pull
from lstm_src.training.clipping import clip_by_norm

LOSS_SCALE = 1024
"""What the loss is multiplied by."""

LIMIT = 0.5
"""Where a norm is clipped."""


def clipped_while_scaled(problem, scale):
    """Clip the gradient of the scaled loss, and undo the loss scale afterwards."""
    scaled = times(LOSS_SCALE * scale, pull(problem, problem.weights).params)
    return times(1 / LOSS_SCALE, clip_by_norm(scaled, LIMIT))


def unscaled_twice(problem, scale):
    """Undo the loss scale before the clip, and once more before the update."""
    found = times(LOSS_SCALE * scale, pull(problem, problem.weights).params)
    for _ in ("clip", "update"):
        found = times(1 / LOSS_SCALE, found)
    return found


def loss_scale_changed(problem, scale):
    """Halve the loss scale between two micro-batches, and undo the new one on both."""
    tokens, loss_scales, found = problem.mask.sum(), (LOSS_SCALE, LOSS_SCALE / 2), []
    for part, loss_scale in zip(problem.micro_batches(), loss_scales, strict=False):
        found.append(times(loss_scale, pull(part, part.mask / tokens).params))
    return times(scale / loss_scale, *found)


LOSS_SCALES = (
    Mistake(
        name="clipped_while_scaled",
        kind="loss scale",
        title="Clipped while the loss scale is on",
        story="The loss is multiplied by 1,024, so that small gradients survive float16. The norm "
        "is clipped before that is undone, so the limit is 1,024 times tighter than it says.",
        symptom="The norm of what comes out is the limit over the loss scale. The audit sees a "
        "clip, and not on which side of the unscaling it stands: put the scale in the place of the "
        "loss scale, where right code shows never.",
        code=clipped_while_scaled,
        shows=Shows(
            "not a polynomial", gradient=False, one_step=False, weights="token mean × 0.002519"
        ),
        source="pytorchunet468,pytorchamp",
    ),
    Mistake(
        name="unscaled_twice",
        kind="loss scale",
        title="The loss scale undone twice",
        story="A helper that clips undoes the loss scale first. The call that updates does not "
        "know of it, and undoes it again.",
        symptom="As many times too small as the loss scale is large. The audit says once, for the "
        "factor is; put the scale in the place of the loss scale, and it shows never in right code "
        "alone.",
        code=unscaled_twice,
        shows=Shows("once", gradient=False, one_step=False, weights="token mean × 0.0009766"),
        source="accelerate113",
    ),
    Mistake(
        name="loss_scale_changed",
        kind="loss scale",
        title="The loss scale changed on the way",
        story="The loss scale is lowered between two micro-batches of one update. The sum of both "
        "is divided by the new one, so the first counts double.",
        symptom="Another direction. The audit says once. A gradient check sees it, if the loss "
        "scale changes while it looks.",
        code=loss_scale_changed,
        shows=Shows(
            "once", gradient=False, one_step=False, weights="token mean, but for 3 of 20 terms"
        ),
        source="pytorch36601",
        groups=("micro_batch",),
    ),
)
"""The entries of this kind."""
