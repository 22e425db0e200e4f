"""Sums of matrix products as text: what a paper would print, with the value that they have."""

import re

import numpy as np
import pytest
import sympy

from lstm_src import plain
from lstm_src.proof import step_equations
from lstm_src.proof.matrices import SymbolicMatrix, symbol
from lstm_src.proof.writing import written

SIZES = {"A": (3, 4), "C": (3, 4), "U": (3, 4), "V": (4, 4), "Y": (4, 4), "W_x": (5, 4)}
NUMBERS = {
    name: np.random.default_rng(ord(name[0])).standard_normal(size) for name, size in SIZES.items()
}
A, C, U, V, Y, W_x = (symbol(name, *size) for name, size in SIZES.items())


def value(text):
    """Evaluate what `written` returns, with matrices side by side multiplied as matrices."""
    text = text.replace(r"\left(", "(").replace(r"\right)", ")")
    text = text.replace(r"1^{\mathsf T}", "np.ones((1, 3))").replace(r"\odot", "*")
    text = re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", r"(\1/\2)", text)
    text = re.sub(r"\{(\w+)\}\^\{\\mathsf T\}", r"\1.T", text)
    text = re.sub(r"\{(\w+)\}", r"\1", text)
    text = re.sub(r"(?<=[\w)]) (?=[\w(])", " @ ", text)
    text = re.sub(r"((?:^|(?<=[( ]))\(?-?\d+(?:/\d+\))?) @", r"\1 *", text)
    return eval(text, {"np": np, **NUMBERS})  # the text is ours


@pytest.mark.parametrize(
    ("matrix", "text", "expected"),
    [
        (A, "{A}", lambda A, C, U, V, Y, W: A),
        (A * C + U * C, r"\left({A} + {U}\right) \odot {C}", lambda A, C, U, V, Y, W: (A + U) * C),
        (
            (A * C + U) @ V.T,
            r"\left({A} \odot {C} + {U}\right) {V}^{\mathsf T}",
            lambda A, C, U, V, Y, W: (A * C + U) @ V.T,
        ),
        (
            A @ V.T + U @ V.T + C @ Y.T,
            r"\left({A} + {U}\right) {V}^{\mathsf T} + {C} {Y}^{\mathsf T}",
            lambda A, C, U, V, Y, W: (A + U) @ V.T + C @ Y.T,
        ),
        (
            A.T @ (C * U),
            r"{A}^{\mathsf T} \left({C} \odot {U}\right)",
            lambda A, C, U, V, Y, W: A.T @ (C * U),
        ),
        (
            (A * C).sum(axis=0),
            r"1^{\mathsf T} \left({A} \odot {C}\right)",
            lambda A, C, U, V, Y, W: (A * C).sum(axis=0, keepdims=True),
        ),
        (
            A * C + C,
            r"\left({A} + 1\right) \odot {C}",
            lambda A, C, U, V, Y, W: A * C + C,
        ),
        (
            2 * A @ V.T - U @ V.T / 3,
            r"\left(2 {A} - \frac{1}{3} {U}\right) {V}^{\mathsf T}",
            lambda A, C, U, V, Y, W: (2 * A - U / 3) @ V.T,
        ),
        (A - C, "{A} - {C}", lambda A, C, U, V, Y, W: A - C),
        (A - A, "0", lambda A, C, U, V, Y, W: 0),
    ],
)
def test_shared_factors_stand_once_and_the_value_stays(matrix, text, expected):
    assert written(matrix.terms) == text
    np.testing.assert_allclose(value(text), expected(*NUMBERS.values()))


def test_a_named_part_stands_by_its_name():
    part = A * C + U
    names = [(r"\bar c", part.terms)]
    assert written((part @ V.T).terms, names) == r"\bar c {V}^{\mathsf T}"
    assert written(((part + A) @ V.T).terms, names) != r"\bar c {V}^{\mathsf T}"
    assert written((2 * part).terms, names) != r"\bar c"


def test_the_step_reads_as_in_a_paper():
    lines = dict(step_equations())
    assert lines[r"\bar c_t"] == r"{q_t} + {\bar h_t} \odot {h^{\prime c}}"
    assert lines[r"\bar z^f"] == r"\bar c_t \odot {c^{\prime f}}"
    assert lines[r"\bar z^o"] == r"{\bar h_t} \odot {h^{\prime o}}"
    assert lines[r"\bar W_x^i"] == r"{x}^{\mathsf T} \bar z^i"
    assert lines[r"\bar W_h^o"] == r"{h_{t-1}}^{\mathsf T} \bar z^o"
    assert lines[r"\bar b^g"] == r"1^{\mathsf T} \bar z^g"
    assert lines["p_{t-1}"] == " + ".join(
        rf"\bar z^{gate} {{W_h^{gate}}}^{{\mathsf T}}" for gate in "gfio"
    )
    assert lines["q_{t-1}"] == r"\bar c_t \odot {c^{\prime c}}"
    assert len(lines) == 20


def test_a_false_step_is_written_as_it_is():
    def overwrites_the_cell_state(weights, x, h, slopes, dh, dc):
        return plain.step_back(weights, x, h, slopes, dh, 0 * dc)

    lines = dict(step_equations(overwrites_the_cell_state))
    assert lines[r"\bar c_t"] == r"{\bar h_t} \odot {h^{\prime c}}"


def test_a_coefficient_of_several_terms_is_bracketed():
    s = sympy.Symbol("s")
    terms = {next(iter(A.terms)): 1 + s}
    assert written(SymbolicMatrix(terms, A.shape).terms) == r"\left(s + 1\right) {A}"
