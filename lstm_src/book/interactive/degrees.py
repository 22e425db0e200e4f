"""In which powers of the factor each loss term arrives, place by place and length by length."""

from functools import cache

from lstm_src.placements.mistakes import MISTAKES
from lstm_src.placements.right import PLACEMENTS
from lstm_src.proof.certificates import forms_of, run_backward
from lstm_src.proof.forms import Forms, form_inputs

CHOICES = {
    "on each gradient that enters": PLACEMENTS["on_entry"],
    "at the end": PLACEMENTS["at_the_end"],
    "again at every step": MISTAKES["every_step"],
    "on all terms but the last": MISTAKES["last_term_unscaled"],
    "on the way in and at the end": MISTAKES["twice"],
}
"""The places for the factor among which a reader chooses, by the words of the choice."""

STEPS = range(1, 9)
"""The lengths among which a reader chooses."""


def degrees_by_term(place, T):
    """Return the degrees in which each loss term arrives at the weights, with certainty.

    Parameters
    ----------
    place : callable
        ``place(params, tape, dh, scale=s)`` returns Gradients, such as the entries of
        `lstm_src.placements.right.PLACEMENTS` and `lstm_src.placements.mistakes.MISTAKES`.
    T : int
        Steps.

    Returns
    -------
    list of frozenset of int
        For the loss term of each step, the first first.

    Raises
    ------
    TypeError, ValueError
        As `lstm_src.proof.certificate`.
    """
    space, found = Forms("cotangents", "s"), []
    for term in range(T):
        kinds = {("dh", term): "cotangents"}
        inputs = form_inputs(space, T, 1, 1, 1, kinds.get)
        gradients = run_backward(place, inputs, space.variable("s"), True, False)
        forms = [forms_of(space, *item)[0] for item in gradients.items() if "params" in item[0]]
        found.append(frozenset(power for part in forms for number, power in part if number))
    return found


@cache
def degrees_table():
    """Return a row for each degree of each loss term, of all `CHOICES` and `STEPS`."""
    return [
        {"choice": choice, "T": T, "term": term, "power": power}
        for choice, place in CHOICES.items()
        for T in STEPS
        for term, powers in enumerate(degrees_by_term(place, T), 1)
        for power in sorted(powers)
    ]
