"""Functions that forget to return, and what is said first of calls that do not repeat."""

import itertools

import numpy as np
import pytest

from lstm_src import assert_scaled_once, audit_scaling, check_gradients
from lstm_src.checks import (
    adjoint_gap,
    compare_gradients,
    complex_step_gradient,
    finite_difference_gradient,
    held_fixed,
)

POINT = np.array([0.3, -1.0])


def cubes(p):
    return (p**3).sum()


def slopes(p):
    return 3 * p**2


def forgets(*_):
    """Compute, and return nothing."""


CALLS = {
    "audit": ("gradients", lambda: audit_scaling(forgets, factors=1)),
    "two factors": ("gradients", lambda: audit_scaling(forgets, factors=2)),
    "settings": ("gradients", lambda: compare_gradients(forgets, [1, 2])),
    "loss": ("loss", lambda: check_gradients(forgets, POINT, slopes(POINT))),
    "held loss": (
        "loss",
        lambda: check_gradients(
            held_fixed(lambda p, hold: forgets(hold(p)), POINT), POINT, slopes(POINT)
        ),
    ),
    "gradient": ("gradients", lambda: check_gradients(cubes, POINT, forgets)),
    "complex step": ("loss", lambda: complex_step_gradient(forgets, POINT)),
    "differences": ("loss", lambda: finite_difference_gradient(forgets, POINT)),
    "function": ("function", lambda: adjoint_gap(forgets, slopes, POINT, np.random.default_rng(0))),
    "pullback": ("pullback", lambda: adjoint_gap(slopes, forgets, POINT, np.random.default_rng(0))),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_function_that_forgets_to_return_is_named(name):
    argument, run = CALLS[name]
    said = rf"^{argument}: expected .*, but it returned None: does it forget `return`\?(\n|$)"
    with pytest.raises(TypeError, match=said):
        run()


def test_a_problem_that_forgets_to_return_is_named_in_the_report():
    report = check_gradients(cubes, POINT, 2 * slopes(POINT), problem=lambda steps: forgets())
    said = " ".join(str(report).split())
    assert (
        "problem(steps=3) told nothing: it was stopped by TypeError: problem: expected (loss,"
        in said
    )
    assert "returned None: does it forget `return`?" in said
    assert "another case" not in said


def test_a_parameter_without_a_gradient_is_no_forgotten_return():
    with pytest.raises(TypeError, match="w: expected an array, got None: this parameter"):
        audit_scaling(lambda s: {"w": None})


def test_what_is_kept_between_calls_is_named_first_where_calls_do_not_repeat():
    count = itertools.count(1)
    reports = [
        audit_scaling(lambda s: s * POINT * next(count)),
        check_gradients(cubes, POINT, lambda p: slopes(p) * next(count) ** 2),
        check_gradients(lambda p: cubes(p) * next(count), POINT, slopes(POINT)),
    ]
    for report in reports:
        said = " ".join(str(report).split())
        assert said.startswith("Not repeatable: ")
        assert "kept between calls" in said
        assert said.index("Look first at ") < said.index("dropout")


def test_a_number_that_may_be_the_loss_is_asked_about():
    details = [
        audit_scaling(code).findings
        for code in (lambda s: s * cubes(POINT), lambda s: [s * cubes(POINT)], lambda s: s * POINT)
    ]
    one, *others = [next(iter(found.values())).detail for found in details]
    assert one == "in every bit; one number: is it the loss?"
    assert others == ["in every bit"] * 2


def test_calls_that_do_not_repeat_are_not_called_wrong_and_what_is_wrong_beside_them_is():
    def code(beside):
        count = itertools.count(1)
        return lambda s: {"kept": s * POINT * next(count), "beside": beside(s)}

    right = audit_scaling(code(lambda s: s * POINT))
    assert str(right).startswith(
        "Not repeatable: two calls at one scale differ in 1 of 2 gradients."
    )
    assert not right.scaled_once
    wrong = audit_scaling(code(lambda s: s * POINT + POINT))
    assert str(wrong).startswith("Not scaled exactly once: 1 of 2 gradients.")
    with pytest.raises(AssertionError, match="Not repeatable: two calls"):
        assert_scaled_once(code(lambda s: s * POINT))
