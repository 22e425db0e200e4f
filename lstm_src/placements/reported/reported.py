"""What a report holds, and how what its code does is read off."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from lstm_src.checks import audit_weights
from lstm_src.placements.reported.problem import RankProblem
from lstm_src.training.ranks import Ranks
from lstm_src.validation import check_callable, check_like


@dataclass(frozen=True, eq=False)
class Reported:
    """A report of a factor that was wrong over several ranks.

    ``did`` says in a few words what the code does; ``source`` are keys of the bibliography, by
    commas; ``says`` is the number that the report gives. ``code`` and ``mended`` take a
    `RankProblem` and return gradients, or a norm, on the ranks: the same on each. ``number`` is
    what the code has to come to, over what is right. ``axis`` is the axis that was taken wrongly.
    ``part`` is the loss that it is about, "all" if there is but one, or "norm".
    """

    name: str
    axis: str
    did: str
    says: str
    source: str
    number: float
    sizes: dict
    code: Callable
    mended: Callable
    lengths: tuple = (7, 4, 5, 1)
    part: str = "all"
    losses: tuple = field(default=("main",))

    @property
    def problem(self):
        """Return the batch on the ranks of the report."""
        return RankProblem(Ranks(**self.sizes), self.lengths)


def reading(entry, code=None):
    """Return what a report's code comes to, over what is right.

    Parameters
    ----------
    entry : Reported
    code : callable, optional
        ``entry.code`` by default; such as ``entry.mended``, or code of your own.

    Returns
    -------
    float
        For gradients, the weight of the loss terms that the report is about over the weight that
        they should have, from `audit_weights`; for a norm, norm over norm.

    Raises
    ------
    TypeError
        If the entry is none, or the code cannot be called.
    ValueError
        If the ranks do not end up with the same, or no weighting of the terms gives the gradient.
    """
    problem = check_like("entry", entry, Reported).problem
    code = check_callable("code", entry.code if code is None else code)
    found = problem.ranks.join(code(problem))
    if entry.part == "norm":
        return float(found / problem.ranks.join(entry.mended(problem)))
    parts = {loss: terms_of(problem, loss) for loss in entry.losses}
    labels = [loss for loss, terms in parts.items() for _ in terms]
    meant = [1 / len(terms) for terms in parts.values() for _ in terms]
    terms = [term for terms in parts.values() for term in terms]
    report = audit_weights(found, terms, {"loss": labels}, np.array(meant))
    if not report.residual < 1e-9:
        raise ValueError(f"code: expected a weighting of the terms, got\n{report}")
    weights, asked = report.weights / meant, np.array(labels) == entry.part
    chosen = weights[asked] if entry.part != "all" else weights
    if not np.ptp(chosen) < 1e-9 * max(1, abs(chosen).max()):
        raise ValueError(f"code: expected one factor on all terms, got\n{report}")
    return float(chosen.mean())


def terms_of(problem, loss):
    """Return the gradients of a loss's single terms; of the penalty, one."""
    return [problem.params] if loss == "penalty" else problem.terms(loss)
