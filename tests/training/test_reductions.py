"""The weights of each reduction: their sum, the padding, and every bad argument by its name."""

from fractions import Fraction

import numpy as np
import pytest

from lstm_src.training.reductions import REDUCTIONS, reduction_weights

LENGTHS = np.array([3, 17, 10])
MASK = np.arange(17)[:, None] < LENGTHS
SUMS = {
    "sum": 30,
    "token mean": 1,
    "sequence mean": 1,
    "batch mean": 10,
    "token mean, padding counted": 30 / 51,
    "mean over all entries, padding included": 1,
    "GRPO": 1,
    "DAPO": 1,
    "Dr. GRPO": 30 / 96,
}
INCLUDED = "mean over all entries, padding included"
NOT_ZERO = ("token mean", "sequence mean", "GRPO", "DAPO")  # they divide by what the mask counts


def weights_of(reduction, mask=MASK, **options):
    return reduction_weights(reduction, mask, max_length=32, **options)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_the_weights_add_up_to_what_is_stated_and_vanish_in_the_padding(reduction):
    weights = weights_of(reduction)
    assert weights.shape == MASK.shape
    assert weights[~MASK].any() == (reduction == INCLUDED)
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
        "token mean, padding counted": (terms * MASK).mean(),
        INCLUDED: terms.mean(),
        "Dr. GRPO": tokens.sum() / (3 * 32),
    }
    for reduction, value in expected.items():
        found = (weights_of(reduction) * terms).sum()
        assert found == pytest.approx(value, rel=1e-13)
    assert len({round(value, 6) for value in expected.values()}) == 7
    for name, same in {"GRPO": "sequence mean", "DAPO": "token mean"}.items():
        np.testing.assert_array_equal(weights_of(name), weights_of(same))


def test_two_micro_batches_of_3_and_17_tokens():
    """The known example: mean losses 2.0 and 0.5 give 1.25 by sequence and 0.725 by token."""
    mask, terms = MASK[:, :2], np.broadcast_to([2.0, 0.5], (17, 2))
    found = [(reduction_weights(name, mask) * terms).sum() for name in REDUCTIONS[1:3]]
    np.testing.assert_allclose(found, [0.725, 1.25], rtol=1e-15)


@pytest.mark.parametrize("dtype", [bool, np.int64, np.uint8, np.float32, np.float64])
def test_a_mask_of_any_such_type_gives_the_same_weights(dtype):
    for reduction in REDUCTIONS:
        found = weights_of(reduction, MASK.astype(dtype), dtype=np.float32)
        np.testing.assert_array_equal(found, weights_of(reduction, dtype=np.float32), strict=True)
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
    ],
)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_a_bad_mask_is_named(reduction, mask, error, text):
    with pytest.raises(error, match=text):
        weights_of(reduction, mask)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_padding_alone_has_a_sum_and_no_mean_over_tokens(reduction):
    """As a micro-batch it is right in a sum that is divided once; alone its mean is 0/0."""
    if reduction not in NOT_ZERO:
        assert weights_of(reduction, MASK & False).any() == (reduction == INCLUDED)
        return
    text = r"mask: expected at least one token, got padding alone: its mean would be 0/0. Leave .*"
    with pytest.raises(ValueError, match=rf"{text} take the 'sum' and divide once"):
        weights_of(reduction, MASK & False)


@pytest.mark.parametrize("reduction", ["sequence mean", "GRPO"])
def test_a_sequence_without_tokens_has_no_mean(reduction):
    mask = MASK.copy()
    mask[:, 1] = False
    text = "mask: expected a token in every sequence, got none in sequence 1: its mean would be 0/0"
    with pytest.raises(ValueError, match=text):
        weights_of(reduction, mask)
    assert reduction_weights("batch mean", mask).sum() == pytest.approx(13 / 3)


def test_an_unknown_reduction_and_a_bad_dtype_are_named():
    with pytest.raises(ValueError, match=r"reduction: expected one of sum, token mean, .* 'mean'"):
        reduction_weights("mean", MASK)
    with pytest.raises(TypeError, match="dtype: expected a floating-point type, got int64"):
        reduction_weights("sum", MASK, dtype=np.int64)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_a_narrow_type_holds_the_weights_or_is_refused(reduction, dtype):
    mask = np.ones((300, 300))
    options = {"max_length": 300} if reduction == "Dr. GRPO" else {}
    weights = reduction_weights(reduction, mask, dtype=dtype, **options)  # 1/90,000 in float16
    wide = reduction_weights(reduction, mask, **options)
    np.testing.assert_allclose(weights.astype(float), wide, rtol=5e-3)
    assert weights.dtype == dtype


def test_a_type_that_cannot_hold_a_weight_is_refused():
    mask = np.ones((2000, 3000), bool)
    with pytest.raises(ValueError, match=r"dtype: expected a type that holds 1\.7e-07, got"):
        reduction_weights("token mean", mask, dtype=np.float16)


@pytest.mark.parametrize("dtype", ["wide", None, 7])
def test_a_type_that_is_none_is_named(dtype):
    with pytest.raises(TypeError, match="dtype: expected a floating-point type, got"):
        reduction_weights("sum", MASK, dtype=dtype)


# Class weights


@pytest.fixture
def by_term():
    weights = np.array([0.5, 1.0, 3.0])[np.random.default_rng(1).integers(0, 3, MASK.shape)]
    return np.where(MASK, weights, np.nan)  # what stands in the padding is never read


def test_a_weighted_mean_is_divided_by_the_weights(by_term):
    terms = np.random.default_rng(0).standard_normal(MASK.shape)
    weights = np.where(MASK, by_term, 0)
    of_sequences = (weights * terms).sum(axis=0) / weights.sum(axis=0)
    expected = {
        "sum": (weights * terms).sum(),
        "token mean": np.average(terms, weights=weights),
        "sequence mean": of_sequences.mean(),
        "batch mean": (weights * terms).sum() / 3,
        "Dr. GRPO": (weights * terms).sum() / 96,
    }
    for reduction, value in expected.items():
        found = (weights_of(reduction, class_weights=by_term) * terms).sum()
        assert found == pytest.approx(value, rel=1e-13)
        assert found != pytest.approx((weights_of(reduction) * terms).sum(), rel=1e-3)


@pytest.mark.parametrize("reduction", REDUCTIONS[4:6])
def test_class_weights_beside_counted_padding_are_refused(reduction, by_term):
    with pytest.raises(ValueError, match="class_weights: expected none with"):
        reduction_weights(reduction, MASK, class_weights=by_term)


def test_class_weights_that_are_all_0_have_no_mean(by_term):
    text = "class_weights: expected one above 0, got 0 at all tokens: its mean would be 0/0"
    with pytest.raises(ValueError, match=text):
        reduction_weights("token mean", MASK, class_weights=0 * MASK)
    by_term[:, 2] = 0
    with pytest.raises(ValueError, match="got 0 at all tokens in sequence 2"):
        reduction_weights("sequence mean", MASK, class_weights=by_term)


@pytest.mark.parametrize(
    ("weights", "error", "text"),
    [
        (MASK.tolist(), TypeError, "class_weights: expected a plain NumPy array, got list"),
        (MASK, TypeError, "class_weights: expected integers or floats, got bool"),
        (np.ones(3), ValueError, r"class_weights: expected shape \(17, 3\), got \(3,\)"),
        (-1.0 * MASK, ValueError, "class_weights: expected finite .* at least 0, got -1.0"),
        (np.inf + MASK, ValueError, "class_weights: expected finite .* at least 0, got inf"),
        (np.nan + MASK, ValueError, "class_weights: expected finite .* at least 0, got nan"),
    ],
)
def test_bad_class_weights_are_named(weights, error, text):
    with pytest.raises(error, match=text):
        reduction_weights("sum", MASK, class_weights=weights)


# Objectives of reinforcement learning


def test_lengths_3_and_17_under_three_objectives():
    """The known example, with room for 32 tokens: 1/6 and 1/34; 1/20; 1/64."""
    mask = MASK[:, :2]
    first = [weights_of(name, mask)[0].tolist() for name in ("GRPO", "DAPO", "Dr. GRPO")]
    expected = [[1 / 6, 1 / 34], [1 / 20, 1 / 20], [1 / 64, 1 / 64]]
    np.testing.assert_allclose(first, expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("max_length", "error", "text"),
    [
        (None, ValueError, "max_length: expected a number of tokens for 'Dr. GRPO', got None"),
        (16, ValueError, "max_length: expected at least 17, got 16"),
        (32.0, TypeError, "max_length: expected an integer, got float"),
    ],
)
def test_a_bad_greatest_length_is_named(max_length, error, text):
    with pytest.raises(error, match=text):
        reduction_weights("Dr. GRPO", MASK, max_length=max_length)


# Exact fractions


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_fractions_are_exact(reduction):
    found = weights_of(reduction, MASK.astype(np.uint8), dtype=object)
    assert {type(entry) for entry in found.ravel()} == {Fraction}
    np.testing.assert_array_equal(found.astype(float), weights_of(reduction))
    if SUMS[reduction] == 1:
        assert found.sum() == 1


def test_class_weights_as_fractions_are_those_of_the_floats(by_term):
    found = reduction_weights("token mean", MASK, class_weights=by_term, dtype=object)
    assert found.sum() == 1
    total = Fraction(by_term[MASK].sum())  # of halves: exact
    assert found[0, 0] == Fraction(by_term[0, 0]) / total


@pytest.mark.parametrize("reduction", [np.ones(2), ["sum"], None], ids=str)
def test_what_is_no_name_of_a_reduction_is_named(reduction):
    with pytest.raises(ValueError, match="reduction: expected one of sum, token mean"):
        reduction_weights(reduction, np.ones((3, 2)))


@pytest.mark.parametrize("dtype", [object, "O", "object", np.object_, np.dtype(object)], ids=repr)
def test_objects_are_asked_for_in_any_way(dtype):
    assert reduction_weights("token mean", np.ones((3, 2)), dtype=dtype)[0, 0] == Fraction(1, 6)


def test_a_weight_that_is_too_large_is_the_one_that_is_named():
    weights = np.array([[1.0, 1e6]])
    with pytest.raises(ValueError, match=r"dtype: expected a type that holds 1e\+06, got float16"):
        reduction_weights("sum", np.ones((1, 2)), class_weights=weights, dtype=np.float16)
