"""The layer that is read: right entry by entry, and the layer that is fast equal to it."""

import numpy as np
import pytest
from examples import SHAPES, example

from lstm_src import Gradients, lstm, plain
from lstm_src.checks import complex_step_gradient, named_leaves, relative_errors
from lstm_src.placements.rewriting import Variant
from lstm_src.proof import (
    differing_entries,
    field_certificate,
    forward_symbols,
    random_inputs,
    tanh,
    term_shapes,
)
from lstm_src.structures import GATES, SLOPES, Gates, Slopes

# T, B, D, H on both sides of every border: one block of the forward pass, one product of the other.
BORDERS = [(1, 1, 1, 1), (2, 1, 3, 1), (3, 2, 1, 2), (7, 3, 2, 2), (8, 1, 2, 3), (9, 2, 2, 2)]


@pytest.mark.parametrize("T", [1, 2, 3, 50])
def test_every_entry_is_the_complex_step_gradient(T):
    case = example(T, 2, 3, 2)

    def loss(at):
        run = plain.forward(*at)
        pairs = zip((case.dh, *case.dstate), (run.h, *run.state), strict=True)
        return sum((u * value).sum() for u, value in pairs)

    expected = Gradients(*complex_step_gradient(loss, case.inputs))
    found = plain.backward(case.params, plain.forward(*case.inputs).tape, *case.cotangents)
    assert max(relative_errors(found, expected).values()) <= 1e-14


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_fast_is_plain_but_for_rounding(shape):
    case = example(*shape)
    fast, read = lstm.forward(*case.inputs), plain.forward(*case.inputs)
    assert max(relative_errors(fast, read).values()) <= 1e-15
    pulled = (layer.backward(case.params, read.tape, *case.cotangents) for layer in (lstm, plain))
    assert max(relative_errors(*pulled).values()) <= 1e-14


@pytest.mark.parametrize("blocks", [(1, 1), (2, 4), (4, 6), (16_384, 512)], ids=str)
@pytest.mark.parametrize("shape", BORDERS, ids=str)
def test_fast_pulls_back_exactly_what_plain_does(shape, blocks, monkeypatch):
    """Over the finite field nothing is rounded: equal at random places is equal, but for chance."""
    monkeypatch.setattr(lstm, "ENTRIES", blocks[0])
    monkeypatch.setattr(lstm, "ROWS", blocks[1])
    inputs = random_inputs(*shape, np.random.default_rng(0))
    assert not any(differing_entries(lstm.backward(*inputs), plain.backward(*inputs)).values())


def test_a_fast_pass_that_is_not_the_plain_one_is_found():
    wrong = Variant(lstm.backward, (("np.add(dc, share, out=dc)", "np.add(dc, dc, out=dc)"),))
    inputs = random_inputs(2, 1, 1, 1, np.random.default_rng(0))
    assert any(differing_entries(wrong(*inputs), plain.backward(*inputs)).values())


def test_both_are_made_of_the_same_terms():
    assert term_shapes(lstm.backward, 3, 2, 2, 2) == term_shapes(plain.backward, 3, 2, 2, 2)
    assert field_certificate(plain.backward, 40, 2, 2, 2, np.random.default_rng(0)).scaled_once


def test_the_names_of_gates_and_slopes_are_those_of_the_order():
    assert (Gates._fields, Slopes._fields) == (GATES, SLOPES)


def test_weights_by_gate_and_back():
    params = example(1, 1, 2, 3).params
    weights = plain.by_gate(params)
    assert np.array_equal(weights.W_h.f, params.W_h[:, 3:6])
    assert max(relative_errors(plain.joined(weights), params).values()) == 0


def test_a_step_is_a_pass_of_length_one():
    case = example(1, 2, 3, 4)
    after, slopes = plain.step(plain.by_gate(case.params), case.x[0], *case.state)
    run = lstm.forward(*case.inputs)
    assert max(relative_errors(after, run.state).values()) <= 1e-15
    arguments = plain.by_gate(case.params), case.x[0], case.state.h, slopes
    back = plain.step_back(*arguments, case.dh[0] + case.dstate.h, case.dstate.c)
    whole = lstm.backward(case.params, run.tape, *case.cotangents)
    found = Gradients(plain.joined(back.params), back.x[None], back.state)
    assert max(relative_errors(found, whole).values()) <= 1e-14


@pytest.mark.parametrize("slope", SLOPES)
def test_a_slope_left_out_is_noticed_in_the_gradients(slope):
    case = example(2, 2, 2, 2)
    tape = plain.forward(*case.inputs).tape
    right = plain.backward(case.params, tape, *case.cotangents)
    tape.slopes[:, SLOPES.index(slope)] = 0
    wrong = plain.backward(case.params, tape, *case.cotangents)
    assert max(relative_errors(wrong, right).values()) > 1e-3


def test_symbols_go_through_and_the_tape_ends_in_an_exact_one():
    run = plain.forward(*forward_symbols(2, 1, 1, 1), tanh=tanh)
    fast = lstm.forward(*forward_symbols(2, 1, 1, 1), tanh=tanh)
    assert {type(one) for one in run.tape.inputs[:, :, -1].ravel()} == {int}
    assert not any(differing_entries(run.h[:1], fast.h[:1]).values())


def test_leaves_have_the_paths_of_the_gates():
    weights = plain.by_gate(example(1, 1, 1, 1).params)
    assert list(named_leaves("weights", weights))[:4] == [f"W_x.{gate}" for gate in GATES]
