"""What the stories say of losses in parts, of arrays that are kept, and of two directions."""

from dataclasses import replace

import numpy as np
import pytest

from lstm_src.checks import audit_scaling, complex_step_gradient, relative_errors
from lstm_src.checks.trees import times
from lstm_src.placements.mistakes import MISTAKES, auxiliary, loss_scale, small_problem, state
from lstm_src.placements.mistakes.bidirectional import (
    loss_of_both,
    pull_both,
    reversed_tokens,
    run_both,
)
from lstm_src.placements.mistakes.clips import LIMIT
from lstm_src.placements.mistakes.problem import claimed_loss, pull
from lstm_src.training.clipping import clip_by_norm

PROBLEM = small_problem()
RIGHT = pull(PROBLEM, PROBLEM.weights).params


def yields(name, scale=1.0):
    return MISTAKES[name].code(PROBLEM, scale)


def norm(gradients):
    return np.sqrt(sum((array**2).sum() for array in gradients))


def cosine(one, other):
    both = sum((a * b).sum() for a, b in zip(one, other, strict=True))
    return both / norm(one) / norm(other)


def close(one, other, error=1e-13):
    return max(relative_errors(one, other).values()) < error


# Losses in parts


def test_an_operation_that_ignores_what_arrives_returns_the_gradient_of_factor_one():
    assert close(yields("incoming_ignored", 1 / 8), RIGHT)


def test_the_extra_term_and_the_main_loss_add_up_to_the_claimed_one():
    both = pull(PROBLEM, PROBLEM.weights, final_term=True).params
    assert close(times(1, RIGHT, auxiliary.extra_term(PROBLEM, PROBLEM.ends)), both)


@pytest.mark.parametrize(
    ("name", "scale", "share"),
    [("auxiliary_averaged", 1.0, 1 / 2), ("auxiliary_every_round", 1 / 4, 4)],
)
def test_an_auxiliary_loss_has_the_weight_of_its_story(name, scale, share):
    extra = auxiliary.extra_term(PROBLEM, PROBLEM.ends)
    expected = times(scale, RIGHT, times(share, extra))
    assert close(yields(name, scale), expected)


# Arrays


def test_one_share_kept_is_that_of_the_first_step():
    found = MISTAKES["one_share_kept"].gradients(PROBLEM, 1.0)
    right = pull(PROBLEM, PROBLEM.weights)
    assert np.array_equal(found["x"], right.x)
    first = found["W_x"] - pull(PROBLEM, PROBLEM.weights, back_by=without_first_step).params.W_x
    assert np.allclose(first, 2 * found["W_x"] - right.params.W_x)


def without_first_step(params, tape, dh, dstate):
    """Pull back with the input rows of the first step set to zero, which takes out its share."""
    rows = tape.inputs.copy()
    rows[0] = 0
    return state.backward(params, tape._replace(inputs=rows), dh, dstate)


@pytest.mark.parametrize("name", ["carried_kept", "cotangent_scaled_in_place", "input_overwritten"])
def test_what_is_kept_is_right_at_the_first_call_alone(name):
    gradients = MISTAKES[name].begin(PROBLEM)
    first, second, third = (gradients(0.5).values() for _ in range(3))
    half = times(0.5, RIGHT)
    assert close([*first], [*half])
    assert not close([*second], [*half], 1e-2)
    assert not close([*third], [*half], 1e-2)


def test_no_entry_writes_into_the_problem():
    before = {name: array.copy() for name, array in PROBLEM.values().items()}
    target = PROBLEM.target.copy()
    for entry in MISTAKES.values():
        entry.gradients(PROBLEM, 0.5)
    assert np.array_equal(PROBLEM.target, target)
    assert all(np.array_equal(PROBLEM.values()[name], array) for name, array in before.items())


def test_a_tape_that_is_multiplied_in_place_gives_its_second_term_the_factor_twice():
    extra = auxiliary.extra_term(PROBLEM, PROBLEM.ends)
    expected = times(1, times(0.5, RIGHT), times(0.25, extra))
    assert close(yields("tape_overwritten", 0.5), expected)


def test_weights_updated_inside_the_loop_are_right_as_the_rate_goes_to_zero(monkeypatch):
    def off(rate):
        monkeypatch.setattr(state, "RATE", rate)
        return max(relative_errors(yields("updated_at_every_step"), RIGHT).values())

    assert off(0) < 1e-13
    assert off(1e-4) == pytest.approx(10 * off(1e-5), rel=1e-2)


# Clips


def test_the_limit_clips_a_micro_batch_and_not_the_gradient_that_is_checked():
    tokens = PROBLEM.mask.sum()
    sizes = [norm(pull(p, p.mask / tokens).params) for p in PROBLEM.micro_batches()]
    assert sizes[0] < LIMIT < sizes[1]
    assert close(clip_by_norm(times(0.25, RIGHT), LIMIT), times(0.25, RIGHT))


@pytest.mark.parametrize("name", ["clipped_every_round", "clipped_parts_added"])
def test_clips_of_parts_point_another_way(name):
    assert cosine(yields(name), RIGHT) < 0.9999


def test_the_early_micro_batch_is_shortened_twice():
    early, late = (
        pull(part, part.mask / PROBLEM.mask.sum()).params
        for part in reversed([*PROBLEM.micro_batches()])
    )
    found = yields("clipped_every_round")
    pairs = np.stack([np.concatenate([a.ravel() for a in part]) for part in (early, late)], axis=1)
    whole = np.concatenate([a.ravel() for a in found])
    weights = np.linalg.lstsq(pairs, whole)[0]
    assert weights[0] < LIMIT / norm(early) < weights[1] < 1


# The loss scale


def test_the_loss_scale_leaves_its_factor_behind():
    power, limit = loss_scale.LOSS_SCALE, loss_scale.LIMIT
    assert close(yields("unscaled_twice"), times(1 / power, RIGHT))
    clipped = yields("clipped_while_scaled")
    assert norm(clipped) == pytest.approx(limit / power)
    assert cosine(clipped, RIGHT) == pytest.approx(1)
    one, other = (
        pull(part, part.mask / PROBLEM.mask.sum()).params for part in PROBLEM.micro_batches()
    )
    assert close(yields("loss_scale_changed"), times(1, times(2, one), other))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("unscaled_twice", {"not a polynomial"}),
        ("clipped_while_scaled", {"not a polynomial"}),
        (None, {"never"}),
    ],
)
def test_the_scale_in_the_place_of_the_loss_scale_tells(monkeypatch, name, said):
    def gradients(scale):
        if name is None:  # right: undone once, then clipped
            return clip_by_norm(times(1 / scale, times(scale, RIGHT)), LIMIT)
        monkeypatch.setattr(loss_scale, "LOSS_SCALE", scale)
        return yields(name)

    assert set(audit_scaling(gradients).verdicts.values()) == said


# Two directions


def test_tokens_are_reversed_and_padding_stays():
    found = reversed_tokens(PROBLEM, PROBLEM.x)
    assert np.array_equal(found[:3, 0], PROBLEM.x[2::-1, 0])
    assert np.array_equal(found[:, 1], PROBLEM.x[::-1, 1])
    assert not found[3:, 0].any()
    assert np.array_equal(reversed_tokens(PROBLEM, found), PROBLEM.x)


def test_both_directions_are_pulled_back_and_the_first_is_what_is_kept():
    params = {name: PROBLEM.values()[name] for name in RIGHT._fields}
    expected = complex_step_gradient(lambda v: loss_of_both(PROBLEM, v, 1), params)
    one, other = pull_both(PROBLEM)
    assert close([*times(1, one, other)], [*expected.values()])
    assert close(yields("direction_forgotten"), one)
    assert norm(other) > 0.1


def test_padding_changes_what_the_reverse_direction_says_of_a_short_sequence():
    def first_three(reverse, steps):
        part = next(PROBLEM.steps(0, steps).micro_batches())
        return run_both(part, reverse)[0][:3]

    def whole(problem, array):
        return array[::-1].copy()

    alone = first_three(reversed_tokens, 3)
    assert np.allclose(first_three(reversed_tokens, 17), alone)
    assert np.allclose(first_three(whole, 3), alone)
    assert not np.allclose(first_three(whole, 17), alone, atol=1e-2)


def test_zeros_as_padding_change_the_state_by_the_biases():
    zeros = PROBLEM.params._replace(b=0 * PROBLEM.params.b)
    empty = replace(PROBLEM, start=times(0, PROBLEM.start), params=zeros, x=0 * PROBLEM.x)
    assert not run_both(empty)[0].any()
    biased = replace(empty, params=zeros._replace(b=PROBLEM.params.b + 0.1))
    assert run_both(biased)[0].any()


def test_what_no_mistake_can_be_made_on_is_named():
    problem = small_problem()
    weights = problem.weights
    for make in (
        lambda other: pull(other, weights),
        lambda other: claimed_loss(other, {}, 1.0),
        lambda other: MISTAKES["never"].gradients(other, 0.25),
    ):
        with pytest.raises(TypeError, match=r"^problem: expected Problem, got NoneType"):
            make(None)
    with pytest.raises(ValueError, match=r"^weights: expected shape \(17, 2\), got \(2, 17\)"):
        pull(problem, weights.T.copy())
    with pytest.raises(TypeError, match=r"^values: expected a dict of arrays, got list"):
        claimed_loss(problem, [weights], 1.0)
