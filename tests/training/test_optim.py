"""Clipping: what it returns, that it changes no argument, and every bad argument by its name."""

import numpy as np
import pytest

from lstm_src import Params
from lstm_src.training.optim import clip_by_norm, clip_by_value

GRADIENTS = Params(np.array([[3.0, -4.0]]), np.array([[12.0]]), np.array([0.0]))  # the norm is 13


def test_a_value_is_moved_to_the_limit_and_no_other_changes():
    found = clip_by_value(GRADIENTS, 3.5)
    assert isinstance(found, Params)
    assert [array.tolist() for array in found] == [[[3.0, -3.5]], [[3.5]], [0.0]]
    assert GRADIENTS.W_h[0, 0] == 12
    infinite = clip_by_value({"W": np.array([np.inf, -np.inf])}, 1.0)
    assert infinite["W"].tolist() == [1, -1]


@pytest.mark.parametrize(("limit", "factor"), [(6.5, 0.5), (13.0, 1.0), (100, 1.0)])
def test_the_norm_of_all_arrays_together_is_shortened(limit, factor):
    found = clip_by_norm(GRADIENTS, limit)
    for array, original in zip(found, GRADIENTS, strict=True):
        np.testing.assert_allclose(array, factor * original, rtol=1e-15)
        assert not np.shares_memory(array, original)


def test_the_direction_is_kept_by_the_norm_and_not_by_the_value():
    by_norm, by_value = clip_by_norm(GRADIENTS, 5.0), clip_by_value(GRADIENTS, 5.0)
    assert by_norm.W_h[0, 0] / by_norm.W_x[0, 0] == pytest.approx(4)
    assert by_value.W_h[0, 0] / by_value.W_x[0, 0] == pytest.approx(5 / 3)


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_a_norm_whose_square_leaves_the_range_is_right(size):
    found = clip_by_norm({"W": np.array([3.0, 4.0]) * size}, size)
    np.testing.assert_allclose(found["W"], np.array([0.6, 0.8]) * size, rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_type_is_kept_and_zero_stays_zero(dtype):
    for clip in (clip_by_norm, clip_by_value):
        assert clip([np.array([300.0], dtype)], 1)[0].dtype == dtype
        assert clip([np.zeros(3, dtype)], 1)[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
@pytest.mark.parametrize(
    ("gradients", "limit", "error", "text"),
    [
        (GRADIENTS, 0, ValueError, "limit: expected a number above 0, got 0"),
        (GRADIENTS, -1.0, ValueError, "limit: expected a number above 0, got -1"),
        (GRADIENTS, np.inf, ValueError, "limit: expected a finite number, got inf"),
        (GRADIENTS, "5", TypeError, "limit: expected a real number, got str"),
        ([None], 1, TypeError, "gradients: expected floating-point NumPy arrays, got NoneType"),
        ([np.array([1])], 1, TypeError, "gradients: expected floating-point .* got int64"),
        ([np.array([0, np.nan])], 1, ValueError, "gradients: expected .* got nan"),
    ],
)
def test_bad_arguments_are_named(clip, gradients, limit, error, text):
    with pytest.raises(error, match=text):
        clip(gradients, limit)


def test_an_infinite_norm_is_named():
    with pytest.raises(ValueError, match="gradients: expected finite numbers, got inf"):
        clip_by_norm([np.array([np.inf])], 1)
