"""Exact arithmetic for the shipped passes: symbols, fractions, and polynomials over a finite field.

`forward` and `backward` run on arrays of objects as they are. This package makes such arrays, runs
them through, and says what comes out: equal or not, in which powers of a scale, and as LaTeX.
SymPy does the arithmetic. Nothing but chapters, tests and benchmarks imports this package.
"""

from lstm_src.exact.certificates import (
    Certificate,
    additivity_differences,
    certificate,
    symbolic_certificate,
)
from lstm_src.exact.field import (
    PRIME,
    RING,
    degrees,
    error_bound,
    random_inputs,
    total_degrees,
)
from lstm_src.exact.polynomials import (
    SCALE,
    differing_entries,
    expressions,
    in_ring,
    named_leaves,
    to_fractions,
)
from lstm_src.exact.symbols import (
    BackwardInputs,
    ForwardInputs,
    backward_symbols,
    derivatives,
    forward_symbols,
    injected_loss,
    tanh,
)
from lstm_src.exact.typeset import degree_set, degree_table, formula

__all__ = [
    "PRIME",
    "RING",
    "SCALE",
    "BackwardInputs",
    "Certificate",
    "ForwardInputs",
    "additivity_differences",
    "backward_symbols",
    "certificate",
    "degree_set",
    "degree_table",
    "degrees",
    "derivatives",
    "differing_entries",
    "error_bound",
    "expressions",
    "formula",
    "forward_symbols",
    "in_ring",
    "injected_loss",
    "named_leaves",
    "random_inputs",
    "symbolic_certificate",
    "tanh",
    "to_fractions",
    "total_degrees",
]
