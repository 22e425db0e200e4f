"""Exact results as text: formulas in LaTeX, tables in Markdown."""

import numpy as np
import sympy

from lstm_src.proof.polynomials import expressions

_HEADS = {
    "params.W_x": "W_x",
    "params.W_h": "W_h",
    "params.b": "b",
    "state.h": "h_0",
    "state.c": "c_0",
}


def equation(left, right, *, terms_per_line=1):
    """Write an expression, or a small array of them, as an equation.

    Parameters
    ----------
    left : str
        LaTeX of the left side.
    right : sympy.Expr, ring element, number or ndarray
        An expression is broken into lines between its terms; an array of two axes becomes a
        matrix, one of one axis a column.
    terms_per_line : int, optional
        How many terms of a sum stand in one line.

    Returns
    -------
    str
        LaTeX, without dollar signs.

    Raises
    ------
    ValueError
        If an array has more than two axes.
    """
    shown = expressions(np.asarray(right, object))
    if np.ndim(shown) > 2:
        raise ValueError(f"right: expected at most two axes, got shape {np.shape(shown)}")
    if np.ndim(shown):
        return f"{left} = {sympy.latex(sympy.Matrix(shown))}"
    lines = sympy.multiline_latex(
        sympy.Symbol("{" + left + "}"), np.asarray(shown).item(), terms_per_line
    )
    return lines.replace("align*", "aligned").replace(" = & ", " = {} & ")


def degree_set(found):
    """Return a set of degrees as text: ``{0,1}``, or ``{1,…,9}`` for more than three in a row.

    Parameters
    ----------
    found : collection of int

    Returns
    -------
    str
        "∅" for none.
    """
    found = sorted(found)
    if not found:
        return "∅"
    if len(found) > 3 and found == list(range(found[0], found[-1] + 1)):
        found = [found[0], "…", found[-1]]
    return f"{{{','.join(map(str, found))}}}"


def degree_table(certificates):
    """Write the degrees of several backward passes as a table, one in each row.

    Parameters
    ----------
    certificates : dict of str to Certificate
        By what stands in the first column.

    Returns
    -------
    str
        A Markdown table with a column for the gradient of each array, and one that says whether
        all are scaled once.

    Raises
    ------
    ValueError
        If there are none, or their gradients differ in name.
    """
    names = [tuple(found.degrees) for found in certificates.values()]
    if len(set(names)) != 1:
        raise ValueError(
            f"certificates: expected the same gradients in each, got {sorted(set(names))}"
        )
    heads = [f"`{_HEADS.get(name, name)}`" for name in names[0]]
    rows = [["backward pass", *heads, "scaled once"], [":--", *(["--"] * len(heads)), ":-:"]]
    for label, found in certificates.items():
        sets = [degree_set(found.degrees[name]) for name in names[0]]
        rows.append([label, *sets, "yes" if found.scaled_once else "no"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
