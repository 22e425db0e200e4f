"""Each wrong backward pass shows what its entry says, to certificate and gradient check."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from catalogue import CARRIED, RIGHT, SCALING
from examples import SHAPES, assert_same_bits, cast, example

from lstm_src import GATES, Gradients, State, backward, forward
from lstm_src.checks import adjoint_gap, complex_step_gradient, relative_errors
from lstm_src.checks.trees import tree_map
from lstm_src.placements.mistakes import MISTAKES
from lstm_src.placements.rewriting import GRADIENTS
from lstm_src.proof import (
    RING,
    SCALE,
    additivity_differences,
    backward_symbols,
    degrees,
    differing_entries,
    field_certificate,
    in_ring,
    random_inputs,
    symbolic_certificate,
    to_fractions,
)

ALL = [*RIGHT, *SCALING, *CARRIED]


def name(part):
    return getattr(part, "name", str(part))


def each(entries):
    return pytest.mark.parametrize("entry", entries, ids=name)


def tree_times(tree, factor):
    return tree_map(lambda array: array * factor, tree)


# The uniform call


def test_unchanged_code_is_the_shipped_code():
    case = example(3, 2, 3, 4)
    found = MISTAKES["never"](case.params, case.forward().tape, *case.cotangents, scale=0.25)
    assert_same_bits(found, case.gradients())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@each(RIGHT)
def test_a_right_place_gives_the_scaled_gradient(entry, dtype):
    for shape in SHAPES:
        case = example(*shape, dtype=dtype)
        found = entry(case.params, case.forward().tape, *case.cotangents, scale=0.25)
        assert_same_bits(found, tree_times(case.gradients(), dtype(0.25)))


@each(ALL)
def test_a_scale_of_any_kind_is_taken(entry):
    case = example(2, 2, 1, 1)
    tape, dh = case.forward().tape, case.dh
    exact = to_fractions((case.params, tape, dh))
    found = [
        cast(entry(case.params, tape, dh, scale=0.25), float),
        cast(entry(*exact, scale=Fraction(1, 4)), float),
    ]
    assert max(relative_errors(*found).values()) <= 1e-14
    symbols = backward_symbols(1, 1, 1, 1)
    ring, s = in_ring((symbols, SCALE))
    found = entry(*symbols, scale=SCALE), entry(*ring, scale=s)
    assert not any(differing_entries(*found).values())


@each(ALL)
def test_nothing_is_remembered_from_one_call_to_the_next(entry):
    case = example(3, 2, 2, 2)
    arguments = case.params, case.forward().tape, case.dh
    first = entry(*arguments, scale=0.5)
    entry(*arguments, scale=3.0)
    assert_same_bits(entry(*arguments, scale=0.5), first)


@each(ALL)
def test_a_bad_cotangent_is_named(entry):
    case = example(3, 2, 2, 2)
    with pytest.raises(ValueError, match=r"dh: expected shape \(3, 2, 2\), got \(2, 2, 2\)"):
        entry(case.params, case.forward().tape, case.dh[1:])


# What the checks show


@each(RIGHT)
@pytest.mark.parametrize("final_state", [True, False])
def test_certificate_and_symbols_accept_every_right_place(entry, final_state):
    options = {"pass_scale": True, "final_state": final_state}
    found = field_certificate(entry, 200, 2, 2, 2, np.random.default_rng(0), **options)
    assert found.scaled_once
    assert found.degrees == entry.degrees(200)
    assert symbolic_certificate(entry, 2, 2, 2, 2, **options).scaled_once


@each(SCALING)
def test_certificate_and_symbols_reject_every_scaling_mistake_with_its_degrees(entry):
    options = {"pass_scale": True, "final_state": entry.final_term}
    found = field_certificate(entry, 20, 2, 2, 2, np.random.default_rng(0), **options)
    assert found.degrees == entry.degrees(20)
    assert not found.scaled_once
    for T in (1, 2, 3):
        proved = symbolic_certificate(entry, T, 2, 1, 2, **options)
        assert proved.degrees == entry.degrees(T)
        assert not proved.scaled_once or (entry.name, T) == ("every_step", 1)


def test_the_forgotten_gate_is_found_in_its_columns_alone():
    params, tape, dh, _ = random_inputs(4, 2, 3, 2, np.random.default_rng(0))
    found = MISTAKES["one_gate_unscaled"](params, tape, dh, scale=RING.gens[0])
    for k, gate in enumerate(GATES):
        columns = tuple(array[..., 2 * k : 2 * k + 2] for array in found.params)
        assert set(degrees(columns).values()) == {frozenset({0 if gate == "f" else 1})}


def test_the_undivided_40_needs_a_final_state_to_show():
    entry = MISTAKES["carried_unscaled"]
    rng = np.random.default_rng(0)
    assert field_certificate(entry, 5, 2, 2, 2, rng, pass_scale=True, final_state=False).scaled_once


@each(CARRIED)
def test_certificate_and_symbols_accept_what_is_linear_and_wrong(entry):
    options = {"pass_scale": True}
    found = field_certificate(entry, 20, 2, 2, 2, np.random.default_rng(0), **options)
    assert set().union(*found.degrees.values()) == {1}
    assert symbolic_certificate(entry, 3, 2, 1, 2, **options).degrees == found.degrees
    assert not any(additivity_differences(entry, 5, 2, 2, 2, np.random.default_rng(0)).values())


def complex_step_errors(entry, T, *, with_state, scale=0.25):
    """Compare every gradient with the complex step of the loss Σ dh · h, times the scale."""
    case = example(T, 2, 3, 4)
    dh, dstate = case.cotangents if with_state else (case.dh, None)

    def loss(inputs):
        run = forward(*inputs)
        found = (dh * run.h).sum()
        if with_state:
            found += (dstate.h * run.state.h).sum() + (dstate.c * run.state.c).sum()
        return scale * found

    expected = Gradients(*complex_step_gradient(loss, case.inputs))
    return relative_errors(entry(case.params, case.forward().tape, dh, dstate, scale), expected)


@each(ALL)
def test_a_gradient_check_of_every_parameter_rejects_all_mistakes_and_no_right_place(entry):
    errors = complex_step_errors(entry, 3, with_state=entry.final_term)
    if entry.kind == "right":
        assert max(errors.values()) <= 1e-14
    elif entry.kind == "carried":
        assert min(errors[name] for name in GRADIENTS[:3]) >= 1e-2
    else:
        assert max(errors.values()) >= 1e-2


@each(CARRIED)
def test_a_gradient_check_of_the_weights_at_one_step_misses_what_is_carried(entry):
    errors = complex_step_errors(entry, 1, with_state=False)
    assert max(errors[name] for name in GRADIENTS[:3]) <= 1e-14
    assert (max(errors.values()) > 1e-2) == (entry.name == "dh_overwritten")


@each(CARRIED)
def test_the_adjoint_identity_rejects_what_is_linear_and_wrong(entry):
    case = example(3, 2, 3, 4)
    tape = case.forward().tape

    def gap(pullback):
        return adjoint_gap(
            lambda at: forward(*at).h,
            lambda dh: pullback(case.params, tape, dh),
            case.inputs,
            np.random.default_rng(3),
        )

    assert gap(entry) >= 1e-4
    assert gap(backward) <= 1e-14


def test_the_overwritten_cotangent_is_the_one_of_the_story():
    """The carried cell cotangent is (carried + new dh · slope) · forget gate, with the new dh."""
    params, tape, dh, dstate = backward_symbols(1, 2, 1, 2)
    found = MISTAKES["dh_overwritten"](params, tape, dh, dstate)
    right = backward(params, tape, dh, dstate)
    forget, slope = tape.slopes[0, 0], tape.slopes[0, 5]
    wrong_c = (dstate.c + right.state.h * slope) * forget
    assert not any(
        differing_entries(found, right._replace(state=State(right.state.h, wrong_c))).values()
    )
    assert isinstance(found.state.c[0, 0], sympy.Expr)
