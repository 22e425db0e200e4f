"""One step for every B, D and H: linear as matrices, and what is not is rejected."""

import numpy as np
import pytest
import sympy
from examples import example

from lstm_src import Params, backward, plain
from lstm_src.checks import named_leaves, tree_map
from lstm_src.placements.mistakes import MISTAKES
from lstm_src.proof import linearity_differences, scaling_differences
from lstm_src.proof.matrices import B, D, H, SymbolicMatrix, step_symbols, symbol
from lstm_src.structures import Gates, State

A, C = symbol("A", B, D), symbol("C", B, D)
W = symbol("W", D, H)


def equal(one, other):
    return (one - other).is_zero


# The algebra


def test_matrices_follow_the_rules_for_all_sizes():
    assert equal(A * C, C * A)
    assert equal((A + C) @ W, C @ W + A @ W)
    assert equal((A @ W).T, W.T @ A.T)
    assert equal((A * C).T, A.T * C.T)
    assert equal(A.T.T, A)
    assert equal(2 * A - A / 2, A * sympy.Rational(3, 2))
    assert equal((A + C).sum(axis=0), A.sum(axis=0) + C.sum(axis=0))
    assert equal(A + 40 - 40, A)
    assert equal((A + 1) * C, A * C + C)
    assert not equal(A @ W, A @ (W + W))
    assert not equal(A * C, A * A)
    assert (A @ W).shape == (B, H)
    assert A.sum(axis=0).shape == (1, D)


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda: A + W, ValueError),
        (lambda: A * W, ValueError),
        (lambda: A @ C, ValueError),
        (lambda: A.sum(axis=1), ValueError),
        (lambda: A @ 2, TypeError),
        (lambda: A / C, TypeError),
        (lambda: A == C, TypeError),
        (lambda: A < C, TypeError),
        (lambda: 1 if A else 0, TypeError),
        (lambda: {A: 1}, TypeError),
        (lambda: np.tanh(A), TypeError),
        (lambda: A + "1", TypeError),
    ],
)
def test_all_else_is_refused(act, error):
    with pytest.raises(error):
        act()


def numbers(matrix, values):
    """Return a symbolic matrix with numbers in the place of its symbols."""
    total = 0
    for product, number in matrix.terms.items():
        total = total + float(number) * _evaluated(product, values)
    return total


def _evaluated(product, values):
    if product.is_MatMul:
        found = _evaluated(product.args[0], values)
        for factor in product.args[1:]:
            found = found @ _evaluated(factor, values)
        return found
    if isinstance(product, sympy.HadamardProduct):
        return np.prod([_evaluated(factor, values) for factor in product.args], axis=0)
    if isinstance(product, sympy.Transpose):
        return _evaluated(product.arg, values).T
    if isinstance(product, sympy.OneMatrix):
        sizes = {B: 2, D: 3, H: 4, 1: 1}
        return np.ones([sizes[size] for size in product.shape])
    return values[product.name]


def test_the_formulas_give_the_numbers_of_the_step():
    """With numbers in the place of the symbols they are what `step_back` computes."""
    case = example(1, 2, 3, 4)
    weights = plain.by_gate(case.params)
    _, slopes = plain.step(weights, case.x[0], *case.state)
    arguments = weights, case.x[0], case.state.h, slopes, case.dh[0], case.dstate.c
    symbols = *step_symbols(), symbol("u", B, H), symbol("q", B, H)
    values = {
        next(iter(symbolic.terms)).name: given
        for symbolic, given in zip(_matrices(symbols), _matrices(arguments), strict=True)
    }
    expected = named_leaves("step", plain.step_back(*arguments))
    for path, formula in named_leaves("step", plain.step_back(*symbols)).items():
        found = numbers(formula, values)
        np.testing.assert_allclose(np.squeeze(found), np.squeeze(expected[path]), rtol=1e-13)


def _matrices(arguments):
    return [leaf for argument in arguments for leaf in named_leaves("argument", argument).values()]


# The step


def test_a_step_back_is_linear_as_matrices_of_every_size():
    found = linearity_differences()
    assert len(found) == 15
    assert all(difference.is_zero for difference in found.values())
    assert all(isinstance(difference, SymbolicMatrix) for difference in found.values())


def with_forty(*arguments):
    back = plain.step_back(*arguments)
    return back._replace(state=State(back.state.h + 40, back.state.c))


def squared(weights, x, h, slopes, dh, dc):
    return plain.step_back(weights, x, h, slopes, dh * dh, dc)


def of_both(weights, x, h, slopes, dh, dc):
    return plain.step_back(weights, x, h, slopes, dh * dc, dc)


@pytest.mark.parametrize("back", [with_forty, squared, of_both])
def test_what_is_affine_or_of_another_degree_is_rejected(back):
    assert not all(difference.is_zero for difference in linearity_differences(back).values())


def test_the_difference_says_what_is_left():
    left = linearity_differences(with_forty)["state.h"]
    assert [str(number) for number in left.terms.values()] == ["-40*alpha - 40*beta + 40"]


# The factor


def times(factor, tree):
    return tree_map(lambda matrix: matrix * factor, tree)


def at_the_end(*arguments, scale):
    return times(scale, plain.step_back(*arguments))


def on_entry(*fixed, scale):
    *fixed, dh, dc = fixed
    return plain.step_back(*fixed, dh * scale, dc * scale)


def never(*arguments, scale):
    return plain.step_back(*arguments)


def twice(*arguments, scale):
    return times(scale, on_entry(*arguments, scale=scale))


def carried_unscaled(*fixed, scale):
    *fixed, dh, dc = fixed
    return plain.step_back(*fixed, dh * scale, dc)


def last_term_unscaled(*fixed, scale):
    *fixed, dh, dc = fixed
    return plain.step_back(*fixed, dh, dc * scale)


def cell_path_only(weights, x, h, slopes, dh, dc, scale):
    slopes = slopes._replace(dh_dc=slopes.dh_dc * scale)  # which stands in that line alone
    return plain.step_back(weights, x, h, slopes, dh, dc * scale)


def one_gate_unscaled(*arguments, scale):
    found, whole = at_the_end(*arguments, scale=scale), plain.step_back(*arguments)
    weights = (W._replace(f=U.f) for W, U in zip(found.params, whole.params, strict=True))
    return found._replace(params=Params(*weights))


def bias_unscaled(*arguments, scale):
    found = at_the_end(*arguments, scale=scale)
    return found._replace(params=found.params._replace(b=plain.step_back(*arguments).params.b))


def input_unscaled(*arguments, scale):
    return at_the_end(*arguments, scale=scale)._replace(x=plain.step_back(*arguments).x)


def cell_sum_dropped(*fixed, scale):
    *fixed, dh, dc = fixed
    return plain.step_back(*fixed, dh * scale, 0 * dc)


def dh_overwritten(weights, x, h, slopes, dh, dc, scale):
    found = on_entry(weights, x, h, slopes, dh, dc, scale=scale)
    wrong = (dc * scale + found.state.h * slopes.dh_dc) * slopes.dc_dc_prev
    return found._replace(state=State(found.state.h, wrong))


def gate_order_permuted(*arguments, scale):
    found = at_the_end(*arguments, scale=scale)
    weights = (Gates(g=W.i, f=W.f, i=W.g, o=W.o) for W in found.params)
    return found._replace(params=Params(*weights))


def bias_averaged(*arguments, scale):
    found = at_the_end(*arguments, scale=scale)
    return found._replace(params=found.params._replace(b=times(1 / B, found.params.b)))


FALSE = [
    never,
    twice,
    carried_unscaled,
    last_term_unscaled,
    cell_path_only,
    one_gate_unscaled,
    bias_unscaled,
    input_unscaled,
    cell_sum_dropped,
    dh_overwritten,
    gate_order_permuted,
    bias_averaged,
]


@pytest.mark.parametrize("back", [at_the_end, on_entry])
def test_a_right_place_scales_every_output_of_a_step_once(back):
    assert all(difference.is_zero for difference in scaling_differences(back).values())


@pytest.mark.parametrize("back", FALSE, ids=lambda back: back.__name__)
def test_a_false_step_of_the_catalogue_is_rejected(back):
    assert back.__name__ in MISTAKES
    assert not all(difference.is_zero for difference in scaling_differences(back).values())


def test_every_entry_that_a_single_step_can_make_is_among_them():
    """The others are about what a step is handed, or about the steps that come before and after."""
    between = {"every_step", "recurrent_sum_dropped", "never_carried", "last_dh_everywhere"}
    between |= {"one_share_kept"}
    rewritten = {
        name
        for name, entry in MISTAKES.items()
        if entry.rewritten is backward and entry.shows.certificate is not None
    }
    assert {back.__name__ for back in FALSE} == rewritten - between
