"""Every right place gives the same gradient, wherever it is; the proof in exact arithmetic."""

import numpy as np
import pytest
from examples import SHAPES, assert_same_bits, cast, example

from lstm_src import State
from lstm_src.checks.derivatives import relative_errors
from lstm_src.checks.trees import tree_map
from lstm_src.placements.right import PLACEMENTS, Placement, at_cut, split
from lstm_src.proof import certificate, differing_entries, symbolic_certificate, to_fractions

EXACT = [place for name, place in PLACEMENTS.items() if name != "in_halves"]  # it takes a root


def each(places):
    return pytest.mark.parametrize("place", places, ids=lambda place: place.name)


@each(PLACEMENTS.values())
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("dtype", "bound"), [(np.float64, 1e-14), (np.float32, 1e-5)])
def test_a_place_divides_by_any_n(place, shape, dtype, bound):
    case = example(*shape, dtype=dtype)
    tape, expected = case.forward().tape, cast(case.gradients(), lambda array: array / dtype(7))
    found = place(case.params, tape, *case.cotangents, scale=1 / 7)
    assert found.x.dtype == dtype
    assert max(relative_errors(found, expected).values()) <= bound


@each(PLACEMENTS.values())
def test_a_power_of_two_changes_no_bit(place):
    case = example(6, 2, 3, 4, dtype=np.float32)
    tape, expected = case.forward().tape, cast(case.gradients(), lambda array: array / 64)
    found = place(case.params, tape, *case.cotangents, scale=1 / 64)
    if place.name == "halfway":  # the weights' sum is added up in another order
        assert max(relative_errors(found, expected).values()) <= 1e-6
    else:
        assert_same_bits(found, expected)


@each(PLACEMENTS.values())
def test_the_final_state_may_have_no_cotangent(place):
    case = example(4, 2, 3, 4)
    tape, zero = case.forward().tape, State(*np.zeros((2, 2, 4)))
    found = place(case.params, tape, case.dh, scale=0.25)
    assert_same_bits(found, place(case.params, tape, case.dh, zero, scale=0.25))


@each(EXACT)
def test_a_place_is_certified_to_scale_every_term_once(place):
    rng = np.random.default_rng(0)
    assert certificate(place, 40, 2, 3, 2, rng, pass_scale=True).scaled_once
    assert symbolic_certificate(place, 2, 1, 1, 2, pass_scale=True).scaled_once


@pytest.mark.parametrize("step", range(7))
def test_every_cut_is_a_place(step):
    case = to_fractions(example(6, 2, 1, 2))
    tape = to_fractions(example(6, 2, 1, 2).forward().tape)
    found = at_cut(step)(case.params, tape, *case.cotangents, 3)
    expected = tree_map(lambda array: array * 3, case.pullback(tape)(case.cotangents))
    assert not any(differing_entries(found, expected).values())


def test_a_split_of_any_kind_is_exact():
    case = to_fractions(example(3, 2, 1, 2))
    tape = to_fractions(example(3, 2, 1, 2).forward().tape)
    found = split(case.params, tape, *case.cotangents, 5, 7)
    expected = tree_map(lambda array: array * 35, case.pullback(tape)(case.cotangents))
    assert not any(differing_entries(found, expected).values())


@pytest.mark.parametrize("step", [-1, 4])
def test_a_cut_outside_the_sequence_is_refused(step):
    case = example(3, 1, 1, 1)
    with pytest.raises(ValueError, match=rf"step: expected 0 to 3, got {step}"):
        at_cut(step)(case.params, case.forward().tape, *case.cotangents, 0.5)


def test_a_place_that_misses_a_way_is_rejected():
    def place(params, tape, dh, dstate, scale):
        rows = tape._replace(inputs=tape.inputs * scale)
        return PLACEMENTS["on_the_tape"](params, rows, dh, dstate, scale=1)

    wrong = Placement("x", "x", "x", place)
    found = certificate(wrong, 4, 1, 1, 1, np.random.default_rng(0), pass_scale=True)
    assert found.degrees["params.W_x"] == {1}
    assert found.degrees["x"] == found.degrees["state.h"] == {0}


@each(PLACEMENTS.values())
def test_a_place_tells_its_story(place):
    assert PLACEMENTS[place.name] is place
    assert place.story.endswith(".")
    assert not place.title.endswith(".")
