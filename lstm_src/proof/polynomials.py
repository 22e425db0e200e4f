"""Trees of fractions and of polynomials, and the comparison of expressions entry by entry."""

from fractions import Fraction

import numpy as np
import sympy
from sympy.polys.orderings import lex
from sympy.polys.rings import PolyElement, PolyRing

from lstm_src.checks.trees import named_leaves, tree_leaves, tree_map

SCALE = sympy.Symbol("s", real=True)
"""The symbol of a common factor, such as 1/N."""


def to_fractions(tree):
    """Replace every number by the fraction that it is, exactly.

    Parameters
    ----------
    tree : tree of ndarray
        Arrays of real numbers, or of objects that `fractions.Fraction` accepts.

    Returns
    -------
    tree of ndarray
        Object arrays of `fractions.Fraction`.

    Raises
    ------
    TypeError
        If an entry is no real number.
    ValueError
        If an entry is NaN or infinite.
    """

    def exact(number):
        number = getattr(number, "item", lambda: number)()
        if isinstance(number, float) and not np.isfinite(number):
            raise ValueError(f"tree: expected finite numbers, got {number}")
        if isinstance(number, complex):
            raise TypeError("tree: expected real numbers, got complex")
        return Fraction(number)

    return tree_map(np.frompyfunc(exact, 1, 1), tree)


def in_ring(tree):
    """Turn every expression of a tree into a polynomial of one ring over the rational numbers.

    A polynomial has one normal form, so two expressions that agree as polynomials are found equal,
    whatever their form, in a fraction of the time that `sympy.simplify` takes.

    Parameters
    ----------
    tree : tree of ndarray or sympy.Expr
        Expressions and numbers, combined with ``+``, ``-``, ``*`` and whole powers. A function of
        something, such as tanh(z), counts as one more variable.

    Returns
    -------
    tree
        Of the same form, with elements of a `sympy.polys.rings.PolyRing`. Its generators are the
        symbols in order of appearance, then the functions. Expressions to be compared, and the
        scale, must go in together: ``inputs, s = in_ring((inputs, SCALE))``.

    Raises
    ------
    ValueError
        If an entry is no polynomial in its symbols and functions, with rational coefficients.

    Notes
    -----
    Equality here is sound: equal polynomials in the variables are equal for all their values. What
    only an identity between functions makes equal, such as tanh(2z) and tanh(z), is found unequal.
    """
    tree = tree_map(lambda leaf: np.frompyfunc(_expression, 1, 1)(np.asarray(leaf, object)), tree)
    entries = dict.fromkeys(entry for array in tree_leaves(tree) for entry in np.ravel(array))
    symbols = {s: None for e in entries for s in sorted(e.free_symbols, key=sympy.default_sort_key)}
    functions = set().union(*(entry.atoms(sympy.Function) for entry in entries))
    functions = sorted(functions, key=sympy.default_sort_key)
    ring = PolyRing([*symbols, *functions] or [SCALE], sympy.QQ, lex)
    known = {entry: ring.from_expr(entry) for entry in entries}
    return tree_map(np.frompyfunc(known.get, 1, 1), tree)


def expressions(tree):
    """Turn the polynomials of a tree back into SymPy's expressions.

    Parameters
    ----------
    tree : tree of ndarray
        Of ring elements; numbers and expressions pass.

    Returns
    -------
    tree of ndarray

    Raises
    ------
    sympy.SympifyError
        If an entry is none of these.
    """
    return tree_map(np.frompyfunc(_expression, 1, 1), tree)


def differing_entries(found, expected):
    """Count the entries in which two trees differ, array by array.

    Parameters
    ----------
    found, expected : tree of ndarray
        Two trees of one structure and the same shapes. Expressions are compared as polynomials
        (`in_ring`), anything else with ``==``.

    Returns
    -------
    dict of str to int
        For each array, by its path in the tree, in how many entries the two differ.

    Raises
    ------
    ValueError
        If the trees or the shapes differ, or as `in_ring`.
    """
    leaves, others = entries_by_path("found", found), named_leaves("expected", expected)
    if leaves.keys() != others.keys():
        raise ValueError(f"found: expected {', '.join(others)}, got {', '.join(leaves)}")
    for name, leaf in leaves.items():
        if np.shape(others[name]) != leaf.shape:
            raise ValueError(f"{name}: expected shape {leaf.shape}, got {np.shape(others[name])}")
    pairs = list(leaves.values()), [np.asarray(others[name]) for name in leaves]
    if any(isinstance(e, sympy.Expr) for array in [*pairs[0], *pairs[1]] for e in array.ravel()):
        pairs = in_ring(pairs)
    return {name: int((a != b).sum()) for name, a, b in zip(leaves, *pairs, strict=True)}


def entries_by_path(argument, tree):
    """Return the arrays of a tree by their paths, such as ``params.W_x``.

    Raises
    ------
    TypeError
        If the tree holds anything but arrays.
    ValueError
        If it holds nothing.
    """
    leaves = named_leaves(argument, tree)
    for leaf in leaves.values():
        if not isinstance(leaf, np.ndarray):
            raise TypeError(f"{argument}: expected a tree of arrays, got {type(leaf).__name__}")
    return leaves


def _expression(entry):
    return entry.as_expr() if isinstance(entry, PolyElement) else sympy.sympify(entry, strict=True)
