"""Orders in which an all-reduce adds up: one sum, and what rounding makes of it."""

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

from lstm_src.proof import to_fractions
from lstm_src.training.ranks import add_by_ring, add_by_tree, add_in_turn

ORDERS = [add_in_turn, add_by_ring, add_by_tree]
EACH = pytest.mark.parametrize("add", ORDERS)


def parts(ranks, *shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).standard_normal((ranks, *shape)).astype(dtype)


@EACH
@pytest.mark.parametrize("ranks", [1, 2, 3, 7, 8, 13])
@pytest.mark.parametrize("shape", [(), (1,), (5,), (3, 4)])
def test_in_exact_arithmetic_it_is_the_sum(add, ranks, shape):
    held = to_fractions(parts(ranks, *shape))
    found = add(held)
    assert found.shape == shape
    assert np.all(found == held.sum(axis=0))
    assert held.shape == (ranks, *shape)  # and nothing was written into it
    assert np.all(held == to_fractions(parts(ranks, *shape)))


@EACH
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.complex64, ml_dtypes.bfloat16])
def test_every_partial_sum_has_the_type_of_the_parts(add, dtype):
    assert add(parts(6, 4, dtype=dtype)).dtype == dtype


def test_the_last_bits_differ():
    held = parts(64, 500, dtype=np.float32)
    turn, ring, tree = (add(held) for add in ORDERS)
    exact = held.astype(float).sum(axis=0)
    for one, other in ((turn, ring), (turn, tree), (ring, tree)):
        assert (one != other).any()
        np.testing.assert_allclose(one, other, rtol=0, atol=64 * 2.0**-23)
    assert abs(tree - exact).max() < abs(turn - exact).max()


def test_each_order_is_the_one_that_it_says():
    # 2^24 + 1 is no number of float32: the 1 is lost, unless it meets its like first.
    big, one = 2.0**24, 1.0
    held = np.array([[big], [one], [one], [-big]], np.float32)
    assert add_in_turn(held) == 0
    assert add_by_tree(held) == 1  # big + 1 loses its 1; 1 - big, a shorter number, does not
    swapped = held[[0, 3, 1, 2]]
    assert add_by_tree(swapped) == 2
    assert add_in_turn(swapped) == 2
    two = np.repeat(held, 4, axis=1)  # four chunks, one entry each, begin at rank 0, 1, 2, 3
    started = [add_in_turn(np.roll(held, -k, axis=0))[0] for k in range(4)]
    assert add_by_ring(two).tolist() == started
    assert len(set(started)) > 1


def test_a_ring_over_fractions_begins_where_it_says():
    held = to_fractions(parts(3, 6))
    assert add_by_ring(held)[5] == Fraction(held[2, 5]) + held[0, 5] + held[1, 5]


@EACH
def test_overflow_is_a_result(add):
    held = np.full((2, 3), 60_000, np.float16)
    with np.errstate(over="ignore"):
        assert np.isinf(add(held)).all()


@EACH
@pytest.mark.parametrize(
    ("held", "error", "words"),
    [
        ([[1.0], [2.0]], TypeError, "parts: expected a plain NumPy array, got list"),
        (np.array(1.0), ValueError, r"parts: expected shape \(ranks,\), got \(\)"),
        (np.ones((0, 3)), ValueError, r"parts: expected shape \(ranks, n1\) with no empty axis"),
        (np.ones((2, 3), int), TypeError, "parts: expected a floating-point, complex or object"),
    ],
)
def test_what_is_no_parts_is_refused(add, held, error, words):
    with pytest.raises(error, match=words):
        add(held)
