"""The checks agree with known derivatives, and planted faults do not get past them."""

import numpy as np
import pytest
from examples import example

from lstm_src import Gradients, forward
from lstm_src.checks import (
    adjoint_gap,
    angle,
    complex_step_gradient,
    finite_difference_gradient,
    relative_errors,
)


def cubic(tree):
    return (tree["a"] ** 3).sum() + (np.sin(tree["b"][0]) * tree["b"][1]).sum()


TREE = {"a": np.array([[0.5, -2.0]]), "b": (np.array([0.3, 1.0]), np.array([2.0, -1.0]))}
EXACT = {"a": 3 * TREE["a"] ** 2, "b": (np.cos(TREE["b"][0]) * TREE["b"][1], np.sin(TREE["b"][0]))}


def test_both_gradients_agree_with_the_derivative_by_hand():
    assert max(relative_errors(complex_step_gradient(cubic, TREE), EXACT).values()) <= 1e-15
    assert max(relative_errors(finite_difference_gradient(cubic, TREE), EXACT).values()) <= 1e-9


@pytest.mark.parametrize(
    ("dtype", "bound"), [(np.float32, 1e-3), (np.float64, 1e-9), (np.longdouble, 1e-11)]
)
def test_the_default_step_follows_the_dtype(dtype, bound):
    at = np.array([0.5, 40.0, -2.0], dtype)
    gradient = finite_difference_gradient(lambda a: (a**3).sum(), at)
    assert gradient.dtype == dtype
    assert relative_errors(gradient, 3 * at**2)["array"] <= bound


def test_a_loss_that_drops_the_imaginary_part_is_refused():
    with pytest.raises(
        TypeError, match="loss: expected a complex number, got float64: the imaginary part is lost"
    ):
        complex_step_gradient(lambda a: abs(a).sum(), np.ones(2))


@pytest.mark.parametrize("check", [complex_step_gradient, finite_difference_gradient])
@pytest.mark.parametrize(("at", "came"), [(np.arange(3), "int64"), ([1.0], "float")])
def test_arrays_that_are_not_floating_point_are_refused(check, at, came):
    with pytest.raises(TypeError, match=f"at: expected floating-point NumPy arrays, got {came}"):
        check(np.sum, at)


def test_the_point_is_left_as_it_was():
    before = TREE["a"].copy()
    complex_step_gradient(cubic, TREE)
    finite_difference_gradient(cubic, TREE)
    np.testing.assert_array_equal(TREE["a"], before)


def test_relative_errors_name_the_array_and_survive_zeros():
    case = example(2, 1, 2, 3)
    right = case.gradients()
    wrong = right._replace(params=right.params._replace(W_h=right.params.W_h * 1.5))
    errors = relative_errors(wrong, right)
    assert errors.pop("params.W_h") == pytest.approx(1 / 3)
    assert not any(errors.values())
    assert relative_errors(np.zeros(2), np.zeros(2)) == {"array": 0.0}
    with pytest.raises(ValueError, match=r"array: expected shape \(3,\), got \(2,\)"):
        relative_errors(np.zeros(2), np.zeros(3))


def off_by(field, factor):
    """Plant a fault: one gradient of the right ones is multiplied by ``factor``."""

    def fault(gradients):
        if field in gradients._fields:
            return gradients._replace(**{field: gradients.x * factor})
        params = gradients.params
        return gradients._replace(
            params=params._replace(**{field: getattr(params, field) * factor})
        )

    return fault


@pytest.mark.parametrize("field", ["W_x", "W_h", "b", "x"])
def test_a_gradient_off_by_a_millionth_is_caught_by_both_checks(field):
    case, fault = example(3, 2, 3, 4), off_by(field, 1 + 1e-6)

    def loss(inputs):
        return (forward(*inputs).h * case.dh).sum()

    def pullback(dh):
        return fault(case.pullback()((dh, None)))

    expected = Gradients(*complex_step_gradient(loss, case.inputs))
    assert max(relative_errors(pullback(case.dh), expected).values()) >= 9e-7
    assert (
        adjoint_gap(
            lambda inputs: forward(*inputs).h, pullback, case.inputs, np.random.default_rng(2)
        )
        >= 1e-9
    )


def test_a_gradient_with_nan_is_infinitely_wrong():
    right = example(2, 1, 2, 3).gradients()
    wrong = right._replace(x=right.x * np.nan)
    assert relative_errors(wrong, right)["x"] == np.inf
    assert max(relative_errors(wrong, right).values()) == np.inf
    assert relative_errors(np.array([np.inf]), np.array([np.inf])) == {"array": np.inf}


def test_a_pullback_with_a_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"pullback: expected shape \(2,\), got \(1,\)"):
        adjoint_gap(np.sin, lambda w: w[:1], np.ones(2), np.random.default_rng(0))


def test_complex_step_keeps_the_precision_of_a_longdouble():
    at = np.array([0.3, 2.0], np.longdouble)
    found = complex_step_gradient(lambda a: np.sin(a).sum(), at)
    assert found.dtype == np.longdouble
    assert relative_errors(found, np.cos(at))["array"] <= 2 * np.finfo(np.longdouble).eps


def test_large_entries_take_a_larger_step():
    at = np.array([1e8])
    found = finite_difference_gradient(lambda a: (a**2).sum(), at)
    assert relative_errors(found, 2 * at)["array"] <= 1e-9


@pytest.mark.parametrize("check", [complex_step_gradient, finite_difference_gradient])
def test_a_loss_may_write_into_what_it_is_given(check):
    def loss(a):
        a *= a
        value = a.sum()
        a[...] = 0
        return value

    point = np.array([1.0, -2.0, 3.0])
    np.testing.assert_allclose(check(loss, point), 2 * point, rtol=1e-6)
    np.testing.assert_array_equal(point, [1, -2, 3])


@pytest.mark.parametrize("check", [complex_step_gradient, finite_difference_gradient])
def test_a_loss_is_one_number(check):
    point = np.array([1.0, -2.0])
    np.testing.assert_allclose(check(lambda a: (a**2).sum(keepdims=True), point), 2 * point, 1e-6)
    with pytest.raises(ValueError, match=r"loss: expected one number, got .* shape \(2,\)"):
        check(lambda a: a**2, point)


def test_a_function_that_drops_the_imaginary_part_is_refused_by_the_adjoint_gap():
    with pytest.raises(TypeError, match=r"function: \[1\]: .* the imaginary part is lost"):
        adjoint_gap(
            lambda a: (a * 2, a.real * 2),
            lambda w: 2 * w[0] + 2 * w[1],
            np.ones(2),
            np.random.default_rng(0),
        )


@pytest.mark.parametrize("check", [complex_step_gradient, finite_difference_gradient])
def test_a_loss_that_cannot_be_called_and_a_point_without_arrays_are_named(check):
    with pytest.raises(TypeError, match=r"^loss: expected a callable, got float"):
        check(2.5, np.ones(2))
    for nothing in (None, {}, [()]):
        with pytest.raises(ValueError, match=r"^at: expected at least one array, got none"):
            check(lambda at: 1.0, nothing)


def test_the_adjoint_gap_names_what_cannot_be_called_or_pulled_back():
    def same(tree):
        return tree

    rng = np.random.default_rng(0)
    for name, functions in {"function": (None, same), "pullback": (same, 1)}.items():
        with pytest.raises(TypeError, match=f"^{name}: expected a callable, got "):
            adjoint_gap(*functions, np.ones(2), rng)
    with pytest.raises(ValueError, match=r"^at: expected at least one array, got none"):
        adjoint_gap(same, same, {}, rng)


# The angle


@pytest.mark.parametrize("degrees", [0, 1e-6, 1, 45, 90, 180])
@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_the_angle_is_that_of_all_numbers_and_no_factor_changes_it(degrees, size):
    turn = np.radians(degrees)
    one = {"a": np.array([[1.0, 0]]), "b": None, "c": np.zeros(2)}
    other = {"a": size * np.array([[np.cos(turn), 0]]), "b": None, "c": [size * np.sin(turn), 0.0]}
    other["c"] = np.array(other["c"])
    assert angle(one, other) == pytest.approx(degrees, rel=1e-6, abs=1e-13)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (np.ones(3), "one: expected 2 numbers, as other has, got 3"),
        (np.zeros(2), "zero everywhere"),
    ],
)
def test_gradients_without_an_angle_are_refused(one, said):
    with pytest.raises(ValueError, match=said):
        angle(one, np.ones(2))


def test_a_direction_of_nothing_is_refused_by_name():
    for name, trees in {"one": ({}, np.ones(2)), "other": (np.ones(2), None)}.items():
        with pytest.raises(ValueError, match=f"^{name}: expected at least one array, got none"):
            angle(*trees)
