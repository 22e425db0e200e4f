"""Masks from lengths and from labels."""

import numpy as np
import pytest

from lstm_src.training import IGNORED, label_mask, length_mask


def test_a_mask_holds_as_many_tokens_as_the_lengths_say():
    mask = length_mask([3, 0, 2])
    np.testing.assert_array_equal(mask.T, [[1, 1, 1], [0, 0, 0], [1, 1, 0]])
    assert mask.dtype == bool
    longer = length_mask(np.array([3, 0, 2], np.uint8), 5)
    np.testing.assert_array_equal(longer[:3], mask)
    assert longer.shape == (5, 3)
    assert not longer[3:].any()
    assert length_mask([0]).shape == (1, 1)


@pytest.mark.parametrize(
    ("lengths", "steps", "error", "text"),
    [
        ([1.0], None, TypeError, "lengths: expected integers, got float64"),
        ([True], None, TypeError, "lengths: expected integers, got bool"),
        ([[1], [1, 2]], None, ValueError, r"lengths: expected shape \(B,\): "),
        ([], None, ValueError, r"lengths: expected shape \(B,\) .*, got \(0,\)"),
        ([[1]], None, ValueError, r"lengths: expected shape \(B,\) .*, got \(1, 1\)"),
        (np.ones(0, int), None, ValueError, r"lengths: expected shape \(B,\) .*, got \(0,\)"),
        ([2, -1], None, ValueError, "lengths: expected at least 0, got -1"),
        ([2, 3], 2, ValueError, "steps: expected at least 3, got 2"),
        ([2, 3], 3.0, TypeError, "steps: expected an integer, got float"),
    ],
)
def test_bad_lengths_are_named(lengths, steps, error, text):
    with pytest.raises(error, match=text):
        length_mask(lengths, steps)


def test_an_ignored_label_is_no_token():
    labels = np.array([[0, IGNORED], [4, 2]])
    np.testing.assert_array_equal(label_mask(labels), [[1, 0], [1, 1]])
    np.testing.assert_array_equal(label_mask(labels, np.array([[1, 1], [0, 1]])), [[1, 0], [0, 1]])
    np.testing.assert_array_equal(label_mask(labels, ignore_index=4), [[1, 1], [0, 1]])
    assert IGNORED == -100


@pytest.mark.parametrize(
    ("labels", "mask", "error", "text"),
    [
        ([[1]], None, TypeError, "labels: expected a plain NumPy array, got list"),
        (np.ones((2, 2)), None, TypeError, "labels: expected integers, got float64"),
        (np.ones(2, int), None, ValueError, r"labels: expected shape \(T, B\) .*, got \(2,\)"),
        (np.ones((2, 2), int), np.ones((2, 1)), ValueError, r"mask: expected shape \(2, 2\)"),
    ],
)
def test_bad_labels_are_named(labels, mask, error, text):
    with pytest.raises(error, match=text):
        label_mask(labels, mask)
