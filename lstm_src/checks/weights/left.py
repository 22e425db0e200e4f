"""What no weighting of the terms explains, and what it may be."""

import numpy as np

from lstm_src.checks.gradients.words import are, listed, share
from lstm_src.checks.weights.naming import ARRAY, NONE
from lstm_src.checks.weights.solve import ALLOWED, FEW

MOST = 6
"""Arrays that are listed in a sentence."""

SMALL = float(np.finfo(np.float16).smallest_normal)
"""The least number that float16 holds with all its digits."""

LEFT_OVER = (
    "What is left over may be a wrong derivative, which check_gradients looks at; a term that was "
    "not passed, as of padding that counts, of a weight decay or an auxiliary loss; a clip by "
    "value, or of each array by its own norm; random numbers that differ; a state that is detached "
    "or reset in the step and not in the terms, as between windows; or a type inside that is "
    "narrower than the gradient's. Switch them off one by one and read again. A weight decay can "
    "be passed as one more term, the parameters; an auxiliary loss as its terms, with a label of "
    "their own in groups['loss']."
)

PROBE_LEFT = (
    "The rows of the probe's gradient are no multiples of the slopes: the loss is another one, as "
    "with label smoothing or an auxiliary loss; the slopes were taken at other parameters; "
    "something changes single entries, as a clip by value; or a type inside rounds more than the "
    "gradient's, as with autocast."
)


PROBE_NARROW = (
    "The table has one number a row, so any other part of the gradient, as a weight decay, looks "
    "like a weight. With several numbers a row, such as logits, it would be left over."
)


def left_over(seen):
    """Say what no weighting of the terms explains."""
    first = seen.read.first
    if not first.unexplained:
        if seen.read.whole.probe:
            if seen.naming.status == NONE and seen.read.whole.parameters == len(seen.read.labels):
                yield PROBE_NARROW
        elif first.spare < FEW and first.rank and seen.read.whole.parameters >= len(first.members):
            yield (
                "There are hardly more parameters than terms, so nothing would show a part of the "
                "gradient that no weighting explains. Pass more parameters."
            )
        return
    if seen.naming.free == ARRAY:
        return
    worst = sorted(first.unexplained, key=lambda path: -first.shares[path])
    where = listed([f"{path} ({share(first.shares[path])})" for path in worst], MOST)
    if seen.read.aside is None:
        yield (
            f"No weights of these terms make this gradient: {share(first.residual)} of its length "
            f"is left over, in {where}, as shares of each."
        )
    else:
        aside = seen.read.aside.factors
        yield (
            f"No weights of these terms make all of this gradient. {listed(aside, MOST)} "
            f"{are(aside)} set aside; the others are explained, and gave the weights."
        )
        for path, factor in aside.items():
            if factor is not None:
                yield f"In {path} the same weights stand, all times {factor:.4g}."
    if seen.read.fitting and seen.read.aside is None:
        others = [path for path in first.shares if path not in seen.read.fitting]
        yield (
            f"The weights that were meant explain {listed(seen.read.fitting, MOST)}, and not "
            f"{listed(others, MOST)}."
        )
    if max(first.shares.values()) <= ALLOWED["float32"]:
        yield (
            "What is left over is no more than rounding in float32. If the code computes in it, "
            "pass the gradients in that type."
        )
    if seen.read.whole.kind == "float16" and _size(seen) < SMALL:
        yield (
            f"Numbers below {SMALL:.0e} lose digits in float16, and most of these are: scale the "
            "loss, or pass the gradients in float32."
        )
    yield PROBE_LEFT if seen.read.whole.probe else LEFT_OVER


def _size(seen):
    return seen.read.whole.length / np.sqrt(seen.read.whole.parameters)
