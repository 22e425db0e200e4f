"""Sum, count, divide once, in one process: parts added up are the whole; means of means are not."""

from fractions import Fraction

import numpy as np
import pytest
from modelled import apart
from shared import PARTS, params, step, whole

from lstm_src.training import loss_and_gradients
from lstm_src.training.sums import (
    Sums,
    add_in_pairs,
    add_sums,
    add_up_here,
    divide_once,
    sums_of,
)


def test_sums_divided_once_are_the_mean_of_the_whole():
    loss, gradients = divide_once(add_up_here(step, params(), PARTS))
    expected = whole()
    assert loss == pytest.approx(expected.loss, rel=1e-14)
    assert apart(gradients, expected.gradients) <= 1e-14


def test_a_mean_of_means_is_another():
    means = [Sums(*divide_once(step(params(), part)), 1) for part in PARTS[:-1]]
    loss, gradients = divide_once(add_in_pairs(add_sums, means))
    expected = whole()
    assert abs(loss / expected.loss - 1) > 1e-3
    assert apart(gradients, expected.gradients) > 1e-2


def test_a_part_of_padding_alone_adds_nothing():
    (empty,) = PARTS[-1:]
    assert not empty.mask.any()
    found, expected = (add_up_here(step, params(), parts) for parts in (PARTS, PARTS[:-1]))
    assert found.loss == expected.loss
    assert found.count == expected.count == 31
    assert apart(found.gradients, expected.gradients) == 0


def test_neighbours_are_added_first():
    def join(one, other):
        return f"({one}{other})"

    assert add_in_pairs(join, "a") == "a"
    assert add_in_pairs(join, "abc") == "((ab)c)"
    assert add_in_pairs(join, "abcdefg") == "(((ab)(cd))((ef)g))"


@pytest.mark.parametrize("count", [0, -1, np.nan])
def test_a_count_of_nothing_is_named(count):
    with pytest.raises(ValueError, match=f"sums: expected a count above 0, got {count}: the mean"):
        divide_once(Sums(0.0, [np.zeros(2)], count))


@pytest.mark.parametrize(
    ("count", "error", "text"),
    [
        (np.inf, ValueError, "a finite count, got inf"),
        (10**400, ValueError, "a finite count, got 1000"),
        (np.array([3, 4]), ValueError, r"one count, got an array of shape \(2,\): add up over"),
        (True, TypeError, "a number as count, got bool"),
        (None, TypeError, "a number as count, got NoneType"),
        ("3", TypeError, "a number as count, got str"),
    ],
)
def test_what_is_no_count_is_named(count, error, text):
    with pytest.raises(error, match=f"sums: expected {text}"):
        divide_once(Sums(0.0, [np.zeros(2)], count))


COUNTS = [7, 7.0, np.int64(7), np.float64(7), np.float32(7), np.array(7), Fraction(7)]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble, np.complex64])
@pytest.mark.parametrize("count", COUNTS, ids=repr)
def test_no_count_widens_what_it_divides(dtype, count):
    loss, (gradient,) = divide_once(Sums(dtype(3), [np.full(2, 3, dtype)], count))
    assert loss.dtype == gradient.dtype == dtype
    assert loss == gradient[0] == dtype(3) / dtype(7)


def test_a_count_that_float16_does_not_hold_divides_all_the_same():
    loss, (gradient,) = divide_once(Sums(np.float16(70), [np.full(2, 70, np.float16)], 70_000))
    assert loss == gradient[0] == np.float16(1e-3)


def _gradients(**arrays):
    return Sums(0.0, arrays, 1)


@pytest.mark.parametrize(
    ("one", "other", "text"),
    [
        ({"a": None}, {"a": np.ones(2)}, r"gradients.a of None and of shape \(2,\): a part that"),
        ({"a": np.ones(2)}, {"a": None}, r"gradients.a of shape \(2,\) and of None"),
        ({}, {"a": np.ones(2)}, r"gradients.a of no array and of shape \(2,\)"),
        ({"a": np.ones(2)}, {}, r"gradients.a of shape \(2,\) and of no array"),
        ({"a": np.ones(2)}, {"a": np.ones((2, 2))}, r"of shape \(2,\) and of shape \(2, 2\)"),
    ],
)
def test_parts_of_two_forms_are_not_added(one, other, text):
    with pytest.raises(ValueError, match=f"^parts: expected arrays of one form .*{text}"):
        add_sums(_gradients(**one), _gradients(**other))


def test_what_no_part_has_stays_none():
    assert add_sums(_gradients(a=None), _gradients(a=None)).gradients == {"a": None}


def test_a_step_may_write_into_the_same_memory_for_every_part():
    buffer = np.zeros(2)

    def overwriting(params, part):
        buffer[:] = part
        return Sums(0.0, [buffer], 1)

    np.testing.assert_array_equal(add_up_here(overwriting, None, [1, 2, 4]).gradients[0], [7, 7])


DIVIDED = {
    "token mean": {"reduction": "token mean"},
    "sequence mean": {"reduction": "sequence mean"},
    "weights": {"reduction": np.full(PARTS[0].mask.shape, 0.05)},
    "sum × 0.05": {"reduction": "sum", "scale": 0.05},
    "sum × 1024": {"reduction": "sum", "scale": 1024},
}


@pytest.mark.parametrize("weighed_by", DIVIDED)
def test_what_was_divided_already_is_refused(weighed_by):
    """Else `divide_once` would divide a second time, and nothing would say so."""
    part = PARTS[0]
    found = loss_and_gradients(params(), part.x, part.labels, mask=part.mask, **DIVIDED[weighed_by])
    assert found.weighed_by == weighed_by
    said = f"expected the reduction 'sum' with the scale 1, got .* '{weighed_by}': divide_once wo"
    for name, refuse in {
        "result": sums_of,
        "sums": divide_once,
        "step": lambda found: add_up_here(lambda params, part: found, None, [part]),
    }.items():
        with pytest.raises(ValueError, match=f"^{name}: {said}"):
            refuse(found)


def test_without_the_refusal_it_would_be_divided_twice():
    expected = whole()
    twice = expected._replace(weighed_by="sum")  # what a result that kept it to itself would be
    loss, gradients = divide_once(twice)
    assert loss == pytest.approx(expected.loss / 31)
    assert apart(gradients, expected.gradients) > 0.9


@pytest.mark.parametrize("options", [{}, {"scale": 1.0}, {"scale": Fraction(1)}])
def test_sums_are_taken(options):
    part = PARTS[0]
    given = {"mask": part.mask, "reduction": "sum", "class_weights": np.full(4, 2.0)} | options
    found = loss_and_gradients(params(), part.x, part.labels, **given)
    assert sums_of(found) == (found.loss, found.gradients, 2.0 * part.mask.sum())


def test_weights_of_ones_own_are_added_up_with_a_count_of_ones_own():
    """The sequence mean over all parts: each sequence weighs one, and their number divides."""

    def sequences(params, part):
        tokens = part.mask.sum(axis=0)
        weights = part.mask / np.maximum(tokens, 1)
        found = step(params, part, weights)
        return Sums(found.loss, found.gradients, int((tokens > 0).sum()))

    loss, gradients = divide_once(add_up_here(sequences, params(), PARTS))
    expected = whole("sequence mean")
    assert loss == pytest.approx(expected.loss, rel=1e-14)
    assert apart(gradients, expected.gradients) <= 1e-14


def test_what_is_no_sum_is_named():
    for name, take in {"result": sums_of, "sums": divide_once}.items():
        with pytest.raises(TypeError, match=f"^{name}: expected .*, got float, without loss and"):
            take(1.0)
    one = Sums(1.0, {"a": np.ones(2)}, 1)
    for name, pair in {"one": (None, one), "other": (one, 1.0)}.items():
        with pytest.raises(TypeError, match=rf"^{name}: expected Sums\(loss, gradients, count\)"):
            add_sums(*pair)
    with pytest.raises(TypeError, match=r"step: expected .*, got tuple"):
        add_up_here(lambda params, part: (1.0, [], 3), None, [1])
    with pytest.raises(ValueError, match="parts: expected at least one, got none"):
        add_up_here(step, params(), [])
    with pytest.raises(TypeError, match="parts: expected several, as in a list, got int"):
        add_up_here(step, params(), 3)
    with pytest.raises(TypeError, match="step: expected a callable, got dict"):
        add_up_here({}, params(), PARTS)
