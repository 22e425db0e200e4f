"""What `audit_weights` returns: the weights, the name of their mean, and what is shown."""

from dataclasses import dataclass, field

import numpy as np

from lstm_src.checks.reports import Report, Shown


@dataclass(frozen=True, repr=False, eq=False)
class WeightReport(Shown):
    """What `audit_weights` found; as text by ``str()``, as a table and bars in a notebook.

    ``weights`` (K,) are those of the single terms, NaN where the data do not tell one, and
    ``margins`` (K,) how far each may be off. ``mean`` is the name of the mean that has them, None
    where none fits or it is not known which; ``alike`` are other names of the same weights here,
    ``rivals`` the names that the data do not tell apart. ``factor`` is what that mean is multiplied
    by; None if there is no mean, or groups have ``factors`` of their own, by label, or arrays, by
    path; ``within`` is then the mean that each group has inside, if together these are none.
    ``as_meant`` says whether the weights are those of the mean that was meant, with the
    factor 1, and nothing is left over. ``residual`` is the share of the gradient's length that no
    weighting explains, ``unexplained`` the arrays in which that is more than rounding, as few as
    can be; ``nearest`` the mean that most terms fit, or all that weigh anything, where none fits
    all. ``condition`` is the largest singular value of the terms' gradients, each scaled to length
    1, over the least that counts.
    ``brief`` says in a few words what the weights are, whatever was meant, for the cell of a table:
    "token mean × 0.25". ``report`` and ``picture`` are what is shown.
    """

    weights: np.ndarray
    margins: np.ndarray
    mean: str | None
    factor: float | None
    residual: float
    condition: float
    as_meant: bool
    report: Report
    picture: str
    alike: tuple = ()
    rivals: tuple = ()
    factors: dict = field(default_factory=dict)
    unexplained: tuple = ()
    nearest: str | None = None
    within: str | None = None
    brief: str = ""

    def _repr_html_(self):
        return f"{self.report._repr_html_()}{self.picture}"
