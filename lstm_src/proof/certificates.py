"""Is a gradient scaled exactly once? Its degrees in the scale s tell, whatever the size.

A backward pass that only adds and multiplies also runs on polynomials in s. If every cotangent goes
in with a factor s, a gradient in which every term was scaled once is s times something: all its
terms have degree 1. A term that was left out shows degree 0, one that was scaled twice degree 2.
"""

from dataclasses import dataclass

from lstm_src.checks.trees import tree_map
from lstm_src.proof.forms import Forms, form_inputs
from lstm_src.proof.polynomials import entries_by_path
from lstm_src.validation import check_bool, check_callable


@dataclass(frozen=True)
class Certificate:
    """In which powers of s the gradients' terms are.

    ``degrees`` holds, for each array of gradients by name, the set of the degrees of its entries'
    terms; ``zeros`` how many of its entries are zero; ``bound`` bounds the chance that any one
    degree of any one array was missed: 0 where there is none. ``cotangents`` holds the numbers of
    cotangents in a term of any array, where they were counted.
    """

    degrees: dict
    zeros: dict
    bound: float
    cotangents: frozenset | None = None

    @property
    def scaled_once(self):
        """Whether every array has terms of degree 1, and no others, with one cotangent each.

        A gradient that is zero everywhere has no terms and carries no information, so it does not
        pass.
        """
        linear = self.cotangents in (None, {1})
        return linear and all(found == {1} for found in self.degrees.values())


def certificate(backward, T, B, D, H, *, pass_scale=False, final_state=True):
    """See with certainty in which powers of s the terms of a backward pass are, at any length.

    Parameters
    ----------
    backward : callable
        Called as ``backward(params, tape, dh, dstate)`` with every cotangent multiplied by s. It
        returns any tree of gradients.
    T, B, D, H : int
        Steps, sequences, inputs and units, each at least 1. The time grows linearly with T where
        the powers do not.
    pass_scale : bool, optional
        If true, the cotangents go in as they are, and ``backward(params, tape, dh, dstate,
        scale=s)`` is to put the factor where it belongs.
    final_state : bool, optional
        If false, no cotangent of the final state is passed: ``backward(params, tape, dh)``.

    Returns
    -------
    Certificate
        Its ``bound`` is 0.

    Raises
    ------
    TypeError, ValueError
        If a size is not what is described here, or if the code under test compares, converts, looks
        up or divides entries: then it is no polynomial, or none that is the same for all values.

    Notes
    -----
    The code runs on elements that stand for any weights, tape and cotangents, and keep of each term
    how many cotangents and how many factors s it has: see `lstm_src.proof.forms`. So what passes is
    linear in the cotangents and scaled once for all values, at these sizes. No number was drawn.

    What is not told. A code that is linear and wrong: only a gradient check can. Terms that cancel
    count as if they did not, so a right code that adds a term of another power and subtracts it
    again is rejected; `field_certificate` and `symbolic_certificate` see that it vanishes. A code
    that asks for the type, the text or the identity of an entry, and does something else with
    elements than with numbers, is not seen through.
    """
    space = Forms("cotangents", "s")
    cotangent = lambda part: "cotangents" if _is_cotangent(part) else None  # noqa: E731
    inputs = form_inputs(space, T, B, D, H, cotangent)
    leaves = run_backward(backward, inputs, space.variable("s"), pass_scale, final_state)
    found = {name: forms_of(space, name, array) for name, array in leaves.items()}
    return Certificate(
        {name: frozenset(power for _, power in forms) for name, (forms, _) in found.items()},
        {name: zeros for name, (_, zeros) in found.items()},
        0.0,
        frozenset(number for forms, _ in found.values() for number, _ in forms),
    )


def _is_cotangent(part):
    return isinstance(part, tuple) or part.startswith("dstate")


def run_backward(backward, inputs, s, pass_scale, final_state):
    """Return the gradients by path, after every cotangent was multiplied by s, or s was passed."""
    check_callable("backward", backward)
    check_bool("pass_scale", pass_scale)
    check_bool("final_state", final_state)
    params, tape, *cotangents = inputs if final_state else inputs[:-1]
    if pass_scale:
        gradients = backward(params, tape, *cotangents, scale=s)
    else:
        gradients = backward(params, tape, *tree_map(lambda u: u * s, cotangents))
    return entries_by_path("backward", gradients)


def forms_of(space, name, array):
    """Return the forms of all entries of an array, and how many entries have none."""
    elements = [space.constant(entry) for entry in array.ravel()]
    forms = frozenset().union(*{id(e): e.forms for e in elements}.values())
    return forms, sum(element is space.zero for element in elements)
