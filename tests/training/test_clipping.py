"""Clipping: what it returns, that it changes no argument, and every bad argument by its name."""

from fractions import Fraction

import numpy as np
import pytest

from lstm_src import Params
from lstm_src.training.clipping import clip_by_norm, clip_by_value

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


@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
@pytest.mark.parametrize("limit", [np.inf, np.float32(np.inf)])
def test_an_infinite_limit_clips_nothing(clip, limit):
    for found, given in zip(clip(GRADIENTS, limit), GRADIENTS, strict=True):
        assert np.array_equal(found, given)


def test_the_direction_is_kept_by_the_norm_and_not_by_the_value():
    by_norm, by_value = clip_by_norm(GRADIENTS, 5.0), clip_by_value(GRADIENTS, 5.0)
    assert by_norm.W_h[0, 0] / by_norm.W_x[0, 0] == pytest.approx(4)
    assert by_value.W_h[0, 0] / by_value.W_x[0, 0] == pytest.approx(5 / 3)


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_a_norm_whose_square_leaves_the_range_is_right(size):
    found = clip_by_norm({"W": np.array([3.0, 4.0]) * size}, size)
    np.testing.assert_allclose(found["W"], np.array([0.6, 0.8]) * size, rtol=1e-15)


@pytest.mark.parametrize(
    ("size", "limit", "dtype"),
    [
        (16_384, 1e-3, np.float16),  # the factor would be 0, or have few digits
        (256, 1e-3, np.float16),
        (2.0**-20, 1.0, np.float16),
        (1e38, 1e-5, np.float32),
        (1e-40, 1e300, np.float32),
        (1e200, 1e-200, np.float64),
        (1e-310, 1.0, np.float64),
    ],
)
def test_the_norm_is_the_limit_even_where_the_type_has_no_such_factor(size, limit, dtype):
    gradient = (np.array([3.0, 4.0]) * size / 5).astype(dtype)
    expected = gradient.astype(float) * min(1, limit / np.hypot(*gradient.astype(np.longdouble)))
    found = clip_by_norm([gradient], limit)[0]
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected.astype(dtype), rtol=2 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_a_value_is_moved_to_the_largest_one_of_the_type_where_the_limit_is_beyond(dtype):
    found = clip_by_value([np.array([3, -np.inf, np.inf], dtype)], 1e300)[0]
    assert found.tolist() == [3, -np.finfo(dtype).max, np.finfo(dtype).max]


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
        (GRADIENTS, np.nan, ValueError, "limit: expected a finite number, got nan"),
        (GRADIENTS, -np.inf, ValueError, "limit: expected a finite number, got -inf"),
        (GRADIENTS, "5", TypeError, "limit: expected a real number, got str"),
        ([None], 1, TypeError, "gradients: expected floating-point NumPy arrays, got None alone"),
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


@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
def test_an_array_without_axes_stays_one_and_can_be_clipped_again(clip):
    once = clip({"w": np.array(3.0), "v": np.zeros(())}, 1.0)
    assert all(type(array) is np.ndarray and array.shape == () for array in once.values())
    assert clip(once, 1.0)["w"] == 1


@pytest.mark.skipif(np.finfo(np.longdouble).max <= 1e308, reason="no wider type than float64 here")
def test_numbers_beyond_the_range_of_float64_are_clipped():
    wide = np.array([3, -4], np.longdouble) * np.longdouble(10) ** 400
    found = clip_by_norm([wide, np.ones(2)], 5.0)
    np.testing.assert_allclose(found[0].astype(float), [3, -4], rtol=1e-15)
    assert found[0].dtype == np.longdouble
    assert clip_by_value([wide], 5.0)[0].tolist() == [5, -5]


@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
def test_the_limit_may_be_a_fraction(clip):
    assert clip([np.array([3.0])], Fraction(1, 2))[0] == 0.5
    with pytest.raises(ValueError, match="limit: expected a finite number, got 1000"):
        clip([np.array([3.0])], Fraction(10**400))
