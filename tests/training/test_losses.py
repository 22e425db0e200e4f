"""Losses: their terms by hand, their cotangents by complex step."""

import numpy as np
import pytest
from rewritten import rewritten

from lstm_src.checks import complex_step_gradient, relative_errors
from lstm_src.training.losses import cross_entropy, squared_error

T, B, K = 4, 3, 5
LABELS = np.array([[0, 4, 2], [1, -100, 3], [2, 2, -100], [4, 0, 1]])
MASK = np.array([[1, 1, 1], [1, 1, 1], [1, 0, 1], [0, 0, 1]])
HERE = (LABELS != -100) & MASK.astype(bool)


@pytest.fixture
def logits():
    return 3 * np.random.default_rng(0).standard_normal((T, B, K))


def test_squared_error_by_hand():
    prediction = np.array([[[1.0, 2.0]], [[0.0, -1.0]]])
    terms, cotangent = squared_error(prediction, np.array([[[0.0, 4.0]], [[0.0, 2.0]]]))
    np.testing.assert_array_equal(terms, [[2.5], [4.5]])
    np.testing.assert_array_equal(cotangent, [[[1.0, -2.0]], [[0.0, -3.0]]])


def test_the_cotangent_is_the_derivative_of_the_terms():
    prediction, target = np.random.default_rng(0).standard_normal((2, 3, 2, 4))

    def total(y):
        return squared_error(y, target.astype(complex)).terms.sum()

    expected = complex_step_gradient(total, prediction)
    assert relative_errors(squared_error(prediction, target).cotangent, expected)["array"] <= 1e-15


def test_a_squared_error_in_the_padding_is_0_whatever_stands_there():
    prediction, target = np.random.default_rng(0).standard_normal((2, T, B, 2))
    target[MASK == 0] = np.inf
    terms, cotangent = squared_error(prediction, target, MASK)
    assert not terms[MASK == 0].any()
    assert not cotangent[MASK == 0].any()
    plain = squared_error(prediction, target)
    np.testing.assert_array_equal(terms[MASK == 1], plain.terms[MASK == 1])
    np.testing.assert_array_equal(cotangent[MASK == 1], plain.cotangent[MASK == 1])


# Cross-entropy


def test_cross_entropy_by_hand():
    """Odds of 1 : 3, so the first class has ln 4, and p less the label is -3/4 and 3/4."""
    terms, cotangent = cross_entropy(np.log([[[1.0, 3.0]]]), np.array([[0]]))
    np.testing.assert_allclose(terms, [[np.log(4)]], rtol=1e-15)
    np.testing.assert_allclose(cotangent, [[[-0.75, 0.75]]], rtol=1e-15)
    smooth = cross_entropy(np.log([[[1.0, 3.0]]]), np.array([[0]]), label_smoothing=0.5)
    np.testing.assert_allclose(smooth.terms, [[0.75 * np.log(4) - 0.25 * np.log(0.75)]])
    np.testing.assert_allclose(smooth.cotangent, [[[-0.5, 0.5]]], rtol=1e-15)


def slopes(loss, logits, **options):
    """Return the cotangent, and the derivative of all terms by complex step."""
    expected = complex_step_gradient(lambda z: loss(z, LABELS, MASK, **options).terms.sum(), logits)
    return loss(logits, LABELS, MASK, **options).cotangent, expected


@pytest.mark.parametrize("smoothing", [0, 0.1, 1])
def test_the_cotangent_of_cross_entropy_is_the_derivative(logits, smoothing):
    found, expected = slopes(cross_entropy, logits, label_smoothing=smoothing)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)
    assert abs(found[HERE]).max(axis=-1).min() > 1e-3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("at - (1 - smoothing)", "at - 1"),
        (" - smoothing / K", ""),
        ("powers / total", "powers"),
        ("np.where(here[..., None], cotangent, 0)", "cotangent"),
        ("log_total - (1 - smoothing)", "log_total - 1"),
    ],
)
def test_a_wrong_cross_entropy_fails(logits, old, new):
    found, expected = slopes(rewritten(cross_entropy, old, new), logits, label_smoothing=0.1)
    assert abs(found - expected).max() > 1e-3


def test_ignored_labels_and_padding_have_no_term(logits):
    labels = np.where(MASK, LABELS, 99)  # no class of K
    logits[~HERE] = 700.0
    terms, cotangent = cross_entropy(logits, labels, MASK)
    np.testing.assert_array_equal(terms != 0, HERE)
    np.testing.assert_array_equal(cotangent.any(axis=-1), HERE)
    other = cross_entropy(logits, np.where(labels == -100, -1, labels), MASK, ignore_index=-1)
    np.testing.assert_array_equal(other.terms, terms)


def test_large_logits_neither_overflow_nor_vanish():
    logits = np.array([[[1e4, 0.0], [0.0, -1e4], [-1e4, 1e4]]])
    terms, cotangent = cross_entropy(logits, np.array([[0, 1, 0]]))
    np.testing.assert_array_equal(terms, [[0, 1e4, 2e4]])
    np.testing.assert_array_equal(cotangent, [[[0, 0], [1, -1], [-1, 1]]])


def test_a_class_that_is_ruled_out_gets_no_slope():
    logits = np.array([[[0.0, -np.inf, 0.0]]])
    terms, cotangent = cross_entropy(logits, np.array([[2]]))
    np.testing.assert_allclose(terms, [[np.log(2)]], rtol=1e-15)
    np.testing.assert_allclose(cotangent, [[[0.5, 0, -0.5]]], rtol=1e-15)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g", "c8", "c16", "G"])
def test_every_type_gives_its_own(logits, dtype):
    found = cross_entropy(logits.astype(dtype), LABELS, MASK)
    assert found.terms.dtype == found.cotangent.dtype == dtype
    expected = cross_entropy(logits.astype(dtype).real.astype("f8"), LABELS, MASK)
    room = 10 * max(np.finfo(dtype).eps, np.finfo(float).eps)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.real.astype("f8"), other, rtol=0, atol=room)


def test_many_classes_in_float16_do_not_overflow():
    terms, cotangent = cross_entropy(np.zeros((1, 1, 100_000), "f2"), np.zeros((1, 1), int))
    np.testing.assert_allclose(terms.astype(float), np.log(100_000), rtol=1e-3)
    assert cotangent[0, 0, 0] == -1


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"logits": np.ones((T, B), "f8")}, ValueError, r"logits: expected shape \(T, B, K\)"),
        ({"logits": np.ones((T, B, K), int)}, TypeError, "logits: expected a floating-point, comp"),
        ({"logits": np.ones((T, B, K), object)}, TypeError, "logits: expected floating-point or"),
        ({"logits": np.full((T, B, K), np.nan)}, ValueError, "logits: expected no NaN"),
        ({"logits": np.full((T, B, K), np.inf)}, ValueError, "logits: .* got inf at step 0 of seq"),
        ({"logits": np.full((T, B, K), -np.inf)}, ValueError, "logits: expected a finite largest"),
        ({"labels": LABELS[1:]}, ValueError, r"labels: expected shape \(4, 3\)"),
        ({"labels": LABELS * 1.0}, TypeError, "labels: expected integers, got float64"),
        ({"labels": LABELS + 1}, ValueError, r"labels: expected 0 to 4, .* got 5 at step 0 of seq"),
        ({"mask": 2 * MASK}, ValueError, "mask: expected 0 and 1 alone, got 2"),
        ({"label_smoothing": 1.5}, ValueError, "label_smoothing: expected 0 to 1, got 1.5"),
        ({"ignore_index": 0.0}, TypeError, "ignore_index: expected an integer, got float"),
    ],
)
def test_bad_arguments_of_cross_entropy_are_named(logits, change, error, text):
    with pytest.raises(error, match=text):
        cross_entropy(**({"logits": logits, "labels": LABELS, "mask": MASK} | change))


def test_a_ruled_out_label_whose_target_is_all_smoothed_is_infinite_and_no_nan():
    logits = np.array([[[-np.inf, 0.0]]])
    found = cross_entropy(logits, np.zeros((1, 1), int), label_smoothing=1.0)
    assert found.terms == np.inf
    np.testing.assert_array_equal(found.cotangent, [[[-0.5, 0.5]]])
