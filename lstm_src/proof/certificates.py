"""Is a gradient scaled exactly once? Its degrees in the scale s tell, whatever the size.

A backward pass that only adds and multiplies also runs on polynomials in s. If every cotangent goes
in with a factor s, a gradient in which every term was scaled once is s times something: all its
terms have degree 1. A term that was left out shows degree 0, one that was scaled twice degree 2.
"""

import operator
from dataclasses import dataclass

from lstm_src.checks.trees import tree_map
from lstm_src.proof.field import RING, degrees, error_bound, random_inputs
from lstm_src.proof.polynomials import SCALE, differing_entries, entries_by_path, in_ring
from lstm_src.proof.symbols import backward_symbols
from lstm_src.structures import State


@dataclass(frozen=True)
class Certificate:
    """In which powers of s the gradients' terms are.

    ``degrees`` holds, for each array of gradients by name, the set of the degrees of its entries'
    terms; ``zeros`` how many of its entries are zero; ``bound`` bounds the chance that a degree was
    missed: 0 for symbols.
    """

    degrees: dict
    zeros: dict
    bound: float

    @property
    def scaled_once(self):
        """Whether every array has terms of degree 1, and no others.

        A gradient that is zero everywhere has no terms and carries no information, so it does not
        pass.
        """
        return all(found == {1} for found in self.degrees.values())


def certificate(backward, T, B, D, H, rng, *, pass_scale=False, final_state=True):
    """Run a backward pass over GF(p)[s] at a random place, to see that all is scaled exactly once.

    Parameters
    ----------
    backward : callable
        Called as ``backward(params, tape, dh, dstate)`` with every cotangent multiplied by s. It
        returns any tree of gradients.
    T, B, D, H, rng
        As for `random_inputs`. The time grows linearly with T where the degrees do not.
    pass_scale : bool, optional
        If true, the cotangents go in as they are, and ``backward(params, tape, dh, dstate,
        scale=s)`` is to put the factor where it belongs.
    final_state : bool, optional
        If false, no cotangent of the final state is passed: ``backward(params, tape, dh)``.

    Returns
    -------
    Certificate

    Raises
    ------
    TypeError, ValueError
        As `random_inputs` and `degrees`.

    Notes
    -----
    The code under test must be a polynomial in the entries of tape, weights and cotangents: it may
    add and multiply, and nothing else. A tanh, a root or a clip stops with an error. A quotient or
    a comparison of two cotangents runs, and only `additivity_differences` tells.

    The coefficient of each power of s in each gradient is then a polynomial, too. If it is not the
    zero polynomial modulo p, it vanishes at a random place with a chance of at most its total
    degree divided by p (Schwartz 1980; Zippel 1979; DeMillo and Lipton 1978): see `error_bound`.
    The chance is over the draw of ``rng``.

    So a degree that is reported is there for certain; one that is not reported is absent but for
    that chance, for these sizes. The tape is drawn freely and belongs to no forward pass. A code
    that is right only because of a relation between its slopes is rejected.

    **Degree 1 means linear.** A polynomial in the cotangents u whose terms all have degree 1 is
    Σ a_j u_j, with coefficients a_j that depend on tape and weights alone. So it is additive, too.
    That is not the same as right: a code that forgets a path is linear as well. Only a gradient
    check can tell.
    """
    inputs = random_inputs(T, B, D, H, rng)
    return _certify(backward, inputs, RING.gens[0], error_bound(T), pass_scale, final_state)


def symbolic_certificate(backward, T, B, D, H, *, pass_scale=False, final_state=True):
    """Run a backward pass on polynomials in symbols: a `certificate` without a chance of error.

    The number of terms grows exponentially with T, so this is for a few steps. What it finds there
    holds for all values of tape, weights and cotangents.

    Parameters
    ----------
    backward, T, B, D, H, pass_scale, final_state
        As for `certificate`.

    Returns
    -------
    Certificate
        Its ``bound`` is 0.

    Raises
    ------
    TypeError, ValueError
        As `certificate`.
    """
    inputs, scale = in_ring((backward_symbols(T, B, D, H), SCALE))
    return _certify(backward, inputs, scale, 0.0, pass_scale, final_state)


def additivity_differences(backward, T, B, D, H, rng):
    """Compare B(u + v) with B(u) + B(v), at random places of the field.

    Parameters
    ----------
    backward, T, B, D, H, rng
        As for `certificate`.

    Returns
    -------
    dict of str to int
        For each gradient, in how many entries the two differ. `error_bound` holds here, too.

    Raises
    ------
    TypeError, ValueError
        As `certificate`.
    """
    params, tape, dh, dstate = random_inputs(T, B, D, H, rng)
    _, _, dh_2, dstate_2 = random_inputs(T, B, D, H, rng)
    both = State(*(a + b for a, b in zip(dstate, dstate_2, strict=True)))
    whole = backward(params, tape, dh + dh_2, both)
    one, other = (backward(params, tape, *u) for u in ((dh, dstate), (dh_2, dstate_2)))
    return differing_entries(whole, tree_map(operator.add, one, other))


def _certify(backward, inputs, s, bound, pass_scale, final_state):
    params, tape, *cotangents = inputs if final_state else inputs[:-1]
    if pass_scale:
        gradients = backward(params, tape, *cotangents, scale=s)
    else:
        gradients = backward(params, tape, *tree_map(lambda u: u * s, cotangents))
    leaves = entries_by_path("backward", gradients)
    zeros = {name: int((array == 0).sum()) for name, array in leaves.items()}
    return Certificate(degrees(gradients), zeros, bound)
