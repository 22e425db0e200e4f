"""One path for every dtype: floats of four sizes, complex numbers, exact fractions and symbols."""

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from examples import assert_same_bits, cast, example

from lstm_src import GATES, Params, State, backward, forward
from lstm_src.checks import relative_errors
from lstm_src.checks.trees import tree_leaves, tree_map
from lstm_src.proof import to_fractions

REAL = [np.float16, np.float32, np.float64, np.longdouble]


def scaled(tree, factor):
    """Multiply every array by a factor of its own dtype."""
    return tree_map(lambda a: a * a.dtype.type(factor) if a.dtype != object else a * factor, tree)


@pytest.mark.parametrize("dtype", [*REAL, np.complex64, np.complex128])
def test_every_result_keeps_the_dtype(dtype):
    case = cast(example(3, 2, 4, 5), dtype)
    run = case.forward()
    assert {a.dtype for a in tree_leaves((run, case.pullback(run.tape)(case.cotangents)))} == {
        np.dtype(dtype)
    }


@pytest.mark.parametrize("dtype", REAL)
def test_precisions_agree_up_to_their_rounding(dtype):
    case = example(10, 2, 3, 4)
    errors = relative_errors(
        cast(cast(case, dtype).gradients(), np.longdouble), cast(case.gradients(), np.longdouble)
    )
    coarser = max(np.finfo(dtype).eps, np.finfo(np.float64).eps)
    assert max(errors.values()) <= 10 * coarser, errors


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("N", [2, 64, 1024])
def test_now_and_at_the_end_agree_to_the_last_bit_for_powers_of_two(dtype, N):
    case = example(20, 3, 4, 8, dtype=dtype)
    pull = case.pullback()
    assert_same_bits(pull(scaled(case.cotangents, 1 / N)), scaled(pull(case.cotangents), 1 / N))


@pytest.mark.parametrize(("dtype", "N"), [(np.float32, 20), (np.float64, 20), (np.float64, 3)])
def test_now_and_at_the_end_agree_to_rounding_for_other_numbers(dtype, N):
    case = example(20, 3, 4, 8, dtype=dtype)
    pull = case.pullback()
    now, end = pull(scaled(case.cotangents, 1 / N)), scaled(pull(case.cotangents), 1 / N)
    assert max(relative_errors(now, end).values()) <= 20 * np.finfo(dtype).eps
    with pytest.raises(AssertionError):
        assert_same_bits(now, end)


def test_backward_on_fractions_is_exactly_linear():
    case = example(3, 2, 2, 2)
    exact, tape = to_fractions((case, case.forward().tape))
    pull = exact.pullback(tape)
    one, other = exact.cotangents, scaled(exact.cotangents, Fraction(1, 3))
    other = (other[0][::-1].copy(), other[1])
    both = tree_map(lambda a, b: Fraction(2, 7) * a + Fraction(5, 11) * b, one, other)
    expected = tree_map(
        lambda a, b: Fraction(2, 7) * a + Fraction(5, 11) * b, pull(one), pull(other)
    )
    assert all(
        (a == e).all() for a, e in zip(tree_leaves(pull(both)), tree_leaves(expected), strict=True)
    )
    assert all(isinstance(entry, Fraction) for a in tree_leaves(pull(both)) for entry in a.ravel())
    errors = relative_errors(cast(pull(one), np.float64), case.gradients())
    assert max(errors.values()) <= 1e-14, errors


def test_bfloat16_is_taken_and_agrees_up_to_its_rounding():
    case = example(10, 2, 3, 4, dtype=ml_dtypes.bfloat16)
    found, exact = cast(case.gradients(), np.float64), cast(case, np.float64).gradients()
    errors = relative_errors(found, exact)
    assert 2.0**-12 < max(errors.values()) <= 10 * 2.0**-7, errors
    fast = backward.__module__ == "lstm_src.lstm"  # the other keeps what a matrix product gives
    kept = {a.dtype for a in tree_leaves(case.gradients().params)}
    assert kept == {np.dtype(ml_dtypes.bfloat16 if fast else np.float32)}


@pytest.mark.parametrize("dtype", [ml_dtypes.float8_e4m3fn, ml_dtypes.int4])
def test_other_types_of_that_package_are_refused(dtype):
    case = cast(example(2, 1, 1, 1), dtype)
    with pytest.raises(TypeError, match=r"params\.b: expected a floating-point, .*(float8|int4)"):
        case.forward()


def test_float16_underflow_breaks_the_equality_even_for_a_power_of_two():
    case = example(20, 3, 4, 8, dtype=np.float16)
    pull = case.pullback()
    early, late = pull(scaled(case.cotangents, 2.0**-18)), pull(case.cotangents)
    assert any(
        (a != b * np.float16(2.0**-18)).any()
        for a, b in zip(early.params, late.params, strict=True)
    )


def test_state_of_another_kind_of_object_is_refused():
    case = example(2, 1, 1, 1)
    with pytest.raises(TypeError, match=r"state\.h: expected dtype float64, got object"):
        forward(case.params, case.x, State(*(to_fractions(s) for s in case.state)))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble, np.complex128])
def test_states_that_are_left_out_have_the_dtype_of_the_rest(dtype):
    case = cast(example(2, 1, 2, 3), dtype)
    run = forward(case.params, case.x)
    gradients = backward(case.params, run.tape, case.dh)
    assert {a.dtype for a in tree_leaves((run, gradients))} == {np.dtype(dtype)}


def test_complex_gradients_are_those_of_an_analytic_function():
    real, imaginary = example(3, 2, 2, 3), example(3, 2, 2, 3, seed=1)
    case = tree_map(lambda a, b: a + 0.3j * b, real, imaginary)

    def loss(inputs):
        h, state, _ = forward(*inputs)
        return sum((w * y).sum() for w, y in zip((case.dh, *case.dstate), (h, *state), strict=True))

    direction = example(3, 2, 2, 3, seed=2).inputs
    moved = [tree_map(lambda a, d, s=s: a + s * d, case.inputs, direction) for s in (1e-5, -1e-5)]
    expected = (loss(moved[0]) - loss(moved[1])) / 2e-5
    found = sum(
        (g * d).sum()
        for g, d in zip(tree_leaves(case.gradients()), tree_leaves(direction), strict=True)
    )
    assert abs(found - expected) <= 1e-9 * abs(expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_gate_is_exact_to_the_rounding_of_one_and_a_closed_one_counts_as_zero(dtype):
    z = np.array([-100, -20, -8, -1, 0, 1, 8, 20, 100], dtype)
    zero, one = np.zeros((1, 4), dtype), np.ones((1, len(z)), dtype)
    H = len(z)
    shut = {"f": z, "i": np.full(H, -np.inf, dtype)}
    b = np.concatenate([shut.get(gate, np.zeros(H, dtype)) for gate in GATES])
    params = Params(np.zeros((4, 4 * H), dtype), np.zeros((H, 4 * H), dtype), b)
    forget = forward(params, zero[None], State(0 * one, one)).state.c[0]
    exact = 1 / (1 + np.exp(-z.astype(np.longdouble)))
    assert abs(forget - exact).max() <= np.finfo(dtype).eps
    assert forget[0] == 0
    assert forget[-1] == 1
