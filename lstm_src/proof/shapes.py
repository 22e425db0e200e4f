"""Of what a gradient's terms are made: their shapes, which a count of powers does not tell."""

from lstm_src.proof.certificates import forms_of, run_backward
from lstm_src.proof.forms import Forms, form_inputs
from lstm_src.structures import SLOPES
from lstm_src.validation import check_size


def term_shapes(backward, T, B, D, H, *, final_state=True):
    """Return of what a backward pass's terms are made: how often which kind of variable is in one.

    A code that is linear and wrong often shows here: it loses terms, or makes others, which a count
    of cotangents and powers does not tell.

    Parameters
    ----------
    backward, T, B, D, H, final_state
        As for `certificate`. The number of shapes grows quickly with T; a few steps are enough.

    Returns
    -------
    dict of str to frozenset of frozenset
        For each gradient by its path, the shapes of its terms. A shape is a set of pairs of a kind
        and how often it stands in the term. Kinds are the three weights, the rows of the tape, its
        slopes by name, and the cotangents by their step, as the others are not.

    Raises
    ------
    TypeError, ValueError
        As `certificate`.
    """
    kinds = ["W_x", "W_h", "b", "rows", *SLOPES, "dstate.h", "dstate.c"]
    space = Forms(*kinds, *(("dh", t) for t in range(check_size("T", T))))
    inputs = form_inputs(space, T, B, D, H, lambda part: part)
    leaves = run_backward(backward, inputs, space.one, False, final_state)
    return {
        name: frozenset(
            frozenset((kind, n) for kind, n in zip(space.kinds, form, strict=True) if n)
            for form in forms_of(space, name, array)[0]
        )
        for name, array in leaves.items()
    }


def total_degree(backward, T, B, D, H, *, pass_scale=False, final_state=True):
    """Return the highest total degree of a backward pass's gradients, for anyone's code.

    Every entry of weights, tape and cotangents counts as a variable of degree 1; s does not count.

    Parameters
    ----------
    backward, T, B, D, H, pass_scale, final_state
        As for `certificate`.

    Returns
    -------
    int
        It is never too low; cancelled terms can make it too high.

    Raises
    ------
    TypeError, ValueError
        As `certificate`.
    """
    space = Forms("all", highest=True)
    inputs = form_inputs(space, T, B, D, H, lambda part: "all")
    leaves = run_backward(backward, inputs, space.one, pass_scale, final_state)
    found = set().union(*(forms_of(space, name, array)[0] for name, array in leaves.items()))
    return max((degree for (degree,) in found), default=0)
