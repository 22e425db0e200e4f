"""The clip at every step of the backward pass: of which cotangents, and that it is not linear."""

import numpy as np
import pytest
from examples import assert_same_bits, example

from lstm_src import State, audit_scaling, backward
from lstm_src.checks import relative_errors, tree_map
from lstm_src.placements import PLACEMENTS, clip_each_step
from lstm_src.placements.mistakes import MISTAKES
from lstm_src.structures import tape_between

LIMIT = 0.02


def problem(B=1):
    made = example(6, B, 2, 3)
    return made.params, made.forward().tape, made.dh


def by_hand(params, tape, dh, limit):
    """Clip one sequence's z̄, which is what a step of its own adds to the gradient of b."""
    H = len(params.W_h)
    carried, total = State(*np.zeros((2, 1, H))), np.zeros((len(tape.inputs[0, 0]), 4 * H))
    for t in reversed(range(len(dh))):
        step = backward(params, tape_between(tape, t, t + 1), dh[t : t + 1], carried)
        z = np.clip(step.params.b, -limit, limit)
        total += np.outer(tape.inputs[t, 0], z)
        carried = State((z @ params.W_h.T)[None], step.state.c)
    return {"W_x": total[H:-1], "W_h": total[:H], "b": total[-1]}


def test_the_cotangents_of_the_pre_activations_are_clipped_and_handed_on():
    params, tape, dh = problem()
    expected = by_hand(params, tape, dh, LIMIT)
    found = clip_each_step(LIMIT)(params, tape, dh).params._asdict()
    assert max(relative_errors(found, expected).values()) < 1e-13
    for other in (backward, clip_each_step(2 * LIMIT), MISTAKES["clipped_inside"].code):
        wrong = other(params, tape, dh).params._asdict()
        assert max(relative_errors(wrong, expected).values()) > 1e-3


def test_a_clip_that_never_fires_changes_no_bit():
    params, tape, dh = problem(B=3)
    assert_same_bits(clip_each_step(1e9)(params, tape, dh), backward(params, tape, dh))


def test_a_factor_passes_if_the_limit_goes_with_it_and_not_otherwise():
    params, tape, dh = problem(B=3)
    once = clip_each_step(LIMIT)(params, tape, dh)
    assert_same_bits(
        clip_each_step(8 * LIMIT)(params, tape, 8 * dh), tree_map(lambda g: 8 * g, once)
    )
    fixed = clip_each_step(LIMIT)(params, tape, 8 * dh)
    assert relative_errors(fixed, tree_map(lambda g: 8 * g, once))["params.b"] > 0.1


@pytest.mark.parametrize("limit", [LIMIT, 1e6])
def test_the_audit_sees_it_behind_the_factor_and_not_before_it(limit):
    params, tape, dh = problem(B=3)
    code = clip_each_step(limit)
    behind = audit_scaling(lambda s: code(params, tape, s * dh).params)
    assert set(behind.verdicts.values()) == {"not a polynomial"}
    before = audit_scaling(lambda s: tree_map(lambda g: s * g, code(params, tape, dh).params))
    assert before.scaled_once
    right = PLACEMENTS["on_entry"]
    assert audit_scaling(lambda s: right(params, tape, dh, scale=s).params).scaled_once


@pytest.mark.parametrize(
    ("limit", "error", "text"),
    [
        (0, ValueError, "limit: expected a number above 0, got 0"),
        (-1.0, ValueError, "limit: expected a number above 0, got -1"),
        (np.inf, ValueError, "limit: expected a finite number, got inf"),
        ("5", TypeError, "limit: expected a real number, got str"),
    ],
)
def test_a_bad_limit_is_named(limit, error, text):
    with pytest.raises(error, match=text):
        clip_each_step(limit)
