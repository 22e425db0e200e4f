"""The sum over four gates: each share scales once, and one that is lost or unscaled shows."""

from collections import namedtuple

import numpy as np
import pytest
import sympy
from examples import example

from lstm_src import GATES, SLOPES, State, backward, forward
from lstm_src.checks import complex_step_gradient, relative_errors, tree_map
from lstm_src.proof import (
    SCALE,
    backward_in_steps,
    backward_symbols,
    carried_by_gate,
    certificate,
    degrees,
    differing_entries,
    field_certificate,
    forward_symbols,
    in_ring,
    tanh,
)
from lstm_src.structures import tape_between

Rails = namedtuple("Rails", (*GATES, "c"))

I = GATES.index("i")  # noqa: E741


def both_rails(params, tape, dh, dstate=None):
    """Return all that every step hands back: each gate's share, and what goes to c."""
    shares = carried_by_gate(params, tape, dh, dstate)
    rails = Rails(*shares.swapaxes(0, 1), np.empty_like(dh))

    def record(t, carried):
        rails.c[t] = carried.c
        return carried

    backward_in_steps(params, tape, dh, dstate, between=record)
    return rails


def reweighted(params, **factors):
    """Multiply the share of each named gate by a factor, backward only."""
    by_gate = np.array([factors.get(gate, 1) for gate in GATES], params.b.dtype)
    return params._replace(W_h=params.W_h * by_gate.repeat(len(params.W_h)))


def lost(params, tape, dh, dstate=None, scale=1):
    dh, dstate = scaled((dh, dstate), scale)
    return backward(reweighted(params, i=0), tape, dh, dstate)


def unscaled(params, tape, dh, dstate=None, scale=1):
    raw = carried_by_gate(params, tape, dh, dstate)[:, I]
    dh, dstate = scaled((dh, dstate), scale)

    def add_raw(t, carried):
        return State(carried.h + raw[t], carried.c)

    return backward_in_steps(reweighted(params, i=0), tape, dh, dstate, between=add_raw)


def scaled_again(params, tape, dh, dstate=None, scale=1):
    dh, dstate = scaled((dh, dstate), scale)
    return backward(reweighted(params, i=scale), tape, dh, dstate)


def scaled(cotangents, scale):
    dh, dstate = cotangents
    return dh * scale, dstate and State(*(u * scale for u in dstate))


# The right code


def test_every_share_and_the_rail_of_c_carry_the_factor_once_for_all_values():
    (params, tape, dh, dstate), s = in_ring((backward_symbols(2, 2, 1, 2), SCALE))
    found = degrees(both_rails(params, tape, *scaled((dh, dstate), s)))
    assert found == {rail: {1} for rail in Rails._fields}


@pytest.mark.parametrize("T", [1, 2, 100])
def test_every_share_and_the_rail_of_c_carry_it_once_at_every_length(T):
    assert certificate(both_rails, T, 1, 2, 2).scaled_once
    assert field_certificate(both_rails, T, 1, 2, 2, np.random.default_rng(5)).scaled_once


def test_a_fault_on_the_rail_of_c_reaches_the_output_gate_after_two_steps():
    (params, tape, dh, dstate), s = in_ring((backward_symbols(2, 2, 1, 2), SCALE))
    found = both_rails(params, tape, dh * s, State(dstate.h * s, dstate.c))
    assert degrees(found) == {rail: {0, 1} for rail in Rails._fields}
    assert degrees((found.o[1:], found.o[:1])) == {"[0]": {1}, "[1]": {0, 1}}


def test_without_the_rail_of_c_the_share_of_the_output_gate_alone_stays():
    params, tape, dh, _ = backward_symbols(2, 1, 1, 1)
    slopes = tape.slopes.copy()
    slopes[1, SLOPES.index("dc_dc_prev")] = 0
    before = carried_by_gate(params, tape, dh)[0]
    after = carried_by_gate(params, tape._replace(slopes=slopes), dh)[0]
    changed = [differing_entries(*pair)["array"] for pair in zip(before, after, strict=True)]
    assert changed == [1, 1, 1, 0]


def test_scaled_now_is_scaled_later_but_for_rounding_and_not_if_some_terms_are_left_out():
    case = example(8, 2, 3, 8)
    tape = case.forward().tape
    later = carried_by_gate(case.params, tape, case.dh) / 10
    now = carried_by_gate(case.params, tape, case.dh / 10)
    np.testing.assert_allclose(now, later, rtol=0, atol=1e-15)
    some = case.dh / 10
    some[4:] = case.dh[4:]
    assert abs(carried_by_gate(case.params, tape, some) - later).max() > 0.01


# A share lost


def test_a_share_that_is_lost_takes_its_terms_and_no_others():
    params, tape, dh, _ = backward_symbols(2, 1, 1, 1)
    right, short = backward(params, tape, dh), lost(params, tape, dh)
    weight = params.W_h[0, I]
    without = np.frompyfunc(lambda entry: sympy.sympify(entry).subs(weight, 0), 1, 1)
    assert not any(differing_entries(short, tree_map(without, right)).values())

    def terms(gradients):
        return sum(len(sympy.Add.make_args(b.expand())) for b in gradients.params.b)

    assert (terms(right), terms(short)) == (27, 23)


@pytest.mark.parametrize(("T", "seen"), [(1, False), (3, True)])
def test_a_share_that_is_lost_is_linear_and_only_a_gradient_check_sees_it(T, seen):
    assert certificate(lost, 20, 1, 2, 2, pass_scale=True).scaled_once
    case = example(T, 2, 3, 4)

    def loss(at):
        return (forward(*at).h * case.dh).sum()

    exact, _ = complex_step_gradient(loss, (case.params, case.x))
    start = forward(case.params, case.x).tape
    found = lost(case.params, start, case.dh).params
    assert (max(relative_errors(found, exact).values()) > 0.01) == seen
    right = backward(case.params, start, case.dh).params
    assert max(relative_errors(right, exact).values()) < 1e-13


# A share unscaled, or scaled too often


@pytest.mark.parametrize(
    ("code", "powers"), [(lost, {1}), (unscaled, {0, 1}), (scaled_again, {1, 2, 3, 4, 5})]
)
def test_the_powers_of_the_factor_tell_the_faults_apart(code, powers):
    rng = np.random.default_rng(2)
    for found in (
        certificate(code, 5, 1, 1, 2, pass_scale=True),
        field_certificate(code, 5, 1, 1, 2, rng, pass_scale=True),
    ):
        assert found.degrees["params.b"] == powers
        assert found.scaled_once == (powers == {1})


def test_what_is_unscaled_is_pulled_back_through_the_steps_before():
    params, tape, dh, _ = backward_symbols(2, 1, 1, 1)
    wrong = unscaled(params, tape, dh, scale=SCALE)
    right = tree_map(lambda entry: entry * SCALE, backward(params, tape, dh))
    forty = carried_by_gate(params, tape, dh)[1, I].item()
    excess = np.array([[[(1 - SCALE) * forty]]])
    rest = backward(params, tape_between(tape, 0, 1), excess)
    gap = tree_map(np.subtract, wrong.params, right.params)
    assert not any(differing_entries(gap, rest.params).values())
    assert all(differing_entries(wrong.params, right.params).values())


# The error at each hidden state


def arriving(params, tape, dh, extra=None):
    """Return the cotangent that arrives at every hidden state."""
    h_bar = dh.copy()

    def between(t, carried):
        carried = carried if extra is None else State(carried.h + extra[t], carried.c)
        if t > 0:
            h_bar[t - 1] += carried.h
        return carried

    backward_in_steps(params, tape, dh, between=between)
    return h_bar


def test_one_share_wrong_makes_every_earlier_step_wrong():
    case, n = example(20, 2, 8, 8), 40
    params, tape, dh = case.params, case.forward().tape, case.dh
    raw, others = carried_by_gate(params, tape, dh)[:, I], reweighted(params, i=0)

    def errors(found, n):
        true = arriving(params, tape, dh / n)
        return np.linalg.norm(found - true, axis=(1, 2)) / np.linalg.norm(true, axis=(1, 2))

    mended = errors(arriving(others, tape, dh / n, raw / n), n)
    assert mended.max() < 1e-13
    for found in (
        arriving(others, tape, dh / n),
        arriving(others, tape, dh / n, raw),
        arriving(reweighted(params, g=0.5), tape, dh / n),
    ):
        wrong = errors(found, n)
        assert wrong[-1] == 0
        assert wrong[:-1].min() > 1e-4
    dropped = [errors(arriving(others, tape, dh / n), n)[0] for n in (10, 40, 1000)]
    np.testing.assert_allclose(dropped, dropped[0], rtol=1e-9)
    undivided = [errors(arriving(others, tape, dh / n, raw), n)[0] for n in (10, 40, 1000)]
    np.testing.assert_allclose(np.divide(undivided, (9, 39, 999)), dropped[0], rtol=1e-9)
    assert errors(arriving(others, tape, dh, raw), 1).max() < 1e-13


# A start that hides a mistake


def test_at_a_zero_start_one_step_hides_the_slope_of_the_forget_gate():
    inputs = forward_symbols(1, 1, 1, 1)
    run, (_, _, dh, dstate) = forward(*inputs, tanh=tanh), backward_symbols(1, 1, 1, 1)
    slopes, (h_0, c_0) = run.tape.slopes.copy(), (part.item() for part in inputs.state)
    slopes[:, SLOPES.index("dc_dz_f")] = slopes[:, SLOPES.index("dc_dc_prev")] * c_0
    right = backward(inputs.params, run.tape, dh, dstate).params
    wrong = backward(inputs.params, run.tape._replace(slopes=slopes), dh, dstate).params
    assert sum(differing_entries(right, wrong).values()) == 3
    zero = np.frompyfunc(lambda entry: sympy.sympify(entry).subs({h_0: 0, c_0: 0}), 1, 1)
    right, wrong = tree_map(zero, (right, wrong))
    assert not any(differing_entries(right, wrong).values())
    assert not right.W_h.any()
