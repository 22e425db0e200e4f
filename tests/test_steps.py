"""The backward pass in steps: the same gradients, and a hook on what is carried."""

import numpy as np
import pytest
from examples import SHAPES, example

from lstm_src import State, backward, forward
from lstm_src.gradcheck import relative_errors
from lstm_src.steps import arrivals_by_origin, backward_in_steps, tape_between


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


def test_a_hook_that_returns_nothing_and_a_piece_that_does_not_exist_are_refused():
    case = example(3, 2, 3, 4)
    tape = case.forward().tape
    with pytest.raises(TypeError, match=r"between.*: expected State\(h, c\), got NoneType"):
        backward_in_steps(case.params, tape, case.dh, between=lambda t, carried: None)
    for start, stop in ((1, 4), (2, 2), (-1, 2)):
        with pytest.raises(ValueError, match=f"0 <= start < stop <= 3, got {start}, {stop}"):
            tape_between(tape, start, stop)
