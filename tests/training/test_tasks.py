"""The running minimum, the adding problem and copy memory: what they ask for, and the baselines."""

import numpy as np
import pytest

from lstm_src.training import cross_entropy, init_model, loss_and_gradients, squared_error
from lstm_src.training.tasks import (
    Task,
    adding_baseline,
    adding_problem,
    copy_baseline,
    copy_memory,
    running_minimum,
)


def rng(seed=0):
    return np.random.default_rng(seed)


# The running minimum


def test_the_running_minimum_is_the_smallest_so_far():
    x, target = running_minimum(6, 2, 3, rng())
    assert x.shape == target.shape == (6, 2, 3)
    assert abs(x).max() <= 1
    for t in range(6):
        np.testing.assert_array_equal(target[t], x[: t + 1].min(axis=0))


# The adding problem


def check_adding(task):
    """Raise unless every sequence asks for the sum of a number of each half at its end."""
    T, B = task.x.shape[:2]
    assert task.x.shape == (T, B, 2)
    assert task.target.shape == (T, B, 1)
    assert task.mask.sum(axis=0).tolist() == [1] * B
    assert task.mask[-1].all()
    assert task.lengths.tolist() == [T] * B
    for b in range(B):
        assert np.count_nonzero(task.x[:, b, 1]) == 2
        first, second = np.flatnonzero(task.x[:, b, 1])
        assert first < T // 2 <= second
        assert task.x[[first, second], b, 1].tolist() == [1, 1]
        expected = task.x[first, b, 0] + task.x[second, b, 0]
        assert task.target[-1, b, 0] == pytest.approx(expected, rel=1e-6)
    assert not task.target[:-1].any()
    assert 0 <= task.x.min() <= task.x.max() <= 1


@pytest.mark.parametrize("T", [2, 3, 10, 11])
def test_the_sum_of_one_number_of_each_half_is_asked_for(T):
    check_adding(adding_problem(T, 40, rng()))


def both_marks_in_one_half(task):
    task.x[:, 0, 1] = np.arange(len(task.x)) < 2


def a_third_mark(task):
    task.x[np.flatnonzero(task.x[:, 0, 1] == 0)[0], 0, 1] = 1


def a_sum_of_another_sequence(task):
    task.target[-1] = np.roll(task.target[-1], 1, axis=0)


def a_sum_one_step_early(task):
    task.target[:] = np.roll(task.target, -1, axis=0)


def a_term_at_every_step(task):
    task.mask[:] = True


@pytest.mark.parametrize(
    "plant",
    [
        both_marks_in_one_half,
        a_third_mark,
        a_sum_of_another_sequence,
        a_sum_one_step_early,
        a_term_at_every_step,
    ],
)
def test_a_fault_in_the_adding_problem_is_found(plant):
    task = adding_problem(10, 3, rng())
    plant(task)
    with pytest.raises(AssertionError):
        check_adding(task)


def test_a_mark_stands_at_each_step_of_its_half_equally_often():
    marks = adding_problem(7, 20_000, rng()).x[..., 1].mean(axis=1)
    np.testing.assert_allclose(marks, [1 / 3] * 3 + [1 / 4] * 4, atol=0.02)


def test_who_always_says_1_has_the_baseline_at_any_length():
    assert adding_baseline() == pytest.approx(0.167, abs=5e-4)  # as published
    for T in (2, 50):
        target = adding_problem(T, 40_000, rng()).target[-1]
        errors = (target - 1) ** 2
        assert errors.mean() == pytest.approx(adding_baseline(), rel=0.02)
        assert ((target - 0.9) ** 2).mean() > errors.mean()


def test_the_loss_of_who_always_says_1_is_half_the_baseline():
    task = adding_problem(5, 20_000, rng())
    model = init_model(2, 1, 1, rng())
    model = model._replace(W_y=0 * model.W_y, b_y=np.ones(1))
    options = {"reduction": "token mean", "loss": squared_error, "mask": task.mask}
    loss = loss_and_gradients(model, task.x, task.target, **options).loss
    assert loss == pytest.approx(adding_baseline() / 2, rel=0.02)


def test_the_adding_problem_comes_in_the_type_that_is_asked_for():
    narrow = adding_problem(4, 2, rng(), dtype=np.float32)
    assert narrow.x.dtype == narrow.target.dtype == np.float32
    check_adding(narrow)


# Copy memory


def check_copying(task, delay):
    """Raise unless the first ten symbols are asked for at the end, after the delimiter."""
    T = delay + 20
    assert task.x.shape == task.target.shape == task.mask.shape == (T, task.x.shape[1])
    assert task.mask.all()
    assert (task.lengths == T).all()
    for x, target in zip(task.x.T.tolist(), task.target.T.tolist(), strict=True):
        assert set(x[:10]) <= set(range(8))
        assert x[10:] == [8] * (delay - 1) + [9] + [8] * 10
        assert target == [8] * (delay + 10) + x[:10]


@pytest.mark.parametrize("delay", [1, 2, 30])
def test_ten_symbols_are_asked_for_after_the_delay(delay):
    check_copying(copy_memory(delay, 5, rng()), delay)


def shifted(array, by):
    array[:] = np.roll(array, by, axis=0)


@pytest.mark.parametrize(
    "plant",
    [
        lambda task: shifted(task.target, -1),
        lambda task: shifted(task.target, 1),
        lambda task: shifted(task.x[10:], 1),
        lambda task: shifted(task.x[:10], 1),
        lambda task: task.mask.__setitem__(0, False),
    ],
)
def test_a_fault_in_copy_memory_is_found(plant):
    task = copy_memory(5, 3, rng())
    plant(task)
    with pytest.raises(AssertionError):
        check_copying(task, 5)


def test_every_symbol_is_drawn_equally_often():
    counts = np.bincount(copy_memory(1, 8000, rng()).x[:10].ravel(), minlength=8)
    np.testing.assert_allclose(counts / 80_000, np.full(8, 1 / 8), atol=0.005)


def without_memory(task, kinds=8):
    """Return what a model says that is sure of blanks and knows nothing of the ten symbols."""
    outputs = np.full((*task.x.shape, 9), -np.inf)
    outputs[:-10, :, 8] = 0
    outputs[-10:, :, :kinds] = 0
    return outputs


@pytest.mark.parametrize(("delay", "published"), [(100, 0.17329), (200, 0.09452), (500, 0.03999)])
def test_who_has_no_memory_has_the_baseline(delay, published):
    assert copy_baseline(delay) == pytest.approx(published, abs=5e-6)
    task = copy_memory(delay, 2, rng())
    terms = cross_entropy(without_memory(task), task.target).terms
    assert terms.mean() == pytest.approx(copy_baseline(delay), rel=1e-12)
    blank_too = cross_entropy(without_memory(task, kinds=9), task.target).terms
    assert blank_too.mean() > 1.05 * copy_baseline(delay)


# Both


def test_a_seed_fixes_the_tasks():
    for draw in (
        lambda rng: running_minimum(4, 1, 2, rng),
        lambda rng: adding_problem(9, 3, rng),
        lambda rng: copy_memory(3, 2, rng),
    ):
        for one, same in zip(draw(rng(3)), draw(rng(3)), strict=True):
            np.testing.assert_array_equal(one, same)
        assert (draw(rng(3))[0] != draw(rng(4))[0]).any()


def test_a_model_takes_the_tasks():
    adding, copying = adding_problem(4, 3, rng()), copy_memory(2, 3, rng())
    assert isinstance(adding, Task)
    for model, task, loss in (
        (init_model(2, 3, 1, rng()), adding, squared_error),
        (init_model(4, 3, 9, rng(), words=10), copying, cross_entropy),
    ):
        options = {"reduction": "token mean", "loss": loss, "mask": task.mask}
        assert loss_and_gradients(model, task.x, task.target, **options).count == task.mask.sum()


@pytest.mark.parametrize(
    ("draw", "error", "text"),
    [
        (lambda: running_minimum(0, 1, 1, rng()), ValueError, "T: expected at least 1, got 0"),
        (lambda: running_minimum(1, 1, 1, 0), TypeError, "rng: expected numpy.*Generator, got int"),
        (lambda: adding_problem(1, 1, rng()), ValueError, "T: expected at least 2, got 1"),
        (lambda: adding_problem(2.0, 1, rng()), TypeError, "T: expected an integer, got float"),
        (lambda: adding_problem(2, 0, rng()), ValueError, "B: expected at least 1, got 0"),
        (lambda: adding_problem(2, 1, np.random), TypeError, "rng: expected numpy.*, got module"),
        (lambda: adding_problem(2, 1, rng(), dtype=int), TypeError, "dtype: expected a floating"),
        (lambda: copy_memory(0, 1, rng()), ValueError, "delay: expected at least 1, got 0"),
        (lambda: copy_memory(True, 1, rng()), TypeError, "delay: expected an integer, got bool"),
        (lambda: copy_memory(1, -1, rng()), ValueError, "B: expected at least 1, got -1"),
        (lambda: copy_memory(1, 1, None), TypeError, "rng: expected numpy.*, got NoneType"),
        (lambda: copy_baseline(0), ValueError, "delay: expected at least 1, got 0"),
        (lambda: copy_baseline("9"), TypeError, "delay: expected an integer, got str"),
    ],
)
def test_bad_input_is_named(draw, error, text):
    with pytest.raises(error, match=text):
        draw()
