"""What is said of arrays that are wrong: one factor on all, what each shows, what to try next."""

import numpy as np

from lstm_src.checks.factors import CLOSE, clip_of, names_of, told
from lstm_src.checks.gradients.causes import ALREADY, named
from lstm_src.checks.gradients.factors import ratio_of, times
from lstm_src.checks.gradients.patterns import SMALL, clipped_value, pattern_of
from lstm_src.checks.gradients.words import RIGHT, are, listed

FIXED = (
    "If the code holds a value fixed (detach, stop_gradient, no_grad: a truncated window's state, "
    "a target, the old policy of a ratio), hold it in the loss as well, with held_fixed; otherwise "
    "a right gradient looks wrong."
)

MOST_PATTERNS = 6
"""Of how many arrays it is told where they are off."""


def what_is_wrong(evidence, wrong):
    """Say what was seen of the arrays that are wrong.

    Parameters
    ----------
    evidence : lstm_src.checks.gradients.advice.Evidence
    wrong : dict of str to Comparison

    Yields
    ------
    str
        A paragraph each.
    """
    right = list(evidence.having(RIGHT))
    among = [c for c in wrong.values() if np.isfinite(c.expected).all()]
    entries = sum(len(c.indices) for c in among)
    common = ratio_of(among) if among and not right and len(among) == len(wrong) else None
    if common is not None and entries > 1:
        yield from _one_factor(evidence, common, wrong)
        return
    explained = yield from _each(evidence, wrong)
    bounds = {p: clipped_value(c) for p, c in wrong.items() if np.isfinite(c.expected).all()}
    clip = {path: bound for path, bound in bounds.items() if bound is not None}
    if clip:
        yield (
            f"Several entries of {listed(clip)} stand at ±{max(clip.values()):.6g}, the largest "
            "size that there is: the gradient looks clipped by value."
        )
    if right and len(explained) == len(wrong) and not clip:
        names = list(wrong)
        yield (
            f"{listed(right)} {are(right)} right. Look first at what belongs to {listed(names)} "
            f"alone: {'its' if len(names) == 1 else 'their'} lines and factors, the values that "
            "stand there (their order, their axes), what is handed down from the layer above, and "
            "terms of the loss that nothing else enters, such as a weight decay."
        )
        yield _if_not(evidence)
        return
    if right:
        yield (
            f"{listed(right)} {are(right)} right. Look first at what belongs to {listed(wrong)} "
            "alone."
        )
    errors = [c.error for c in wrong.values()]
    if max(errors) < SMALL:
        yield (
            "All that is off is off by little: digits lost on the way (float16, bfloat16, an ε in "
            "a denominator), a term of little weight, weights that were updated too early, or a "
            "count that is nearly right."
        )
    if evidence.experiments is not None:
        yield from evidence.experiments
    else:
        yield from named(evidence.steps)
    yield FIXED


def _if_not(evidence):
    if evidence.experiments:
        return " ".join(evidence.experiments)
    return (
        "If nothing is found there: a count, a mask or a window that reaches these arrays alone "
        "shows in the same way; run it over one time step, one sequence, one micro-batch and one "
        "worker, and see which of them makes it right."
    )


def _one_factor(evidence, common, wrong):
    seen = " that was looked at" if any(c.directions for c in wrong.values()) else ""
    of = "every array" if len(wrong) == len(evidence.checked) else listed(wrong)
    yield f"Every entry{seen} of {of} is off by one constant factor: {times(common)}."
    if common == 0:
        yield (
            "Nothing is written into these arrays, a detach cuts them off, or all that reaches "
            "them is too small for its type."
        )
        return
    if common < 0:
        yield (
            "The sign is turned: the update may already be subtracted in it"
            + ("." if abs(common + 1) < 1e-3 else ", with its learning rate.")
        )
        if abs(common + 1) < 1e-3:
            return
    close = max(CLOSE, 2 * max(c.allowed for c in wrong.values()))
    norm = _norm(evidence.gradients.values())
    names = names_of(common, evidence.counts, min(close, 0.01))
    clipped = clip_of(norm, evidence.counts, names) if close < 1e-3 else None
    size = told(max(abs(common), 1 / abs(common)))
    if clipped:
        yield f"The norm of the whole gradient is {norm:.6g}: {clipped}."
    if names:
        yield f"{size} = {' = '.join(names)}."
    if not clipped and not names and evidence.counts:
        yield f"None of the numbers in counts makes {size}."
    yield (
        "One factor on everything can be a sum in one place and a mean in the other, so a 1/N too "
        "many or too few; another N (tokens, steps, sequences, padding counted); a mean over "
        "workers or micro-batches beside a sum; an operation that does not multiply by the "
        "gradient it is given; a loss scale that was left on, or undone twice; a learning rate; or "
        "a norm that was clipped. audit_scaling, with the scale in the place of that number, says "
        "how often it is applied."
        + (
            ""
            if evidence.counts
            else ' Pass the numbers of your code, as counts={"T": 6, "B": 2, "clip": 1.0}, to '
            "have them compared."
        )
    )
    for text in evidence.experiments or ():
        if not text.startswith(ALREADY):  # a slope or a layout makes no one factor
            yield text


def _each(evidence, wrong):
    """Say what is known of each array, those with one factor together; return what is explained."""
    by_factor, others = [], {}
    for path, c in sorted(wrong.items(), key=lambda one: len(one[1].indices) == 1):
        ratio = ratio_of([c]) if np.isfinite(c.expected).all() else None
        alike = next((g for g in by_factor if ratio is not None and _alike(g, ratio, c)), None)
        if alike:
            alike[1].append(path)
        elif ratio is None or len(c.indices) == 1:  # any one entry is off by one factor
            others[path] = c
        else:
            by_factor.append((ratio, [path]))
    for ratio, paths in by_factor:
        more = ""
        if ratio:
            names = names_of(ratio, evidence.counts) if ratio > 0 else []
            norm = _norm(evidence.gradients[path] for path in paths)
            clipped = clip_of(norm, evidence.counts, names) if ratio > 0 else None
            more = f" ({' = '.join(names)})" if names else ""
            more += f"; of the norm: {clipped}" if clipped else ""
        off = f"{listed(paths)} {are(paths)} off by a constant factor throughout"
        yield f"{off}: {times(ratio)}{more}."
    explained = [path for _, paths in by_factor for path in paths]
    told = 0
    for path, c in others.items():
        text = pattern_of(path, c)
        if text and told < MOST_PATTERNS:
            told += 1
            yield text
        explained += [path] if text else []
    unlike = [path for path, c in others.items() if len(c.indices) > 1]
    if by_factor and unlike:
        yield f"{listed(unlike)} {are(unlike)} off by no constant factor."
    return explained


def _alike(group, ratio, c):
    return abs(group[0] - ratio) <= 4 * max(c.allowed, CLOSE) * max(abs(ratio), abs(group[0]))


def _norm(gradients):
    with np.errstate(over="ignore"):
        return float(np.sqrt(sum(float((g.astype(float) ** 2).sum()) for g in gradients)))
