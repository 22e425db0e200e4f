"""The backward pass in steps: the same gradients, and a hook on what is carried."""

import numpy as np
import pytest
from examples import SHAPES, assert_same_bits, example

from lstm_src import GATES, SLOPES, Gradients, Params, State, backward, forward
from lstm_src.checks import relative_errors
from lstm_src.lstm import ROWS
from lstm_src.proof import (
    backward_symbols,
    differing_entries,
    in_ring,
    random_inputs,
    to_fractions,
)
from lstm_src.proof.steps import (
    arrivals_by_origin,
    backward_in_steps,
    carried_by_gate,
    tape_between,
)


@pytest.mark.parametrize("shape", SHAPES)
def test_steps_give_the_gradients_of_the_whole(shape):
    case = example(*shape)
    found = backward_in_steps(case.params, case.forward().tape, *case.cotangents)
    assert max(relative_errors(found, case.gradients()).values()) <= 1e-14


def test_the_hook_sees_what_each_step_hands_on_and_what_it_returns_is_used():
    case = example(4, 2, 3, 5)
    tape = case.forward().tape
    seen = {}

    def record(t, carried):
        seen[t] = carried
        return State(2 * carried.h, 2 * carried.c) if t == 0 else carried

    doubled = backward_in_steps(case.params, tape, *case.cotangents, between=record)
    assert list(seen) == [3, 2, 1, 0]
    later = backward(case.params, tape_between(tape, 2, 4), case.dh[2:], case.dstate)
    assert max(relative_errors(seen[2], later.state).values()) <= 1e-14
    right = case.gradients()
    assert (
        max(relative_errors(doubled.state, State(2 * right.state.h, 2 * right.state.c)).values())
        <= 1e-14
    )
    assert max(relative_errors(doubled.params, right.params).values()) <= 1e-14


def test_the_arrivals_add_up_and_come_only_from_later_terms():
    case = example(5, 2, 3, 4)
    tape = case.forward().tape
    arrivals = arrivals_by_origin(case.params, tape, case.dh)
    for t in range(5):
        np.testing.assert_array_equal(arrivals[t, t], case.dh[t])
        assert not arrivals[:t, t].any()
    for t in range(4):
        carried = backward(case.params, tape_between(tape, t + 1, 5), case.dh[t + 1 :]).state.h
        np.testing.assert_allclose(arrivals[:, t].sum(0), case.dh[t] + carried, rtol=0, atol=1e-14)


def handed_on(params, tape, *cotangents):
    """Return the cotangents of h and of c that every step hands on, each (T, B, H)."""
    seen = {}
    backward_in_steps(
        params, tape, *cotangents, between=lambda t, carried: seen.setdefault(t, carried)
    )
    return [np.array([seen[t][part] for t in range(len(seen))]) for part in (0, 1)]


def shares_by_hand(params, tape, *cotangents):
    """Return each gate's share from the equations: the cotangent of its z times its weights."""
    from_h, from_c = handed_on(params, tape, *cotangents)
    dh, dstate = cotangents
    slope = dict(zip(SLOPES, tape.slopes.swapaxes(0, 1), strict=True))
    h_bar = dh + np.concatenate([from_h[1:], dstate.h[None]])
    c_bar = h_bar * slope["dh_dc"] + np.concatenate([from_c[1:], dstate.c[None]])
    columns = dict(zip(GATES, np.split(params.W_h, 4, axis=1), strict=True))
    z_bar = {gate: c_bar * slope[f"dc_dz_{gate}"] for gate in "gfi"}
    z_bar["o"] = h_bar * slope["dh_dz_o"]
    return np.stack([z_bar[gate] @ columns[gate].T for gate in GATES], axis=1)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_gates_shares_are_those_of_the_equations_and_add_up(shape):
    case = example(*shape)
    arguments = case.params, case.forward().tape, *case.cotangents
    shares = carried_by_gate(*arguments)
    np.testing.assert_allclose(shares, shares_by_hand(*arguments), rtol=0, atol=1e-14)
    np.testing.assert_allclose(shares.sum(axis=1), handed_on(*arguments)[0], rtol=0, atol=1e-14)


def test_the_gates_shares_add_up_exactly_in_fractions_and_in_symbols():
    case = example(3, 2, 1, 2)
    for arguments in (
        to_fractions((case.params, case.forward().tape, *case.cotangents)),
        in_ring(backward_symbols(2, 2, 1, 2)),
    ):
        shares, handed = carried_by_gate(*arguments), handed_on(*arguments)[0]
        by_hand = shares_by_hand(*arguments)
        assert differing_entries(shares.sum(axis=1), handed) == {"array": 0}
        assert differing_entries(shares, by_hand) == {"array": 0}
        assert differing_entries(shares[:, 1:].sum(axis=1), handed)["array"] == handed.size


def test_two_gates_in_the_wrong_order_would_be_noticed():
    case = example(3, 2, 3, 4)
    arguments = case.params, case.forward().tape, *case.cotangents
    swapped = carried_by_gate(*arguments)[:, [0, 2, 1, 3]]  # adds up as well
    assert abs(swapped - shares_by_hand(*arguments)).max() > 0.01


def test_the_shares_scale_with_the_cotangents_bit_for_bit_and_change_no_argument():
    case = example(4, 2, 3, 4, dtype=np.float32)
    tape = case.forward().tape
    before = case.params.W_h.copy()
    shares = carried_by_gate(case.params, tape, case.dh)
    assert shares.dtype == np.float32
    assert_same_bits(carried_by_gate(case.params, tape, case.dh / 16), shares / 16)
    assert (carried_by_gate(case.params, tape, case.dh / 10) != shares / 10).any()
    assert_same_bits(case.params.W_h, before)


def in_two(t, inputs, hand_over=lambda state: state):
    """Pull back the steps after t, then the steps up to t, with what the later ones hand over."""
    params, tape, dh, dstate = inputs
    late = backward(params, tape_between(tape, t, len(dh)), dh[t:], dstate)
    early = backward(params, tape_between(tape, 0, t), dh[:t], hand_over(late.state))
    weights = Params(*(a + b for a, b in zip(early.params, late.params, strict=True)))
    return Gradients(weights, np.concatenate([early.x, late.x]), early.state)


def test_a_run_over_two_borders_of_blocks_can_be_cut_at_every_place_exactly():
    T, B = 10, 128
    assert 2 * (ROWS // B) < T
    inputs = random_inputs(T, B, 1, 1, np.random.default_rng(6))
    whole = backward(*inputs)
    for t in range(1, T):
        assert not any(differing_entries(in_two(t, inputs), whole).values())
    without_q = in_two(4, inputs, lambda state: State(state.h, 0 * state.c))
    off = inputs._replace(dh=np.concatenate([inputs.dh[1:5], inputs.dh[4:]]))
    for false_cut in (without_q, in_two(4, off)):
        assert differing_entries(false_cut, whole)["x"] == 4 * B
        assert all(differing_entries(false_cut, whole).values())


def test_the_pieces_of_a_tape_are_those_of_a_shorter_run():
    case = example(5, 2, 3, 4)
    run = case.forward()
    start = forward(case.params, case.x[:2], case.state).state
    shorter = forward(case.params, case.x[2:4], start)
    for piece, expected in zip(tape_between(run.tape, 2, 4), shorter.tape, strict=True):
        np.testing.assert_array_equal(piece, expected)


def test_a_bad_cotangent_is_named_here_too():
    case = example(3, 2, 3, 4)
    with pytest.raises(ValueError, match=r"dh: expected shape \(3, 2, 4\), got \(2, 4\)"):
        backward_in_steps(case.params, case.forward().tape, case.dh[0])
    with pytest.raises(ValueError, match=r"dh: expected shape \(3, 2, 4\), got \(2, 2, 4\)"):
        backward_in_steps(case.params, case.forward().tape, case.dh[1:])
    with pytest.raises(TypeError, match=r"dh: expected a plain NumPy array, got list"):
        arrivals_by_origin(case.params, case.forward().tape, case.dh.tolist())
    with pytest.raises(ValueError, match=r"dh: expected shape \(3, 2, 4\), got \(2, 2, 4\)"):
        carried_by_gate(case.params, case.forward().tape, case.dh[1:])
    with pytest.raises(TypeError, match=r"dstate: expected State\(h, c\), got ndarray"):
        carried_by_gate(case.params, case.forward().tape, case.dh, case.dh[0])


def test_a_hook_that_returns_nothing_and_a_piece_that_does_not_exist_are_refused():
    case = example(3, 2, 3, 4)
    tape = case.forward().tape
    with pytest.raises(TypeError, match=r"between.*: expected State\(h, c\), got NoneType"):
        backward_in_steps(case.params, tape, case.dh, between=lambda t, carried: None)
    for start, stop in ((1, 4), (2, 2), (-1, 2)):
        with pytest.raises(ValueError, match=f"0 <= start < stop <= 3, got {start}, {stop}"):
            tape_between(tape, start, stop)
