"""The weights of the single loss terms in what a mistake leaves, against the mean that was meant.

A loss term is the squared error of one token, as `claimed_loss` has it: with the factor. Its
gradient is that of the shipped passes, so a wrong pass leaves something that is no weighting.
"""

import numpy as np

from lstm_src.checks import audit_weights
from lstm_src.checks.trees import times
from lstm_src.placements.mistakes.mistake import by_name
from lstm_src.placements.mistakes.problem import pull, small_problem
from lstm_src.placements.mistakes.windows import WINDOW

AS_MEANT = "as meant"

PADDED = 8
"""Hidden units where the padding has terms: with two there are hardly more parameters than terms,
and what the terms weigh would hang on rounding."""


def weigh(entry, *, own=False):
    """Return the report of `audit_weights` on an entry: see `asked`."""
    return audit_weights(*asked(entry, own=own))


def asked(entry, *, own=False):
    """Return what `audit_weights` is asked of an entry, in the order of its arguments.

    Parameters
    ----------
    entry : Mistake
    own : bool, optional
        Take the gradients of the single terms by the entry's rewritten pass, too, as code that
        has no other pass would. By default they are those of the shipped passes.

    Returns
    -------
    gradient : dict of str to ndarray
        That of the entry's first call, at its scale.
    terms : list of dict of str to ndarray
    groups : dict of str to sequence
    mean : str
    """
    padded = "padding" in entry.groups
    problem, scale = small_problem(PADDED) if padded else small_problem(), entry.scale
    gradient = entry.gradients(problem, scale)
    places = [*zip(*np.nonzero(problem.mask + padded), strict=True)]
    terms = [_term(entry, problem, place, scale, own) for place in places]
    groups = _labels(entry, problem, np.array(places))
    mean = "token mean"
    if entry.final_term or entry.decay:
        terms.append(_more(entry, problem, scale, own))
        mean = "sum of loss means"
    return gradient, [{name: term[name] for name in gradient} for term in terms], groups, mean


def reading(report):
    """Return what a report says of the weights, against what was meant, in few words.

    Parameters
    ----------
    report : WeightReport

    Returns
    -------
    str
        "as meant"; "left over" where a part is no weighting of the terms; the factors of several
        losses; else `WeightReport.brief`.
    """
    if report.as_meant:
        return AS_MEANT
    if report.unexplained:
        return "left over"
    if report.factors and not report.within:
        # What is below the bound is rounding: it would differ from machine to machine.
        parts = {label: round(factor, 9) + 0.0 for label, factor in report.factors.items()}
        return " + ".join(f"{factor:.4g} × {label}" for label, factor in parts.items())
    return report.brief


def _term(entry, problem, place, scale, own):
    """Return the gradients of one token's term, by name."""
    weights = np.zeros(problem.mask.shape)
    weights[place] = 1
    if own:
        return by_name(entry.through(problem, weights, scale))
    return by_name(times(scale, entry.pulls(problem, weights)))


def _more(entry, problem, scale, own):
    """Return the gradients of the one more term of the loss, by name."""
    if entry.decay:
        return by_name(times(problem.decay, problem.params))
    nothing = 0 * problem.mask
    if own:
        return by_name(entry.through(problem, nothing, scale, final_term=True))
    return by_name(times(scale, pull(problem, nothing, final_term=True)))


def _labels(entry, problem, places):
    """Return the labels of the terms, as `audit_weights` takes them."""
    steps, sequences = places.T
    if entry.decay:  # it belongs to no step, and to no sequence
        return {"loss": ["data"] * len(steps) + ["decay"]}
    if entry.final_term:  # one sequence reaches the end, so it is one term
        steps, sequences = np.append(steps, len(problem.mask) - 1), np.append(sequences, 1)
    known = {
        "window": steps // WINDOW,
        "padding": problem.mask[steps, sequences] == 0,
    }
    labels = {"step": steps} | {name: known.get(name, sequences) for name in entry.groups}
    if entry.final_term:
        labels["loss"] = ["main"] * (len(steps) - 1) + ["extra"]
    return labels
