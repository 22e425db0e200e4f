"""Proofs on the code that ships: symbols, fractions, and polynomials over a finite field.

`forward` and `backward` run on arrays of objects as they are. This room makes such arrays, runs
them through, and says what comes out: equal or not, in which powers of a scale, and as LaTeX. It
also runs the backward pass step by step, so that what passes between steps can be seen. SymPy does
the arithmetic.
"""

from lstm_src.validation import need_extra

need_extra("lstm_src.proof", "proof", "sympy")

from lstm_src.proof.certificates import Certificate, certificate
from lstm_src.proof.field import (
    PRIME,
    RING,
    degrees,
    error_bound,
    random_inputs,
    total_degrees,
)
from lstm_src.proof.matrices import linearity_differences, scaling_differences, step_equations
from lstm_src.proof.polynomials import (
    SCALE,
    differing_entries,
    expressions,
    in_ring,
    to_fractions,
)
from lstm_src.proof.rings import additivity_differences, field_certificate, symbolic_certificate
from lstm_src.proof.shapes import term_shapes, total_degree
from lstm_src.proof.steps import arrivals_by_origin, backward_in_steps, carried_by_gate
from lstm_src.proof.symbols import (
    BackwardInputs,
    ForwardInputs,
    backward_symbols,
    derivatives,
    forward_symbols,
    injected_loss,
    tanh,
)
from lstm_src.proof.typeset import degree_set
from lstm_src.proof.ways import (
    Arrow,
    crossings,
    lstm_arrows,
    terms_of_gradients,
    terms_of_ways,
    ways_by_end,
)

__all__ = [
    "PRIME",
    "RING",
    "SCALE",
    "Arrow",
    "BackwardInputs",
    "Certificate",
    "ForwardInputs",
    "additivity_differences",
    "arrivals_by_origin",
    "backward_in_steps",
    "backward_symbols",
    "carried_by_gate",
    "certificate",
    "crossings",
    "degree_set",
    "degrees",
    "derivatives",
    "differing_entries",
    "error_bound",
    "expressions",
    "field_certificate",
    "forward_symbols",
    "in_ring",
    "injected_loss",
    "linearity_differences",
    "lstm_arrows",
    "random_inputs",
    "scaling_differences",
    "step_equations",
    "symbolic_certificate",
    "tanh",
    "term_shapes",
    "terms_of_gradients",
    "terms_of_ways",
    "to_fractions",
    "total_degree",
    "total_degrees",
    "ways_by_end",
]
