r"""Matrices whose sizes are symbols: what holds of them holds of one step for every B, D and H.

`lstm_src.plain.step_back` runs on them as it is. Each result is a sum of products in normal form,
so two results are equal as matrices, for all sizes and all entries, if they are equal as text.
"""

import sympy
from sympy import MatMul, MatrixSymbol, OneMatrix, Transpose
from sympy.matrices.expressions import HadamardProduct

from lstm_src.checks.trees import named_leaves, tree_map
from lstm_src.plain import step_back
from lstm_src.proof.writing import factors, without, written
from lstm_src.structures import GATES, SLOPES, Gates, Params, Slopes

B, D, H = sympy.symbols("B D H", integer=True, positive=True)
"""The sizes: sequences, inputs, units."""


class SymbolicMatrix:
    """A sum of products of matrix symbols, each product with a coefficient.

    A product is a symbol or its transpose, a matrix product of such, or an entrywise product of all
    these, with its factors in order. Sums, entrywise and matrix products, transposes and the sum
    over an axis are defined, and nothing else: no comparison, no division by a matrix, no function.

    Parameters
    ----------
    terms : dict of sympy.MatrixExpr to sympy.Expr
        The coefficient of each product.
    shape : tuple of sympy.Expr
        Rows and columns.
    """

    __hash__ = None
    __array_ufunc__ = None  # a NumPy number on the left leaves the work to this class

    def __init__(self, terms, shape):
        expanded = ((product, sympy.expand(number)) for product, number in terms.items())
        self.terms = {product: number for product, number in expanded if number != 0}
        self.shape = shape

    @property
    def is_zero(self):
        """Whether every entry is zero, for all sizes and all entries of the symbols."""
        return not self.terms

    @property
    def T(self):
        """The transposed matrix."""
        terms = {_transposed(product): number for product, number in self.terms.items()}
        return SymbolicMatrix(terms, self.shape[::-1])

    def sum(self, axis):
        """Return the sums over the rows (axis 0), as a matrix of one row."""
        if axis != 0:
            raise ValueError(f"axis: expected 0, got {axis}")
        ones = OneMatrix(1, self.shape[0])
        return SymbolicMatrix({ones: sympy.Integer(1)}, ones.shape) @ self

    def __add__(self, other):
        """Add a matrix, or a number to every entry."""
        other = self._like(other)
        terms = dict(self.terms)
        for product, number in other.terms.items():
            terms[product] = terms.get(product, 0) + number
        return SymbolicMatrix(terms, self.shape)

    __radd__ = __add__

    def __sub__(self, other):
        """Subtract, as `__add__`."""
        return self + -1 * self._like(other)

    def __mul__(self, other):
        """Multiply entry by entry, or with a number."""
        if not isinstance(other, SymbolicMatrix):
            number = _number(other)
            return SymbolicMatrix({p: number * n for p, n in self.terms.items()}, self.shape)
        return self._products(self._like(other), _entrywise, self.shape)

    __rmul__ = __mul__

    def __truediv__(self, other):
        """Divide by a number."""
        return self * (1 / _number(other))

    def __matmul__(self, other):
        """Multiply as matrices."""
        if not isinstance(other, SymbolicMatrix):
            raise TypeError(f"expected a matrix, got {type(other).__name__}")
        if self.shape[1] != other.shape[0]:
            raise ValueError(f"expected {self.shape[1]} rows, got {other.shape}")
        return self._products(other, _chained, (self.shape[0], other.shape[1]))

    def __eq__(self, other):
        """Refuse: entries have no values."""
        raise TypeError("the code under test compares matrices: it must only add and multiply")

    __lt__ = __le__ = __gt__ = __ge__ = __ne__ = __eq__

    def __bool__(self):
        """Refuse: entries have no values."""
        raise TypeError("the code under test branches on a matrix: it must only add and multiply")

    def __repr__(self):
        """Return the sum as LaTeX."""
        return written(self.terms)

    def _products(self, other, join, shape):
        terms = {}
        for p, n in self.terms.items():
            for q, m in other.terms.items():
                product = join(p, q)
                terms[product] = terms.get(product, 0) + n * m
        return SymbolicMatrix(terms, shape)

    def _like(self, other):
        """Return a matrix of this shape; a number stands for a matrix full of it."""
        if not isinstance(other, SymbolicMatrix):
            return SymbolicMatrix({OneMatrix(*self.shape): _number(other)}, self.shape)
        if other.shape != self.shape:
            raise ValueError(f"expected shape {self.shape}, got {other.shape}")
        return other


def symbol(name, rows, columns):
    """Return a matrix of independent entries."""
    shape = sympy.sympify(rows), sympy.sympify(columns)
    return SymbolicMatrix({MatrixSymbol(name, *shape): sympy.Integer(1)}, shape)


def step_symbols():
    r"""Return what `step_back` takes before the cotangents: weights, x, h and slopes.

    Each is a matrix of its own, so what is proved with them holds for every forward pass. They are
    named as in `lstm_src.proof.symbols`: ``c^{\prime g}`` is the slope ∂c_t/∂z_t^g.
    """
    weights = Params(
        Gates(*(symbol(f"W_x^{gate}", D, H) for gate in GATES)),
        Gates(*(symbol(f"W_h^{gate}", H, H) for gate in GATES)),
        Gates(*(symbol(f"b^{gate}", 1, H) for gate in GATES)),
    )
    slopes = Slopes(
        *(symbol(f"{n[1]}^{{\\prime {n[-1] if '_dz_' in n else 'c'}}}", B, H) for n in SLOPES)
    )
    return weights, symbol("x", B, D), symbol("h_{t-1}", B, H), slopes


def step_equations(back=step_back):
    r"""Write out what a step back does, as a paper would.

    Parameters
    ----------
    back : callable, optional
        Called as `step_back`.

    Returns
    -------
    list of (str, str)
        The two sides of each equation in LaTeX: first the cotangents of the cell state and of the
        gates, by whose names the others are then written.

    Raises
    ------
    TypeError, ValueError
        As `linearity_differences`.
    """
    weights, x, h, slopes = step_symbols()
    cotangents = symbol(r"\bar h_t", B, H), symbol("q_t", B, H)
    found = back(weights, x, h, slopes, *cotangents)
    every_entry_kept = slopes._replace(dc_dc_prev=SymbolicMatrix({OneMatrix(B, H): 1}, (B, H)))
    parts = [(r"\bar c_t", back(weights, x, h, every_entry_kept, *cotangents).state.c.terms)]
    for gate, db in found.params.b._asdict().items():  # 1ᵀ z̄
        terms = {without(product, "left"): number for product, number in db.terms.items()}
        parts.append((rf"\bar z^{gate}", terms))
    lines = [(name, written(terms, parts[:k])) for k, (name, terms) in enumerate(parts)]
    names = {"x": r"\bar x", "state.h": "p_{t-1}", "state.c": "q_{t-1}"}
    for path, matrix in named_leaves("", found).items():
        _, array, gate = (*path.split("."), "", "")[:3]
        left = names.get(path) or rf"\bar {array}^{gate}"
        lines.append((left, written(matrix.terms, parts)))
    return lines


def linearity_differences(back=step_back):
    """Compare B(αu + βv) with αB(u) + βB(v), for every output of a step, as matrices of any size.

    Parameters
    ----------
    back : callable, optional
        Called as `step_back`.

    Returns
    -------
    dict of str to SymbolicMatrix
        For each output by its path, the difference: zero where the step is linear.

    Raises
    ------
    TypeError, ValueError
        If the step does anything but add and multiply, or with sizes that do not fit.
    """
    alpha, beta = sympy.symbols("alpha beta")
    u, v = (tuple(symbol(f"{name}_{part}", B, H) for part in "hc") for name in "uv")
    fixed = step_symbols()
    both = back(*fixed, *(alpha * one + beta * other for one, other in zip(u, v, strict=True)))
    apart = tree_map(lambda a, b: alpha * a + beta * b, back(*fixed, *u), back(*fixed, *v))
    return named_leaves("back", tree_map(lambda a, b: a - b, both, apart))


def scaling_differences(back):
    """Compare a step that puts a factor s somewhere with s times the plain step.

    Parameters
    ----------
    back : callable
        Called as `step_back`, with the cotangents as they are and ``scale=s`` besides.

    Returns
    -------
    dict of str to SymbolicMatrix
        For each output by its path, the difference: zero where every term was scaled once.

    Raises
    ------
    TypeError, ValueError
        As `linearity_differences`.
    """
    s = sympy.Symbol("s", real=True)
    arguments = *step_symbols(), symbol(r"\bar h_t", B, H), symbol("q_t", B, H)
    found, plain = back(*arguments, scale=s), step_back(*arguments)
    return named_leaves("back", tree_map(lambda a, b: a - s * b, found, plain))


def _number(value):
    try:
        number = sympy.sympify(value, strict=True)
    except sympy.SympifyError:
        number = None
    if not isinstance(number, sympy.Expr) or number.is_Matrix:
        raise TypeError(f"expected a number, got {type(value).__name__}")
    return number


def _entrywise(one, other):
    both = [*factors(HadamardProduct, one), *factors(HadamardProduct, other)]
    both = [f for f in both if not isinstance(f, OneMatrix)] or both[:1]
    if len(both) == 1:
        return both[0]
    return HadamardProduct(*sorted(both, key=sympy.default_sort_key), evaluate=False)


def _chained(one, other):
    return MatMul(*factors(MatMul, one), *factors(MatMul, other), evaluate=False)


def _transposed(product):
    if isinstance(product, HadamardProduct):
        turned = sorted(map(_transposed, product.args), key=sympy.default_sort_key)
        return HadamardProduct(*turned, evaluate=False)
    if isinstance(product, MatMul):
        return MatMul(*map(_transposed, reversed(product.args)), evaluate=False)
    if isinstance(product, OneMatrix):
        return OneMatrix(*product.shape[::-1])
    return product.arg if isinstance(product, Transpose) else Transpose(product)
