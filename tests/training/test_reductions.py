"""The weights of each reduction: their sum, the padding, and every bad argument by its name."""

import numpy as np
import pytest

from lstm_src.training.reductions import REDUCTIONS, reduction_weights

LENGTHS = np.array([3, 17, 10])
MASK = np.arange(17)[:, None] < LENGTHS
SUMS = {"sum": 30, "token mean": 1, "sequence mean": 1, "batch mean": 10}


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_the_weights_add_up_to_what_is_stated_and_vanish_in_the_padding(reduction):
    weights = reduction_weights(reduction, MASK)
    assert weights.shape == MASK.shape
    assert not weights[~MASK].any()
    assert (weights[MASK] > 0).all()
    assert weights.sum() == pytest.approx(SUMS[reduction], rel=1e-15)
    assert [*SUMS] == [*REDUCTIONS]


def test_each_mean_is_the_one_of_its_name():
    terms = np.random.default_rng(0).standard_normal(MASK.shape)
    by_sequence = [terms[:n, b] for b, n in enumerate(LENGTHS)]
    tokens = np.concatenate(by_sequence)
    expected = {
        "sum": tokens.sum(),
        "token mean": tokens.mean(),
        "sequence mean": np.mean([sequence.mean() for sequence in by_sequence]),
        "batch mean": np.mean([sequence.sum() for sequence in by_sequence]),
    }
    for reduction, value in expected.items():
        found = (reduction_weights(reduction, MASK) * terms).sum()
        assert found == pytest.approx(value, rel=1e-13)
    assert len({round(value, 6) for value in expected.values()}) == 4


def test_two_micro_batches_of_3_and_17_tokens():
    """The known example: mean losses 2.0 and 0.5 give 1.25 by sequence and 0.725 by token."""
    mask, terms = MASK[:, :2], np.broadcast_to([2.0, 0.5], (17, 2))
    found = [(reduction_weights(name, mask) * terms).sum() for name in REDUCTIONS[1:3]]
    np.testing.assert_allclose(found, [0.725, 1.25], rtol=1e-15)


@pytest.mark.parametrize("dtype", [bool, np.int64, np.uint8, np.float32, np.float64])
def test_a_mask_of_any_such_type_gives_the_same_weights(dtype):
    for reduction in REDUCTIONS:
        found = reduction_weights(reduction, MASK.astype(dtype), dtype=np.float32)
        np.testing.assert_array_equal(
            found, reduction_weights(reduction, MASK, dtype=np.float32), strict=True
        )
        assert found.dtype == np.float32


@pytest.mark.parametrize(
    ("mask", "error", "text"),
    [
        (MASK.tolist(), TypeError, "mask: expected a plain NumPy array, got list"),
        (np.ma.array(MASK), TypeError, "mask: expected a plain NumPy array, got MaskedArray"),
        (MASK.astype(complex), TypeError, "mask: expected booleans, integers or floats, got compl"),
        (MASK.astype(object), TypeError, "mask: expected booleans, integers or floats, got object"),
        (MASK[:, 0], ValueError, r"mask: expected shape \(T, B\) with no empty axis, got \(17,\)"),
        (MASK[:0], ValueError, r"mask: expected shape \(T, B\) with no empty axis, got \(0, 3\)"),
        (MASK * 2, ValueError, "mask: expected 0 and 1 alone, got 2"),
        (MASK * np.nan, ValueError, "mask: expected 0 and 1 alone, got nan"),
        (MASK & False, ValueError, "mask: expected at least one token, got padding alone"),
    ],
)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_a_bad_mask_is_named(reduction, mask, error, text):
    with pytest.raises(error, match=text):
        reduction_weights(reduction, mask)


def test_a_sequence_without_tokens_has_no_mean():
    mask = MASK.copy()
    mask[:, 1] = False
    text = "mask: expected a token in every sequence, got none in sequence 1"
    with pytest.raises(ValueError, match=text):
        reduction_weights("sequence mean", mask)
    assert reduction_weights("batch mean", mask).sum() == pytest.approx(13 / 3)


def test_an_unknown_reduction_and_a_bad_dtype_are_named():
    with pytest.raises(ValueError, match=r"reduction: expected one of sum, token mean, .* 'mean'"):
        reduction_weights("mean", MASK)
    with pytest.raises(TypeError, match="dtype: expected a floating-point type, got int64"):
        reduction_weights("sum", MASK, dtype=np.int64)
