"""The report of a gradient check, from all that was found."""

import numpy as np

from lstm_src.checks.gradients import verdicts
from lstm_src.checks.gradients.advice import Evidence, advice
from lstm_src.checks.gradients.report import GradientReport
from lstm_src.checks.gradients.slopes import (
    CENTRAL,
)
from lstm_src.checks.gradients.taylor import remainder_order
from lstm_src.checks.gradients.words import (
    UNKNOWN,
    WRONG,
    listed,
)
from lstm_src.checks.reports import Report

ORDERS, CLEAR_ORDER = 6, 1.25
"""Of how many arrays the order of the Taylor remainder is told, and up to where it says wrong."""


def summary(checked, slopes, gradients, steps, counts, unsteady, remarks, experiments):
    """Return the `GradientReport`.

    Parameters
    ----------
    checked : dict of str to Comparison
    slopes : Slopes
    gradients : dict of str to ndarray
    steps : int or None
    counts : dict of str to float
    unsteady : str or None
        What kept everything from being compared.
    remarks, experiments
        As for `lstm_src.checks.gradients.advice.Evidence`.
    """
    worst = None
    if checked:
        path = max(checked, key=lambda path: (checked[path].verdict == WRONG, checked[path].error))
        worst = path, *checked[path].worst()
    written = list(slopes.loss.written)
    if written:
        remarks = [
            *remarks,
            f"The loss writes into the arrays that it is given: {listed(written)}. It got copies "
            "here; in training it changes the parameters.",
        ]
    orders = {} if unsteady else _orders(slopes, checked)
    evidence = Evidence(
        checked, gradients, steps, counts, unsteady, tuple(remarks), orders, experiments
    )
    right, verdict = verdicts.verdict(checked, unsteady, steps)
    table = verdicts.rows(checked, list(gradients))
    return GradientReport(
        right,
        {path: c.error for path, c in checked.items()},
        {path: c.verdict for path, c in checked.items()},
        worst and worst[:2],
        worst[2] if worst else np.nan,
        worst[3] if worst else np.nan,
        slopes.method,
        slopes.loss.evaluations(),
        Report(verdict, verdicts.HEADERS, table, advice(evidence, slopes, worst)),
        orders,
    )


def _orders(slopes, checked):
    """Return the order of the Taylor remainder at the worst entry of arrays that are not right."""
    found = {}
    for path, c in checked.items() if slopes.method == CENTRAL else ():
        if c.verdict not in {WRONG, UNKNOWN} or len(found) >= ORDERS or slopes.loss.left() < 64:
            continue
        index, slope, _ = c.worst()
        line = slopes.line({path: index})
        size = slopes.sizes[path]
        order = remainder_order(line, float(slopes.value), slope, slopes.noise, size)
        # Where the loss bends, its bend hides a small mistake at all but the shortest steps.
        if order is not None and not (c.verdict == WRONG and order > CLEAR_ORDER):
            found[path] = order
    return found
