r"""Sums of matrix products as a paper prints them: common factors once, named parts by name."""

from sympy import Integer, MatMul, OneMatrix, Transpose, latex
from sympy.matrices.expressions import HadamardProduct


def factors(kind, product):
    """Return the factors of a product of a kind, or the one thing that it is."""
    return product.args if isinstance(product, kind) else (product,)


def without(product, side):
    """Return a matrix product without its first factor ("left") or its last ("right")."""
    chain = factors(MatMul, product)
    rest = chain[1:] if side == "left" else chain[:-1]
    return rest[0] if len(rest) == 1 else MatMul(*rest, evaluate=False)


def written(terms, names=()):
    r"""Write a sum of products of matrix symbols in LaTeX.

    Parameters
    ----------
    terms : dict of sympy.MatrixExpr to sympy.Expr
        The coefficient of each product, as in `lstm_src.proof.matrices.SymbolicMatrix`.
    names : iterable of (str, dict), optional
        Parts that have names of their own: where one of them is a factor, its name stands there.

    Returns
    -------
    str
        LaTeX, without dollar signs. A factor that all terms of a sum share stands once, before or
        behind it; ``\odot`` is the product entry by entry.
    """
    return _sum(terms, tuple(names)) if terms else "0"


def _sum(terms, names):
    for name, part in names:
        if part == terms:
            return name
    groups = {}
    for product, number in terms.items():
        groups.setdefault(_outer(product), {})[product] = number
    if len(groups) > 1:
        return _added(_sum(group, names) for group in groups.values())
    if len(terms) == 1:
        ((product, number),) = terms.items()
        chain = list(factors(MatMul, product))
        if len(chain) == 1:
            return _coefficient(number) + _entrywise(product)
    (outer,) = groups
    if outer is not None:
        side, factor = outer
        inner = {without(product, side): number for product, number in terms.items()}
        parts = [_symbol(factor), _bracketed(inner, names)]
        return " ".join(parts if side == "left" else reversed(parts))
    shared = [
        f
        for f in factors(HadamardProduct, next(iter(terms)))
        if all(f in factors(HadamardProduct, product) for product in terms)
    ]
    if shared:
        inner = {_divided(product, shared): number for product, number in terms.items()}
        outside = r" \odot ".join(map(_symbol, shared))
        return rf"{_bracketed(inner, names)} \odot {outside}"
    return _added(_coefficient(n) + _entrywise(p) for p, n in terms.items())


def _added(parts):
    return " + ".join(parts).replace("+ - ", "- ").replace("+ -", "- ")


def _outer(product):
    """Return the matrix that a product can share with others: its last if transposed, else first.

    A gradient of weights is something transposed times cotangents; a cotangent is sent on by
    something times transposed weights.
    """
    chain = factors(MatMul, product)
    if len(chain) == 1:
        return None
    left = isinstance(chain[0], (Transpose, OneMatrix))
    return ("left", chain[0]) if left else ("right", chain[-1])


def _divided(product, shared):
    rest = [f for f in factors(HadamardProduct, product) if f not in shared]
    if not rest:
        return OneMatrix(*product.shape)
    return rest[0] if len(rest) == 1 else HadamardProduct(*rest, evaluate=False)


def _bracketed(terms, names):
    text = _sum(terms, names)
    alone = len(terms) == 1 and not isinstance(next(iter(terms)), (HadamardProduct, MatMul))
    named = any(part == terms for _, part in names)
    return text if named or (alone and set(terms.values()) == {1}) else rf"\left({text}\right)"


def _entrywise(product):
    return r" \odot ".join(map(_symbol, factors(HadamardProduct, product)))


def _symbol(matrix):
    if isinstance(matrix, Transpose):
        return rf"{_symbol(matrix.arg)}^{{\mathsf T}}"
    if isinstance(matrix, OneMatrix):
        return r"1^{\mathsf T}" if matrix.shape[0] == 1 else r"1"
    if isinstance(matrix, MatMul):
        return " ".join(map(_symbol, matrix.args))
    return "{" + matrix.name + "}"


def _coefficient(number):
    if number == Integer(1):
        return ""
    if number == Integer(-1):
        return "-"
    text = latex(number)
    return rf"\left({text}\right) " if number.is_Add else f"{text} "
