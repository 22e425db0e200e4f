"""What `check_gradients` returns, and what it allows."""

from dataclasses import dataclass, field

from lstm_src.checks.gradients.slopes import CENTRAL, COMPLEX
from lstm_src.checks.reports import Report, Shown

TOLERANCES = {
    COMPLEX: {
        "longdouble": 1e-12,
        "float64": 1e-9,
        "float32": 1e-4,
        "float16": 5e-2,
        "bfloat16": 2e-1,
    },
    CENTRAL: {
        "longdouble": 1e-7,
        "float64": 1e-6,
        "float32": 2e-3,
        "float16": 5e-2,
        "bfloat16": 2e-1,
    },
}
"""How far a right gradient may be off, relative to the largest entry of its array.

The complex step adds no error of its own. Its rows leave room for the rounding of the backward pass
under test, where long sums lose digits: they hold for the dtype of the gradient, under either
method. Right gradients of our LSTM stay a hundred times below them in float32 and a hundred
thousand times in float64. The other rows hold for the dtype in which the loss computes, under
central differences. The larger of both is allowed, and besides it as much as the differences
themselves leave open, which is measured. Where all that is more than a hundredth, "right" is not
said: the verdict is "not known".
"""


@dataclass(frozen=True, repr=False)
class GradientReport(Shown):
    """What `check_gradients` found; as text by ``str()``, as a table in a notebook.

    ``right`` is the verdict. ``errors`` and ``verdicts`` hold, by the path of each array, its
    relative error and one of "right", "zero" (but for rounding), "not known" and "wrong".
    ``worst`` is the path and the index of the entry that is most off, where ``found`` stands and
    ``expected`` should; None if nothing was compared. ``method`` is "complex step", "central
    differences" or, for a loss or a gradient that is not repeatable, "none"; ``evaluations`` counts
    how often the loss was called. ``orders`` holds, for arrays that are not right under central
    differences, with which power of the step the Taylor remainder shrinks at their worst entry: 2
    if the gradient is right, 1 if not. ``report`` is what is shown.
    """

    right: bool
    errors: dict
    verdicts: dict
    worst: tuple
    found: float
    expected: float
    method: str
    evaluations: int
    report: Report
    orders: dict = field(default_factory=dict)
