"""Mistakes in the order of a division and something that is not linear: clip, norm, decay, float16.

None of these steps is a mistake by itself. Each limit is one that would not clip the mean gradient.
"""

import numpy as np

from lstm_src.checks.trees import times
from lstm_src.lstm import backward
from lstm_src.placements.lines import ARRIVE
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.placements.mistakes.problem import pull
from lstm_src.placements.rewriting import Variant
from lstm_src.training.clipping import clip_by_norm, clip_by_value
from lstm_src.training.reductions import reduction_weights

LIMIT = 0.5
"""Where a value or a norm is clipped."""


def clamped_undivided(problem, scale):
    """Clamp a gradient that was never divided by the number of steps."""
    weights = reduction_weights("batch mean", problem.mask)
    return clip_by_value(times(scale, pull(problem, weights).params), LIMIT)


def norm_clipped_first(problem, scale):
    """Clip the norm of the summed gradient, then divide."""
    total = pull(problem, problem.mask).params
    return times(scale / problem.mask.sum(), clip_by_norm(total, LIMIT))


def unit_norm(problem, scale):
    """Divide the finished gradient by its own norm."""
    found = times(scale, pull(problem, problem.weights).params)
    norm = np.sqrt(sum((array**2).sum() for array in found))
    return times(1 / norm if norm else 1, found)


def decay_divided(problem, scale):
    """Divide the weight decay together with the data's gradient."""
    data = pull(problem, problem.weights).params
    return times(scale, data, times(problem.decay, problem.params))


def flushed_float16(problem, scale):
    """Apply the factor first, and go on in float16."""

    def back_by(params, tape, dh, dstate):
        narrow = (dh * scale).astype(np.float16)
        return backward(params, tape, narrow.astype(dh.dtype), dstate)

    return pull(problem, problem.weights, back_by=back_by).params


NONLINEAR = (
    Mistake(
        name="clipped_inside",
        kind="nonlinear",
        title="Clipped at every step",
        story="What arrives at the hidden state of each step is clipped before it is used and "
        "handed on; Graves clipped what enters the gates. That keeps gradients from exploding, "
        "and what comes out is no longer the gradient of the loss.",
        symptom="The audit sees that the gradient levels off at large scales. A gradient "
        "check sees nothing where the clip is idle, as it is here at the scale of the check.",
        code=Variant(backward, ((ARRIVE, "np.clip(dh[t] + dh_next, -0.5, 0.5, out=dh_t)"),)),
        source="graves2013generating",
        shows=Shows("not a polynomial", gradient=True, one_step=True, weights="as meant"),
    ),
    Mistake(
        name="clamped_undivided",
        kind="nonlinear",
        title="Clamped without the division",
        story="The division by the number of steps is left out, since the optimizer hides a "
        "factor. The clamp after it does not: it meets numbers that are as many times larger.",
        symptom="The audit sees the clamp. A gradient check sees the missing factor, and not at T "
        "= 1, where it is 1 and the clamp is idle.",
        code=clamped_undivided,
        shows=Shows("not a polynomial", gradient=False, one_step=True, weights="left over"),
        source="charrnn6f9487a",
    ),
    Mistake(
        name="norm_clipped_first",
        kind="nonlinear",
        title="The norm clipped before the division",
        story="The summed gradient is clipped to a norm and then divided by N. The limit is one "
        "for the mean gradient, and the sum is N times longer.",
        symptom="The audit says once: for the factor that comes later, the clip is a constant. A "
        "gradient check and the weights see it, where the clip is at work.",
        code=norm_clipped_first,
        shows=Shows("once", gradient=False, one_step=True, weights="token mean × 0.03224"),
        source="pytorchamp",
    ),
    Mistake(
        name="unit_norm",
        kind="nonlinear",
        title="The gradient normalised",
        story="The finished gradient is divided by its own norm, which also divides out the "
        "factor.",
        symptom="The audit sees that the size does not follow the scale. A gradient check sees "
        "another length in the right direction.",
        code=unit_norm,
        shows=Shows(
            "not a polynomial", gradient=False, one_step=False, weights="token mean × 5.158"
        ),
    ),
    Mistake(
        name="decay_divided",
        kind="nonlinear",
        title="The weight decay divided, too",
        story="The decay is added to the summed gradient, and the sum of both is divided. The "
        "loss divides the data's terms alone.",
        symptom="The audit says once, for everything is. A gradient check against a loss with the "
        "undivided decay sees it, and so do the weights, if the decay is passed as one more term. "
        "The right code shows partly: audit its data part alone.",
        code=decay_divided,
        shows=Shows("once", gradient=False, one_step=False, weights="1 × data + 0.25 × decay"),
        source="goyal2017accurate",
        decay=True,
    ),
    Mistake(
        name="flushed_float16",
        kind="nonlinear",
        title="Divided first, in float16",
        story="The factor goes on the injected cotangents before they are stored as float16. What "
        "falls below 3e-8 becomes 0, and what falls below 6e-5 loses digits.",
        symptom="The audit sees that small scales vanish. A gradient check sees wrong digits if "
        "the scale is small; here it is 1/65,536.",
        code=flushed_float16,
        shows=Shows("not known", gradient=False, one_step=False, weights="left over"),
        source="micikevicius2018mixed",
        scale=2.0**-16,
    ),
)
"""The entries of this kind."""
