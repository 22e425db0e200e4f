"""A certificate beside values: polynomials in s over a finite field, or in all symbols at once."""

import operator

from lstm_src.checks.trees import tree_map
from lstm_src.proof.certificates import Certificate, run_backward
from lstm_src.proof.field import PRIME, RING, degrees, random_inputs
from lstm_src.proof.polynomials import SCALE, differing_entries, in_ring
from lstm_src.proof.shapes import total_degree
from lstm_src.proof.symbols import backward_symbols
from lstm_src.structures import State


def field_certificate(backward, T, B, D, H, rng, *, pass_scale=False, final_state=True):
    """Run a backward pass over GF(p)[s] at a random place: a `certificate` beside values.

    Parameters
    ----------
    backward, T, B, D, H, pass_scale, final_state
        As for `certificate`.
    rng : numpy.random.Generator
        As for `random_inputs`.

    Returns
    -------
    Certificate

    Raises
    ------
    TypeError, ValueError
        As `random_inputs` and `degrees`.

    Notes
    -----
    The code under test is run on the elements of `certificate` first, which tell its total degree
    and refuse what is no polynomial. The coefficient of each power of s in each gradient is a
    polynomial, too. If it is not the zero polynomial modulo p, it vanishes at a random place with a
    chance of at most its total degree divided by p (Schwartz 1980; Zippel 1979; DeMillo and Lipton
    1978): see `total_degree`.
    The chance is over the draw of ``rng``.

    So a degree that is reported is there for certain; one that is not reported is absent but for
    that chance, for these sizes. The tape is drawn freely and belongs to no forward pass. A code
    that is right only because of a relation between its slopes is rejected.

    **Degree 1 means linear.** A polynomial in the cotangents u whose terms all have degree 1 is
    Σ a_j u_j, with coefficients a_j that depend on tape and weights alone. So it is additive, too.
    That is not the same as right: a code that forgets a path is linear as well. Only a gradient
    check can tell.
    """
    options = {"pass_scale": pass_scale, "final_state": final_state}
    inputs = random_inputs(T, B, D, H, rng)
    bound = total_degree(backward, T, B, D, H, **options) / PRIME
    return _certify(backward, inputs, RING.gens[0], bound, **options)


def symbolic_certificate(backward, T, B, D, H, *, pass_scale=False, final_state=True):
    """Run a backward pass on polynomials in symbols: a `certificate` without a chance of error.

    The number of terms grows exponentially with T, so this is for a few steps. What it finds there
    holds for all values of tape, weights and cotangents: no symbol is 0, so code that compares is
    refused first, on the elements of `certificate`.

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
    options = {"pass_scale": pass_scale, "final_state": final_state}
    total_degree(backward, T, B, D, H, **options)
    return _certify(backward, inputs, scale, 0.0, **options)


def additivity_differences(backward, T, B, D, H, rng):
    """Compare B(u + v) with B(u) + B(v), at random places of the field.

    Parameters
    ----------
    backward, T, B, D, H, rng
        As for `field_certificate`.

    Returns
    -------
    dict of str to int
        For each gradient, in how many entries the two differ: the larger number of two draws of u,
        one of which is 0 in about half of its entries.

    Raises
    ------
    TypeError, ValueError
        As `random_inputs`, or as the code under test.

    Notes
    -----
    Of code that only adds and multiplies, as `certificate` tells, equal ones differ elsewhere with
    a chance of at most `total_degree` divided by `PRIME`. Code that compares or divides is run as
    well. What differs shows that it is not additive; what is equal is no proof of anything then: a
    branch on one value is hardly ever taken at random places.
    """
    params, tape, dh, dstate = random_inputs(T, B, D, H, rng)
    _, _, dh_2, dstate_2 = random_inputs(T, B, D, H, rng)

    def differing(dh, dstate):
        both = State(*(a + b for a, b in zip(dstate, dstate_2, strict=True)))
        whole = backward(params, tape, dh + dh_2, both)
        one, other = (backward(params, tape, *u) for u in ((dh, dstate), (dh_2, dstate_2)))
        return differing_entries(whole, tree_map(operator.add, one, other))

    half = tree_map(lambda u: u * rng.integers(2, size=u.shape), (dh, dstate))
    full, guarded = differing(dh, dstate), differing(*half)
    return {name: max(count, guarded[name]) for name, count in full.items()}


def _certify(backward, inputs, s, bound, pass_scale, final_state):
    leaves = run_backward(backward, inputs, s, pass_scale, final_state)
    zeros = {name: int((array == 0).sum()) for name, array in leaves.items()}
    return Certificate(degrees(leaves), zeros, bound)
