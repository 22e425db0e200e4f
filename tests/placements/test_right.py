"""Every right place gives the same gradient, wherever it is; the proof in exact arithmetic."""

import numpy as np
import pytest
from examples import SHAPES, assert_same_bits, cast, example

from lstm_src import State, backward, lstm
from lstm_src.checks import relative_errors
from lstm_src.checks.trees import tree_leaves, tree_map
from lstm_src.placements.right import PLACEMENTS, Placement, at_cut, split
from lstm_src.proof import differing_entries, field_certificate, symbolic_certificate, to_fractions
from lstm_src.structures import tape_between

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
    assert field_certificate(place, 40, 2, 3, 2, rng, pass_scale=True).scaled_once
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


def test_a_cut_outside_the_sequence_is_refused():
    case = example(3, 1, 1, 1)
    with pytest.raises(ValueError, match="step: expected 0 to 3, got 4"):
        at_cut(4)(case.params, case.forward().tape, *case.cotangents, 0.5)


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [(-1, ValueError, "at least 0, got -1"), (1.5, TypeError, "an integer, got float")],
)
def test_what_is_no_step_is_refused_before_it_is_used(step, error, said):
    with pytest.raises(error, match=f"^step: expected {said}"):
        at_cut(step)


def test_a_place_that_misses_a_way_is_rejected():
    def place(params, tape, dh, dstate, scale):
        rows = tape._replace(inputs=tape.inputs * scale)
        return PLACEMENTS["on_the_tape"](params, rows, dh, dstate, scale=1)

    wrong = Placement("x", "x", "x", place)
    found = field_certificate(wrong, 4, 1, 1, 1, np.random.default_rng(0), pass_scale=True)
    assert found.degrees["params.W_x"] == {1}
    assert found.degrees["x"] == found.degrees["state.h"] == {0}


# Where the factor stands: the places all give the same numbers, so only the multiplications tell


class Factor:
    """A factor that notes what it is multiplied with."""

    __array_ufunc__ = None  # NumPy leaves the product to us

    def __init__(self, value, met):
        self.value, self.met = value, met

    def __rmul__(self, array):
        self.met.append((self.value, array.copy()))
        return array * self.value

    def __pow__(self, power):
        return Factor(self.value**power, self.met)


T, N = 6, 0.25
CASE = example(T, 2, 3, 4)
TAPE = CASE.forward().tape


def pulled(start, end, dh, dstate):
    """Return the gradients of some steps alone."""
    return backward(CASE.params, tape_between(TAPE, start, end), dh[start:end], dstate)


def met_at_the_cut(step):
    """Return what meets the factor there: what the later steps yield, and the earlier terms."""
    if step == T:
        return [CASE.dh, *CASE.dstate]
    late = tree_leaves(pulled(step, T, *CASE.cotangents))
    return [*late, CASE.dh[:step]] if step else late


def met_by_shares():
    """Return what each step adds to the weights and sends to its input; then the initial state."""
    met, state = [], CASE.dstate
    for t in reversed(range(T)):
        (W_x, W_h, b), _, state = pulled(t, t + 1, CASE.dh, state)
        met += [np.vstack([W_h, W_x, b]), CASE.params.W_x.T]
    return [*met, *state]


ALL = pulled(0, T, *CASE.cotangents)
MET = {
    "on_the_loss": met_at_the_cut(T),
    "on_entry": [*CASE.dstate, *CASE.dh[::-1]],
    "halfway": met_at_the_cut(T // 2),
    "on_each_share": met_by_shares(),
    "on_the_tape": [TAPE.inputs, ALL.x, *ALL.state],
    "at_the_end": tree_leaves(ALL),
    "in_halves": [*met_at_the_cut(T), *(leaf * N**0.5 for leaf in tree_leaves(ALL))],
}


def assert_met(place, expected, value=N):
    met = []
    place(CASE.params, TAPE, *CASE.cotangents, Factor(N, met))
    assert [found for found, _ in met] == [value] * len(expected)
    for (_, found), array in zip(met, expected, strict=True):
        assert found.shape == array.shape
        np.testing.assert_allclose(found, array, rtol=1e-12, atol=1e-14)


@each(PLACEMENTS.values())
def test_a_place_puts_the_factor_where_its_story_says(place, monkeypatch):
    monkeypatch.setattr(lstm, "ROWS", 1)  # a share for each step
    assert_met(place, MET[place.name], N**0.5 if place.name == "in_halves" else N)


@pytest.mark.parametrize("step", range(T + 1))
def test_a_cut_puts_the_factor_before_its_step(step):
    assert_met(at_cut(step), met_at_the_cut(step))


def test_a_split_puts_one_factor_on_the_loss_and_the_other_at_the_end():
    met = []
    split(CASE.params, TAPE, *CASE.cotangents, Factor(0.5, met), Factor(0.125, met))
    assert [found for found, _ in met] == [0.5] * 3 + [0.125] * 6
    half = [array * 0.5 for array in tree_leaves(ALL)]
    assert_same_bits([found for _, found in met], [*met_at_the_cut(T), *half])


def test_a_place_that_is_another_one_is_seen():
    """All right places give the same numbers, and no two of them have the same multiplications."""
    assert list(PLACEMENTS) == list(MET)
    for name, place in PLACEMENTS.items():
        for other in MET.keys() - {name, "in_halves"}:
            with pytest.raises((AssertionError, ValueError)):
                assert_met(place, MET[other])
