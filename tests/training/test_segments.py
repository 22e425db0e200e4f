"""Segments: the same values and gradients as one pass, in memory without the whole tape."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from examples import assert_same_bits, example

from lstm_src import backward, forward
from lstm_src.checks import relative_errors
from lstm_src.checks.trees import tree_map
from lstm_src.training import segments as segment_module
from lstm_src.training.segments import backward_in_segments, forward_in_segments


@pytest.mark.parametrize("length", [1, 2, 3, 7, 10, 11])
def test_segments_of_any_length_give_the_whole(length):
    case = example(10, 2, 3, 4)
    before = tree_map(np.copy, case)
    run = forward_in_segments(*case.inputs, length=length)
    assert_same_bits((run.h, run.state), case.forward()[:2])
    assert len(run.starts) == -(-10 // length)
    found = backward_in_segments(case.params, case.x, run.starts, *case.cotangents, length=length)
    assert max(relative_errors(found, case.gradients()).values()) <= 1e-14
    assert_same_bits(case, before)


def test_the_state_may_be_left_out():
    case = example(5, 2, 3, 4)
    run = forward_in_segments(case.params, case.x, length=2)
    found = backward_in_segments(case.params, case.x, run.starts, case.dh, length=2)
    expected = backward(case.params, forward(case.params, case.x).tape, case.dh)
    assert max(relative_errors(found, expected).values()) <= 1e-14


def test_bad_input_is_named():
    case = example(5, 2, 3, 4)
    starts = forward_in_segments(*case.inputs, length=2).starts
    with pytest.raises(ValueError, match="length: expected at least 1, got 0"):
        forward_in_segments(*case.inputs, length=0)
    with pytest.raises(ValueError, match="starts: expected 5 states, got 3"):
        backward_in_segments(case.params, case.x, starts, case.dh, length=1)
    with pytest.raises(ValueError, match=r"dh: expected shape \(5, 2, 4\), got \(4, 2, 4\)"):
        backward_in_segments(case.params, case.x, starts, case.dh[1:], length=2)
    with pytest.raises(TypeError, match=r"starts\[2\]: expected State\(h, c\), got tuple"):
        backward_in_segments(case.params, case.x, ((0, 0),) * 3, case.dh, length=2)


def peak(run):
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_five_thousand_steps_need_little_more_memory_than_their_results():
    T, B, D, H, length = 5_000, 1, 8, 16, 70
    case = example(T, B, D, H)

    def in_segments():
        run = forward_in_segments(case.params, case.x, length=length)
        backward_in_segments(case.params, case.x, run.starts, case.dh, length=length)

    results = (H + D) * T * B * 8
    assert peak(in_segments) <= 1.4 * results
    assert peak(lambda: forward(case.params, case.x)) >= 5 * results


def test_one_pass_needs_little_more_memory_than_its_results():
    case = example(2_000, 8, 1, 16)
    tape = case.forward().tape
    sizes = [8 * array.size for array in (case.dh, case.x, *case.params)]
    work = 2_000_000  # bytes, whatever the number of steps
    assert peak(lambda: forward(*case.inputs, out=tape)) <= sizes[0] + work
    assert peak(lambda: case.pullback(tape)(case.cotangents)) <= sum(sizes[1:]) + work


SEGMENTS = example(12, 2, 3, 4)


def segments(starts, *, length, x=SEGMENTS.x, params=SEGMENTS.params):
    return backward_in_segments(params, x, starts, SEGMENTS.dh, length=length)


@pytest.mark.parametrize(("made", "given"), [(4, 5), (5, 4), (7, 8), (7, 11), (8, 6)])
def test_another_length_with_as_many_segments_is_refused(made, given):
    starts = forward_in_segments(*SEGMENTS.inputs, length=made).starts
    with pytest.raises(ValueError, match=r"expected the state in which segment \d ends"):
        segments(starts, length=given)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_starts_in_another_order_or_of_other_inputs_are_refused(dtype):
    params, x, state = tree_map(lambda array: array.astype(dtype), SEGMENTS.inputs)
    starts = forward_in_segments(params, x, state, length=3).starts
    dh = SEGMENTS.dh.astype(dtype)
    backward_in_segments(params, x, starts, dh, length=3)
    for wrong, at in ((starts[::-1], params), (starts, tree_map(lambda a: a * 2, params))):
        with pytest.raises(ValueError, match=r"starts\[3\]: expected the state in which segment 2"):
            backward_in_segments(at, x, wrong, dh, length=3)


def test_exact_numbers_are_compared_exactly():
    tenth = np.frompyfunc(lambda entry: Fraction(round(10 * entry), 10), 1, 1)
    params, x, state = tree_map(tenth, SEGMENTS.inputs)
    square = np.frompyfunc(lambda z: z / 2, 1, 1)  # any function will do for one step

    def run(state, steps):
        return forward(params, x[steps], state, tanh=square).state

    ends = run(state, slice(0, 1))
    segment_module._check_joins(0, ends, ends)
    with pytest.raises(ValueError, match=r"starts\[1\]: expected the state"):
        segment_module._check_joins(0, ends, ends._replace(c=ends.c + Fraction(1, 10**30)))


@pytest.mark.parametrize("starts", [None, 3, "abc"])
def test_starts_that_are_none_are_named(starts):
    with pytest.raises(TypeError, match="starts: expected a tuple of State, got"):
        segments(starts, length=4)
