"""What a comparison of gradients says in words: what was seen, and which experiment tells more."""

from dataclasses import dataclass, field

import numpy as np

from lstm_src.checks.gradients.slopes import CENTRAL
from lstm_src.checks.gradients.words import UNKNOWN, WRONG, ZERO, are, listed
from lstm_src.checks.gradients.wrong import what_is_wrong
from lstm_src.checks.precision import PRECISIONS


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a check has seen.

    ``remarks`` are sentences on the callables, on sharing and on updates; ``experiments`` those on
    what a problem showed, None if none was given.
    """

    checked: dict
    gradients: dict
    steps: int | None
    counts: dict
    unsteady: str | None
    remarks: tuple = ()
    orders: dict = field(default_factory=dict)
    experiments: tuple | None = None

    def having(self, verdict):
        """Return the arrays of this verdict."""
        return {path: c for path, c in self.checked.items() if c.verdict == verdict}


def advice(evidence, slopes, worst):
    """Return what to know and what to do, a paragraph each."""
    method = f"Method: {slopes.method}, {slopes.loss.evaluations()} evaluations of the loss."
    found = [" ".join([method, *slopes.notes])]
    wrong, unknown = evidence.having(WRONG), evidence.having(UNKNOWN)
    if slopes.method == CENTRAL and PRECISIONS[slopes.kind] > PRECISIONS["float64"]:
        found.append(
            "In this precision central differences tell little, and near kinks, as of abs or max, "
            "they may call a right gradient wrong. Let the loss compute in float64."
        )
    if worst and (wrong or unknown):
        found.append(_worst(*worst))
    found += evidence.remarks
    if evidence.unsteady == "loss":
        found.append(
            "Look first at state that is kept between calls (a carried hidden state, running "
            "statistics): let the loss copy or reset it before each call. Switch off dropout, seed "
            "the random numbers inside the loss, and ask the framework for deterministic "
            "algorithms."
        )
    elif wrong:
        found += what_is_wrong(evidence, wrong)
    found += _orders(evidence)
    if unknown and not evidence.unsteady:
        found.append(_unknown(unknown))
    found += _what_was_seen(evidence)
    if evidence.steps is None:
        found.append(
            "How many time steps the loss runs over is not known here. Run it over at least 3, "
            "and pass steps= to have that in the report."
        )
    if not evidence.unsteady and not wrong and not unknown:
        found.append(
            "A check sees only what it is shown: all parameters, at least 2 sequences and 3 time "
            "steps, and a different cotangent at every step."
        )
    return tuple(found)


def _worst(path, index, found, expected):
    text = f"Worst entry: {path}{list(index) if index else ''}, found {found + 0.0:.6g}, "
    text += f"expected {expected + 0.0:.6g}"
    if expected and found and np.isfinite(expected) and np.isfinite(found / expected):
        text += f"; found / expected = {found / expected:.4g}"
    return text + "."


def _orders(evidence):
    if evidence.orders:
        told = listed(f"{order:.1f} at {path}" for path, order in evidence.orders.items())
        yield (
            f"The remainder of the Taylor series shrinks with this power of the step: {told}. It "
            "is 2 for a right gradient and 1 for a wrong one, whatever is allowed."
        )


def _unknown(unknown):
    if all(c.cut for c in unknown.values()):
        return "Not known: raise most_evaluations to have these arrays looked at, or check fewer."
    jumps = [path for path, c in unknown.items() if c.jumps]
    if jumps:
        return (
            f"Not known: where {listed(jumps)} {are(jumps)} moved, the loss jumps, as if something "
            "inside is rounded to bfloat16 or float16, and a smaller mistake hides in that. Let "
            "the loss compute in float32 throughout, or in float64."
        )
    return (
        "Not known: rounding hides what there is to see. Let the loss compute in float64 "
        "and take complex numbers, or give it cotangents that reach these arrays."
    )


def _what_was_seen(evidence):
    checked = evidence.checked
    if any(c.directions for c in checked.values()):
        yield (
            "Not all entries were checked one by one. Along the random directions a mistake shows "
            "if it is larger than what is allowed times the norm of its array's gradient. Raise "
            "most_evaluations to check more."
        )
    kinks = {path: c.kinks for path, c in checked.items() if c.kinks}
    if kinks:
        yield (
            f"The loss has kinks at or beside {sum(kinks.values())} entries of {listed(kinks)}, as "
            "of abs or max, or a part that is rounded more than the rest. There a shorter step was "
            "taken, and at a kink any slope between those to the left and to the right counts as "
            "right. A zero there may be a convention, as for the slope of ReLU at 0: check at "
            "parameters that stand at no kink."
        )
    zeros = list(evidence.having(ZERO))
    if zeros:
        yield f"Zero but for rounding, found and expected: {listed(zeros)}."
        if len(zeros) == len(checked):
            yield (
                "If every label is ignored or masked, there is nothing to count. Otherwise give "
                "the loss a cotangent that reaches the parameters."
            )
