"""What the stories and symptoms of the catalogue say in words, in numbers."""

import numpy as np
import pytest

from lstm_src import GATES, SLOPES, backward, forward
from lstm_src.checks import relative_errors
from lstm_src.placements.mistakes import MISTAKES, claimed_loss, small_problem
from lstm_src.placements.mistakes.mistake import SCALE
from lstm_src.placements.mistakes.nonlinear import LIMIT
from lstm_src.placements.mistakes.problem import NAMES, pull
from lstm_src.training.clipping import clip_by_norm, clip_by_value

PROBLEM = small_problem()
RIGHT = pull(PROBLEM, PROBLEM.weights).params._asdict()


def yields(name, *, problem=PROBLEM, scale=1.0):
    found = MISTAKES[name].gradients(problem, scale)
    return {name: found[name] for name in RIGHT}


def flat(gradients):
    return np.concatenate([array.ravel() for array in gradients.values()])


def cosine(one, other):
    return flat(one) @ flat(other) / np.linalg.norm(flat(one)) / np.linalg.norm(flat(other))


# The problem


def test_the_problem_holds_sequences_of_3_and_17_tokens_and_is_always_the_same():
    assert PROBLEM.mask.sum(axis=0).tolist() == [3, 17]
    assert not PROBLEM.x[PROBLEM.mask == 0].any()
    assert np.array_equal(PROBLEM.x, small_problem().x)
    assert [len(p.x[0]) for p in PROBLEM.micro_batches()] == [1, 1]
    assert PROBLEM.ends.tolist() == [[0], [1]]
    assert PROBLEM.steps(0, 1).ends.tolist() == [[0.5], [0.5]]
    assert PROBLEM.steps(8, None).x.shape == (9, 2, 2)


def test_the_claimed_loss_is_the_scaled_mean_over_the_tokens_and_what_is_added():
    run = forward(PROBLEM.params, PROBLEM.x, PROBLEM.start)
    errors = ((run.h - PROBLEM.target) ** 2).sum(axis=2) / 2
    mean = (errors[:3, 0].sum() + errors[:, 1].sum()) / 20
    assert claimed_loss(PROBLEM, {}, 0.5) == pytest.approx(0.5 * mean)
    extra = (run.state.c[1] ** 2).sum() / 2
    with_term = claimed_loss(PROBLEM, {}, 0.5, final_term=True)
    assert with_term == pytest.approx(0.5 * (mean + extra))
    decay = 0.05 * sum((array**2).sum() for array in PROBLEM.params) / 2
    assert claimed_loss(PROBLEM, {}, 0.5, decay=True) == pytest.approx(0.5 * mean + decay)


def test_the_claimed_loss_takes_what_stands_in_the_place_of_the_problems_arrays():
    moved = {name: array + 0.1 for name, array in PROBLEM.values().items()}
    losses = [claimed_loss(PROBLEM, {name: moved[name]}, 1) for name in NAMES]
    assert len({*losses, claimed_loss(PROBLEM, {}, 1)}) == 7
    with pytest.raises(ValueError, match=r"values: expected names of W_x, .*, got \['W_y'\]"):
        claimed_loss(PROBLEM, {"W_y": moved["W_x"]}, 1)


# The stories


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("sequences_for_tokens", 10),  # the mean length of a sequence
        ("padding_counted", 20 / 34),  # the share of tokens in the batch
        ("averaged_by_workers", 1 / 2),  # one over the workers
    ],
)
def test_some_mistakes_are_a_constant_factor(name, factor):
    expected = {name: factor * array for name, array in RIGHT.items()}
    assert max(relative_errors(yields(name), expected).values()) < 1e-13


@pytest.mark.parametrize(
    "name", ["mask_forgotten", "gradient_unmasked", "sum_of_step_means", "mean_of_means",
             "sum_of_means", "last_micro_batch", "half_forgotten", "clamped_undivided"]
)  # fmt: skip
def test_some_mistakes_are_another_direction(name):
    assert cosine(yields(name), RIGHT) < 0.999


def test_the_means_weigh_a_token_of_the_short_sequence_almost_six_times():
    parts = [pull(part, part.mask).params._asdict() for part in PROBLEM.micro_batches()]
    found = yields("mean_of_means")
    of_a_token = np.linalg.lstsq(np.stack([*map(flat, parts)], axis=1), flat(found))[0]
    assert 5.5 < of_a_token[0] / of_a_token[1] < 6
    expected = {n: (parts[0][n] / 3 + parts[1][n] / 17) / 2 for n in RIGHT}
    assert max(relative_errors(found, expected).values()) < 1e-13


@pytest.mark.parametrize("name", ["norm_clipped_first", "unit_norm"])
def test_some_mistakes_are_another_length_in_the_right_direction(name):
    assert cosine(yields(name), RIGHT) == pytest.approx(1, abs=1e-12)
    ratio = flat(yields(name)) / flat(RIGHT)
    assert ratio == pytest.approx(ratio[0])
    assert abs(ratio[0] - 1) > 0.1


def test_no_limit_clips_the_right_gradient_where_it_is_checked():
    right = {name: SCALE * array for name, array in RIGHT.items()}
    for clip in (clip_by_value, clip_by_norm):
        kept = clip(right, LIMIT)
        assert all(np.array_equal(kept[name], right[name]) for name in right)
        assert flat(clip(right, LIMIT / 10)) != pytest.approx(flat(right))


def test_the_clip_inside_is_idle_at_the_scale_of_the_check_and_at_work_beyond():
    for scale, idle in ((SCALE, True), (2.0**10, False)):
        found, right = yields("clipped_inside", scale=scale), flat(RIGHT) * scale
        assert (np.max(abs(flat(found) - right)) < 1e-12 * np.max(abs(right))) == idle


def test_what_was_never_cleared_is_right_at_the_first_call_alone():
    entry = MISTAKES["never_cleared"]
    gradients = entry.begin(PROBLEM)
    first, second = gradients(1.0), gradients(1.0)
    assert flat(first) == pytest.approx(flat(RIGHT))
    assert flat(second) == pytest.approx(2 * flat(RIGHT))
    assert flat(entry.begin(PROBLEM)(1.0)) == pytest.approx(flat(RIGHT))


@pytest.mark.parametrize("entry", MISTAKES.values(), ids=lambda entry: entry.name)
def test_an_entry_remembers_nothing_between_two_beginnings(entry):
    once, again = (entry.gradients(PROBLEM, 0.5) for _ in range(2))
    assert all(np.array_equal(once[name], again[name]) for name in once)


def test_another_order_of_gates_swaps_two_blocks_and_changes_no_number():
    found = yields("gate_order_permuted")
    for name, array in RIGHT.items():
        blocks = dict(zip(GATES, np.split(array, 4, axis=-1), strict=True))
        expected = np.concatenate([blocks[gate] for gate in "ifgo"], axis=-1)
        assert np.array_equal(found[name], expected)
        assert not np.array_equal(found[name], array)
        assert np.linalg.norm(found[name]) == pytest.approx(np.linalg.norm(array))


def test_the_averaged_bias_is_a_factor_B_off_and_the_weights_are_right():
    found = yields("bias_averaged")
    assert np.array_equal(2 * found["b"], RIGHT["b"])
    assert np.array_equal(found["W_h"], RIGHT["W_h"])


def test_the_state_that_wraps_is_wrong_at_the_first_step_alone():
    """The first step's forget gate reads the initial cell state, and nothing else does."""
    found = yields("initial_state_wraps")
    for name, array in RIGHT.items():
        wrong = np.abs(found[name] - array).reshape(-1, 4, 2).max(axis=(0, 2)) > 1e-12
        assert [gate for gate, off in zip(GATES, wrong, strict=True) if off] == ["f"]


@pytest.mark.parametrize("name", ["tanh_of_tanh", "sigmoid_of_sigmoid", "half_forgotten"])
def test_a_wrong_slope_leaves_the_forward_pass_as_it_is(name):
    assert MISTAKES[name].rewritten is forward
    inputs = PROBLEM.params, PROBLEM.x, PROBLEM.start
    wrong, right = MISTAKES[name].code(*inputs), forward(*inputs)
    assert np.array_equal(wrong.h, right.h)
    off = np.abs(wrong.tape.slopes - right.tape.slopes).max(axis=(0, 2, 3)) > 1e-12
    expected = ["dc_dz_g", "dh_dc"] if "tanh" in name else ["dc_dz_f", "dc_dz_i", "dh_dz_o"]
    assert [slope for slope, wrong in zip(SLOPES, off, strict=True) if wrong] == expected


def test_small_cotangents_vanish_in_float16(monkeypatch):
    right = pull(PROBLEM, PROBLEM.weights, back_by=lambda params, tape, dh, dstate: dh)
    entry, seen, nonzero = MISTAKES["flushed_float16"], [], right != 0
    sizes = abs(right[nonzero])

    def spy(params, tape, dh, dstate):
        seen.append(dh[nonzero])
        return backward(params, tape, dh, dstate)

    def narrowed(scale):
        entry.code(PROBLEM, scale)
        return abs(seen.pop())

    def digits_lost(scale):
        return max(abs(narrowed(scale) / scale - sizes) / sizes) > 2.0**-11

    with monkeypatch.context() as patch:
        patch.setitem(entry.code.__globals__, "backward", spy)
        assert not narrowed(2.9e-8 / max(sizes)).any()
        assert narrowed(3.1e-8 / max(sizes)).any()
        assert digits_lost(5.9e-5 / max(sizes))
        assert not digits_lost(6.2e-5 / min(sizes))
    assert not flat(yields("flushed_float16", scale=2.0**-30)).any()
    found = flat(yields("flushed_float16", scale=2.0**-16)) * 2.0**16
    assert 1e-3 < np.max(abs(found - flat(RIGHT))) / np.max(abs(flat(RIGHT))) < 0.5
