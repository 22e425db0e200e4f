"""A grid of ranks: what each holds, what an all-reduce leaves, and what is refused."""

from fractions import Fraction

import numpy as np
import pytest

from lstm_src.training.ranks import Ranks

GRID = Ranks(data=2, context=3, tensor=2)
ARRAY = np.arange(6 * 4.0).reshape(6, 4)


def test_each_rank_holds_its_part_or_a_copy():
    held = GRID.split(ARRAY, context=0, data=1)
    assert held.shape == (2, 3, 2, 2, 2)
    for d, c, t in np.ndindex(*GRID.shape):
        np.testing.assert_array_equal(held[d, c, t], ARRAY[2 * c : 2 * c + 2, 2 * d : 2 * d + 2])


def test_two_axes_cut_one_into_blocks_of_blocks_in_the_order_of_the_grid():
    held = Ranks(data=2, rounds=3).split(np.arange(6), rounds=0, data=0)
    np.testing.assert_array_equal(held[..., 0], [[0, 1, 2], [3, 4, 5]])


@pytest.mark.parametrize("axes", [{}, {"data": 1}, {"context": 0, "data": 1}, {"tensor": 0}])
def test_join_puts_together_what_split_cut(axes):
    held = GRID.split(ARRAY, **axes)
    np.testing.assert_array_equal(GRID.join(held, **axes), ARRAY)


def test_join_refuses_copies_that_differ_by_more_than_rounding():
    held = GRID.split(ARRAY, data=1)
    held[1, 2, 1, 0, 0] *= 1 + 1e-15
    GRID.join(held, data=1)
    held[1, 2, 1, 0, 0] += 1e-6
    with pytest.raises(ValueError, match=r"value: .* got entries 1e-06 apart: is an all-reduce"):
        GRID.join(held, data=1)
    held[1, 2, 1, 0, 0] = np.nan
    with pytest.raises(ValueError, match="got entries that are not finite on some of them alone"):
        GRID.join(held, data=1)


@pytest.mark.parametrize("axes", [("data",), ("context", "tensor"), ("data", "context", "tensor")])
def test_an_all_reduce_leaves_the_sum_or_the_mean_with_every_rank(axes):
    value = np.random.default_rng(0).standard_normal((*GRID.shape, 5))
    summed, mean = (GRID.all_reduce({"a": value}, *axes, op=op)["a"] for op in ("sum", "mean"))
    for rank in np.ndindex(*GRID.shape):
        mates = [
            value[other]
            for other in np.ndindex(*GRID.shape)
            if all(
                name in axes or a == b for name, a, b in zip(GRID.names, rank, other, strict=True)
            )
        ]
        np.testing.assert_allclose(summed[rank], np.sum(mates, axis=0))
        np.testing.assert_allclose(mean[rank], np.mean(mates, axis=0))
        assert len(mates) == GRID.size(*axes)
    assert GRID.size() == 12


def test_a_result_shares_no_memory_with_what_it_was_made_of():
    value = np.ones(GRID.shape)
    reduced, held = GRID.all_reduce(value, "data"), GRID.split(ARRAY)
    reduced += 1
    held += 1
    assert value.max() == 1
    assert reduced.max() == 3
    assert ARRAY[0, 0] == 0


def test_a_function_is_called_with_what_each_rank_holds():
    count = GRID.split(np.arange(6.0).reshape(3, 2), context=0, data=1)
    found = GRID.on_each(lambda a, n: {"double": 2 * a["x"], "n": n.sum()}, {"x": count}, count)
    np.testing.assert_array_equal(found["double"], 2 * count)
    np.testing.assert_array_equal(found["n"], count.sum(axis=(-2, -1)))


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (Ranks, ValueError, "sizes: expected at least one axis"),
        (lambda: Ranks(data=0), ValueError, "data: expected at least 1, got 0"),
        (lambda: Ranks(data=1.5), TypeError, "data: expected an integer, got float"),
        (lambda: GRID.size("pipe"), ValueError, "axes: .* data, context, tensor, got 'pipe'"),
        (lambda: GRID.split(ARRAY, pipe=0), ValueError, "axes: .* got 'pipe'"),
        (lambda: GRID.split(ARRAY, data=2), ValueError, "data: expected an axis below 2, got 2"),
        (lambda: GRID.split(ARRAY, data=-1), ValueError, "data: expected at least 0, got -1"),
        (
            lambda: GRID.split(ARRAY, context=1),
            ValueError,
            r"array: expected a multiple of 3 \(context\) along axis 1, got 4",
        ),
        (
            lambda: GRID.split(ARRAY, data=1, context=1),
            ValueError,
            r"a multiple of 6 \(data and context\)",
        ),
        (lambda: GRID.all_reduce(np.ones(GRID.shape)), ValueError, "axes: expected at least one"),
        (
            lambda: GRID.all_reduce(np.ones(GRID.shape), "data", op="max"),
            ValueError,
            "op: expected one of sum, mean, got 'max'",
        ),
        (
            lambda: GRID.all_reduce(np.ones((2, 3)), "data"),
            ValueError,
            r"value: .* \(data 2, context 3, tensor 2\), got shape \(2, 3\)",
        ),
        (
            lambda: GRID.join(np.ones(GRID.shape), data=0),
            ValueError,
            "data: expected an axis below 0, got 0",
        ),
    ],
)
def test_bad_input_is_named(make, error, said):
    with pytest.raises(error, match=said):
        make()


PAIR = Ranks(data=2)
SAME = [
    np.array([True, False]),
    np.array([0, 255], np.uint8),
    np.array([np.inf, -np.inf, 1.0]),
    np.array([np.nan, 1.0]),
    np.array([Fraction(1, 3), 2], object),
    np.array(["a", "b"]),
    np.ones(0),
    np.array(3.0),
    np.array(Fraction(1, 3), object),
]


@pytest.mark.parametrize("array", SAME, ids=repr)
def test_join_is_the_inverse_of_split_for_all_that_an_array_holds(array):
    np.testing.assert_array_equal(PAIR.join(PAIR.split(array)), array)
    if array.ndim and not len(array) % 2:
        np.testing.assert_array_equal(PAIR.join(PAIR.split(array, data=0), data=0), array)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_rounding_is_that_of_the_type(dtype):
    eps = np.finfo(dtype).eps
    PAIR.join(np.array([1, 1 + 3 * eps], dtype))
    with pytest.raises(ValueError, match=r"got entries .* apart"):
        PAIR.join(np.array([1, 1 + 2 * eps**0.75], dtype))


@pytest.mark.parametrize(
    ("held", "text"),
    [
        (np.array([True, False]), "1 entries that differ"),
        (np.array([0, 255], np.uint8), "1 entries that differ"),
        (np.array([np.inf, 1.0]), "entries that are not finite on some of them alone"),
        (np.array([np.inf, -np.inf]), "entries that are not finite on some of them alone"),
        (np.array([Fraction(1, 3), Fraction(1, 4)], object), "entries 0.0833 apart"),
    ],
)
def test_what_differs_between_ranks_is_said(held, text):
    with pytest.raises(ValueError, match=f"value: expected ranks to hold the same .* got {text}"):
        PAIR.join(held)


def test_an_axis_that_is_named_twice_is_named():
    for make in (
        lambda: PAIR.size("data", "data"),
        lambda: PAIR.all_reduce(SAME[0], *["data"] * 2),
    ):
        with pytest.raises(ValueError, match="axes: expected each once, got data, data"):
            make()


def test_an_operation_that_is_no_name_is_named():
    with pytest.raises(ValueError, match=r"op: expected one of sum, mean, got \['sum'\]"):
        PAIR.all_reduce(SAME[0], "data", op=["sum"])
