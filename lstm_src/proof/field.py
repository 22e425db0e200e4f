"""Polynomials in s over a finite field: random inputs, degrees, and the chance of error."""

import numpy as np
import sympy
from sympy.polys.orderings import lex
from sympy.polys.rings import PolyElement, PolyRing

from lstm_src.proof.polynomials import SCALE, entries_by_path
from lstm_src.proof.symbols import BackwardInputs
from lstm_src.structures import Params, State, Tape
from lstm_src.validation import check_generator, check_size

PRIME = 2**61 - 1
"""The number of elements of the finite field, a Mersenne prime."""

RING = PolyRing([SCALE], sympy.GF(PRIME), lex)
"""The ring GF(p)[s] of polynomials in `SCALE` over the field with p = `PRIME` elements."""


def random_inputs(T, B, D, H, rng):
    """Draw weights, a tape and cotangents from the field with `PRIME` elements.

    Parameters
    ----------
    T, B, D, H : int
        Steps, sequences, inputs and units, each at least 1.
    rng : numpy.random.Generator
        Source of the elements, each uniform on the whole field.

    Returns
    -------
    BackwardInputs
        Object arrays of constants in GF(p)[s]. The last column of the tape's inputs is 1.

    Raises
    ------
    TypeError, ValueError
        If a size is not an integer of at least 1, or ``rng`` is no generator.
    """
    T, B, D, H = (check_size(*pair) for pair in zip("TBDH", (T, B, D, H), strict=True))
    check_generator("rng", rng)
    constant = np.frompyfunc(lambda number: RING.ground_new(int(number)), 1, 1)

    def draw(*shape):
        return constant(rng.integers(PRIME, size=shape))

    params = Params(draw(D, 4 * H), draw(H, 4 * H), draw(4 * H))
    tape = Tape(draw(T, B, H + D + 1), draw(T, 6, B, H))
    tape.inputs[:, :, -1] = RING.one
    return BackwardInputs(params, tape, draw(T, B, H), State(*draw(2, B, H)))


def degrees(gradients):
    """Return the degrees in s of each gradient's terms.

    Parameters
    ----------
    gradients : tree of ndarray
        Polynomials in `SCALE`, from a ring of `sympy.polys`, and integers.

    Returns
    -------
    dict of str to frozenset of int
        For each array, by its path in the tree, the degrees over all entries: ``{1}`` if all terms
        of all entries have degree 1. A zero entry adds none, so the set is empty where the whole
        array is zero.

    Raises
    ------
    TypeError
        If an entry is something else, or in another ring.
    """
    leaves = entries_by_path("gradients", gradients)
    return {
        name: frozenset().union(*(_degrees_of(name, entry) for entry in array.ravel()))
        for name, array in leaves.items()
    }


def total_degrees(T):
    """Return the total degree of each gradient of `backward`, as a polynomial in all that goes in.

    Parameters
    ----------
    T : int
        Steps, at least 1.

    Returns
    -------
    dict of str to int
        By the gradient's name: 3T for ``params.b`` and ``state.c``, 3T + 1 for the others.

    Raises
    ------
    TypeError, ValueError
        If ``T`` is not an integer of at least 1.

    Notes
    -----
    Every entry of tape, weights and cotangents counts as a variable of degree 1. Let n = 1 at the
    last step, 2 at the one before it, and so on. A sum has the larger of two degrees, a product
    their sum. With deg h̄ and deg c̄ the degrees of what arrives at h_t and c_t:

    - what is carried into the last step is injected: it has degree 1, and so deg h̄ = 1 for n = 1;
    - ``dc += dh_t * dh_dc``: deg c̄ = deg h̄ + 1, for what is carried in is never of higher degree;
    - ``dz``, a cotangent times a slope: deg z̄ = deg c̄ + 1;
    - ``dz @ W_h.T``, carried into the step before: its deg h̄ is deg z̄ + 1.

    So deg h̄ grows by 3 a step: deg h̄ = 3n - 2, deg c̄ = 3n - 1, deg z̄ = 3n. The biases' gradient
    adds up z̄, the initial cell state's is c̄ times a slope: 3T. The other gradients multiply z̄ by
    an input or a weight once more: 3T + 1.
    """
    T = check_size("T", T)
    names = ("params.W_x", "params.W_h", "params.b", "x", "state.h", "state.c")
    return {name: 3 * T + (name not in ("params.b", "state.c")) for name in names}


def error_bound(T):
    """Bound the chance that `certificate` misses a degree of the shipped `backward`: (3T + 1)/p.

    For another code, put the total degree of its gradients in the place of 3T + 1. Rewriting the
    shipped code so that it multiplies by s in other places, or leaves terms out, raises no degree.

    Parameters
    ----------
    T : int
        Steps, at least 1.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If ``T`` is not an integer of at least 1.
    """
    return max(total_degrees(T).values()) / PRIME


def _degrees_of(name, entry):
    if isinstance(entry, PolyElement) and SCALE in entry.ring.symbols:
        place = entry.ring.symbols.index(SCALE)
        return {monomial[place] for monomial in entry.itermonoms()}
    if isinstance(entry, int | np.integer):
        return {0} if entry else set()
    raise TypeError(
        f"{name}: expected polynomials in s or integers, got {type(entry).__name__}: "
        "the code under test must only add and multiply"
    )
