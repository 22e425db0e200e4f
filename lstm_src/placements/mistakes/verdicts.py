"""Which check catches which mistake: every check pointed at an entry."""

from lstm_src.checks import check_gradients
from lstm_src.checks.scaling import audit_scaling
from lstm_src.lstm import backward
from lstm_src.placements.mistakes.mistake import Shows
from lstm_src.placements.mistakes.problem import small_problem
from lstm_src.placements.mistakes.weighing import reading, weigh
from lstm_src.proof import certificate

PARAMETERS = "W_x", "W_h", "b"
"""The arrays that are checked at one step."""


def audit(entry):
    """Return the report of `audit_scaling` on an entry, or any code like it."""
    return audit_scaling(entry.begin(small_problem()))


def gradient_check(entry, *, one_step=False):
    """Return the report of `check_gradients` on an entry, at the entry's scale.

    Parameters
    ----------
    entry : Mistake
    one_step : bool, optional
        Check the parameters at T = 1; otherwise all that the code returns, at T = 17.

    Returns
    -------
    GradientReport
    """
    problem = small_problem().steps(0, 1 if one_step else None)
    found = entry.gradients(problem, entry.scale)
    names = [name for name in found if name in PARAMETERS or not one_step]
    return check_gradients(
        lambda values: entry.loss(problem, values, entry.scale),
        problem.values(*names),
        {name: found[name] for name in names},
        steps=len(problem.mask),
    )


def certify(entry):
    """Return the `certificate` of an entry's backward pass, or None if it has none of its own."""
    if entry.rewritten is not backward or (entry.shows and entry.shows.certificate is None):
        return None
    return certificate(entry, 12, 2, 2, 2, pass_scale=True, final_state=entry.final_term)


def run_checks(entry):
    """Point every check at an entry, and return what they say as `Shows`."""
    certified = certify(entry)
    return Shows(
        audit(entry).brief,
        gradient_check(entry).right,
        gradient_check(entry, one_step=True).right,
        reading(weigh(entry)),
        None if certified is None else certified.scaled_once,
    )
