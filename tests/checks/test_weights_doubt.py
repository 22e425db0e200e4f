"""Where the data do not tell: noise, what no weighting explains, and terms that look alike."""

import numpy as np
import pytest
from weighed import (
    LENGTHS,
    MASK,
    added,
    grid,
    labels,
    layer,
    local_mean,
    terms,
    times,
)

from lstm_src import audit_weights
from lstm_src.checks import assert_mean
from lstm_src.checks.trees import tree_map
from lstm_src.training import clip_by_value

N = int(MASK.sum())
LAYER = layer(np.float64)
TERMS = terms(LAYER.pull)
TOKENS, SEQUENCES = local_mean(LAYER.pull, MASK), LAYER.pull(MASK / LENGTHS / 4)
GROUPS = labels("sequence", "micro_batch")


def told(report):
    return " ".join(str(report).split())


def noisy(gradient, size, seed=0):
    rng = np.random.default_rng(seed)
    return tree_map(lambda g: g + size * abs(g).mean() * rng.standard_normal(g.shape), gradient)


# What no weighting explains


@pytest.mark.parametrize("decay", [1e-6, 1e-3, 1e-1])
def test_a_weight_decay_is_left_over_and_no_wrong_mean_is_named(decay):
    gradient = tree_map(lambda g, p: g + decay * p, TOKENS, LAYER.params)
    report = audit_weights(gradient, TERMS, GROUPS, "token mean")
    assert report.mean in {None, "token mean"}
    assert not report.as_meant
    assert set(report.unexplained) == {"W_x", "W_h", "b"}
    assert report.residual > decay
    assert "weight decay" in told(report)


def test_a_weight_decay_can_be_read_as_one_more_term():
    gradient = tree_map(lambda g, p: g + 1e-3 * p, TOKENS, LAYER.params)
    groups = {"loss": ["data"] * N + ["decay"]}
    report = audit_weights(gradient, [*TERMS, LAYER.params], groups)
    assert report.mean == "token mean within each loss"
    assert report.factors == pytest.approx({"data": 1, "decay": 1e-3})
    assert not report.unexplained


def test_a_mild_clip_by_value_is_left_over_where_it_cut():
    report = audit_weights(clip_by_value(TOKENS, 0.1), TERMS, GROUPS, "token mean")
    assert report.mean == "token mean"
    assert report.unexplained == ("b",)
    assert not report.as_meant
    assert "b is set aside" in told(report)


def test_a_hard_clip_by_value_hides_the_weights():
    report = audit_weights(clip_by_value(TOKENS, 0.02), TERMS, GROUPS, "token mean")
    assert report.mean is None
    assert str(report).startswith("Not known: 35% of the gradient's length")


def test_beside_a_large_part_that_is_left_over_no_factor_is_claimed():
    """Clipping a tenth of all entries alike leaves the directions, and shortens every weight."""
    rng = np.random.default_rng(330)
    parts = rng.standard_normal((30, 3000))
    gradient = parts.mean(axis=0)
    top = np.quantile(abs(gradient), 0.9)
    report = audit_weights(np.clip(gradient, -top, top), parts, mean="token mean")
    assert report.mean is None
    assert report.factor is None
    assert str(report).startswith("Not known: ")


@pytest.mark.parametrize("gradient", [TOKENS, SEQUENCES])
def test_beside_a_wrong_derivative_the_weights_are_read_from_the_other_arrays(gradient):
    wrong = gradient._replace(W_h=np.roll(gradient.W_h, 1, axis=0))
    right = audit_weights(gradient, TERMS, GROUPS)
    report = audit_weights(wrong, TERMS, GROUPS)
    assert report.mean == right.mean
    np.testing.assert_allclose(report.weights, right.weights, rtol=1e-6)
    assert "W_h is set aside" in told(report)
    assert report.residual > 0.1


def test_an_array_that_is_divided_again_is_told_with_its_factor():
    wrong = TOKENS._replace(b=TOKENS.b / N)
    report = audit_weights(wrong, TERMS, GROUPS, "token mean")
    assert not report.as_meant
    assert "In b the same weights stand, all times 0.02857." in told(report)


def test_an_auxiliary_loss_whose_terms_are_passed_has_a_factor_of_its_own():
    loss = labels("loss")["loss"]
    counts = {name: (loss == name).sum() for name in ("policy", "value")}
    weights = np.where(loss == "policy", 1 / counts["policy"], 0.1 / counts["value"])
    gradient = LAYER.pull(grid(weights))
    report = audit_weights(gradient, TERMS, labels("loss", "sequence"), "token mean")
    assert report.mean == "token mean within each loss"
    assert report.factor is None
    assert report.factors == pytest.approx({"policy": 1, "value": 0.1})


def test_class_weights_are_read_off():
    classes = labels("class")["class"]
    weights = np.array([0.5, 1.0, 3.0])[classes]
    gradient = LAYER.pull(grid(weights / weights.sum()))
    report = audit_weights(gradient, TERMS, labels("class", "sequence"), "token mean")
    assert report.mean == "token mean, weighted by class"
    assert "a term of class 2 weighs 6 times one of class 0" in told(report)


# Noise


@pytest.mark.parametrize("size", [1e-6, 1e-3, 1e-2])
@pytest.mark.parametrize(
    ("gradient", "mean"), [(TOKENS, "token mean"), (SEQUENCES, "mean of sequence means")]
)
def test_a_mean_is_named_beneath_noise_that_leaves_it_to_be_seen(size, gradient, mean):
    report = audit_weights(noisy(gradient, size), TERMS, GROUPS)
    assert report.mean == mean
    assert report.factor == pytest.approx(1, abs=size)
    assert report.residual == pytest.approx(size * 0.6, rel=0.5)


def test_the_verdict_says_how_well_the_weights_are_known():
    report = audit_weights(noisy(TOKENS, 1e-2), TERMS, GROUPS, "token mean")
    share = report.margins * N
    assert (share > 0.1).sum() == 4
    assert "(told by 31 of 35 terms), each to within" in told(report)
    assert f"each to within {share[share < 0.1].max():.0%}" in told(report)
    wanted = 1 / N
    assert (abs(report.weights - wanted) < report.margins).all()


@pytest.mark.parametrize("off", [1e-5, 1e-2])
def test_weights_that_are_nearly_those_of_a_mean_are_not_called_so(off):
    weights = (1 + off * np.random.default_rng(0).standard_normal(N)) / N
    report = audit_weights(LAYER.pull(grid(weights)), TERMS, GROUPS, "token mean")
    assert report.mean is None
    assert "none of the means" in str(report)
    np.testing.assert_allclose(report.weights, weights, rtol=1e-9)


def test_a_turned_sign_is_named():
    report = audit_weights(times(-0.1, TOKENS), TERMS, GROUPS, "token mean")
    assert report.mean == "token mean"
    assert report.factor == pytest.approx(-0.1)
    assert "The sign is turned" in told(report)


def test_beneath_too_much_noise_nothing_is_known():
    report = audit_weights(noisy(TOKENS, 0.3), TERMS, GROUPS, "token mean")
    assert report.mean is None
    assert str(report).startswith("Not known")
    assert np.isnan(report.weights).any()


def test_means_that_noise_hides_from_each_other_are_both_told():
    lengths = np.array([100, 101])
    rng = np.random.default_rng(0)
    terms = rng.standard_normal((201, 2000))
    sequence = np.repeat([0, 1], lengths)
    gradient = terms.mean(axis=0)
    gradient += 1e-2 * abs(gradient).mean() * rng.standard_normal(2000)
    report = audit_weights(gradient, terms, {"sequence": sequence})
    assert report.mean is None
    assert report.rivals == ("token mean", "mean of sequence means")
    assert "do not tell the token mean and mean of sequence means apart" in told(report)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_a_gradient_in_a_narrow_type_is_judged_by_that_type(dtype):
    narrow = tree_map(lambda g: g.astype(dtype), SEQUENCES)
    report = audit_weights(narrow, TERMS, GROUPS, "token mean")
    assert report.mean == "mean of sequence means"
    assert not report.unexplained


def test_counts_in_float32_are_no_other_weights():
    weights = (MASK / LENGTHS.astype(np.float32) / np.float32(4)).astype(np.float32)
    report = audit_weights(LAYER.pull(weights), TERMS, GROUPS, "GRPO")
    assert report.as_meant


def test_rounding_in_float32_is_named_where_the_arrays_are_float64():
    rounded = tree_map(lambda g: g.astype(np.float32).astype(float), TOKENS)
    report = audit_weights(rounded, TERMS, GROUPS, "token mean")
    assert report.mean == "token mean"
    assert "no more than rounding in float32" in told(report)


# What looks alike


def test_equal_counts_make_means_the_same_and_all_are_named():
    b = labels("sequence")["sequence"]
    kept = np.flatnonzero(b < 2)[: 2 * LENGTHS[0]]
    sequence = np.repeat([0, 1], LENGTHS[0])
    parts = [TERMS[k] for k in kept]
    gradient = times(1 / len(kept), added(parts))
    report = audit_weights(gradient, parts, {"sequence": sequence}, "GRPO")
    assert report.as_meant
    assert report.mean == "mean of sequence means"
    assert "token mean" in report.alike
    assert "groups differ in length" in told(report)
    other = audit_weights(gradient, parts, {"sequence": sequence}, "DAPO")
    assert other.as_meant
    assert other.mean == "token mean"


def test_of_parallel_gradients_only_the_sum_is_told():
    alike = [*TERMS[:5], times(2, TERMS[4]), *TERMS[6:]]
    gradient = added(times(1 / N, term) for term in alike)
    report = audit_weights(gradient, alike, GROUPS, "token mean")
    assert report.mean == "token mean"
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(report.weights)), [4, 5])
    assert "terms 4 and 5 are parallel" in told(report)
    uneven = added(times(2 / N if k == 5 else 1 / N, term) for k, term in enumerate(alike))
    assert audit_weights(uneven, alike, GROUPS).mean is None


def test_of_a_zero_gradient_no_weight_is_told():
    silent = [*TERMS[:7], times(0, TERMS[7]), *TERMS[8:]]
    gradient = added(times(1 / N, term) for term in silent)
    report = audit_weights(gradient, silent, GROUPS, "token mean")
    assert np.isnan(report.weights[7])
    assert "told by 34 of 35 terms" in told(report)


def test_a_group_of_which_nothing_is_told_leaves_the_mean_not_known():
    silent = [times(0, t) if k < LENGTHS[0] else t for k, t in enumerate(TERMS)]
    gradient = added(times(1 / N, term) for term in silent)
    report = audit_weights(gradient, silent, GROUPS, "token mean")
    assert report.mean is None
    assert str(report).startswith("Not known")


def test_with_more_terms_than_parameters_no_weight_is_told_and_sums_of_groups_are():
    few = [{"b": term.b} for term in TERMS]
    report = audit_weights({"b": SEQUENCES.b}, few, GROUPS, "token mean")
    assert report.mean is None
    assert np.isnan(report.weights).all()
    assert "more terms, 35, than parameters, 24" in told(report)
    sums = [
        {"b": added(TERMS[k] for k in range(N) if GROUPS["sequence"][k] == s).b} for s in range(4)
    ]
    groups = {"sequence": range(4), "tokens": LENGTHS}
    report = audit_weights({"b": SEQUENCES.b}, sums, groups, "token mean")
    assert report.mean == "mean of sequence means"
    assert audit_weights({"b": TOKENS.b}, sums, groups, "token mean").as_meant
    unsaid = audit_weights({"b": SEQUENCES.b}, sums, {"sequence": range(4)})
    assert "sum of several" in told(unsaid)
    assert "sum of several" not in told(report)


def test_without_parameters_to_spare_odd_weights_are_not_called_none():
    few = [{"b": term.b} for term in TERMS[:24]]
    report = audit_weights({"b": TOKENS.b}, few)  # eleven terms were not passed
    assert str(report).startswith("Not known")
    assert "hardly more parameters than terms" in told(report)


@pytest.mark.parametrize("size", [0.0, 1.0])
def test_a_zero_gradient_and_a_single_term_tell_nothing(size):
    parts = TERMS if not size else TERMS[:1]
    report = audit_weights(times(size, TERMS[0]), parts)
    assert report.mean is None
    assert str(report).startswith("Not known")


# For a test suite


def test_assert_mean_passes_what_was_meant_and_raises_with_the_report_otherwise():
    assert_mean(TOKENS, TERMS, GROUPS)
    assert_mean(SEQUENCES, TERMS, GROUPS, mean="GRPO")
    assert_mean(SEQUENCES, TERMS, mean=(1 / LENGTHS / 4)[GROUPS["sequence"]])
    wrong = {
        "the mean of sequence means": SEQUENCES,
        "the token mean times 0.5": times(0.5, TOKENS),
        "besides, 6e-04 of the gradient": noisy(TOKENS, 1e-3),
        "Not known": noisy(TOKENS, 1.0),
    }
    for words, gradient in wrong.items():
        with pytest.raises(AssertionError, match=words):
            assert_mean(gradient, TERMS, GROUPS)


# Sizes


@pytest.mark.parametrize("size", [1e-250, 1e-30, 1e30, 1e250])
def test_the_size_of_the_gradients_is_nothing(size):
    parts = [times(size, term) for term in TERMS]
    report = audit_weights(times(size, SEQUENCES), parts, GROUPS, "token mean")
    assert report.mean == "mean of sequence means"
    assert report.factor == pytest.approx(1)
    wrong = audit_weights(times(size, noisy(TOKENS, 0.3)), parts, GROUPS)
    assert wrong.residual == pytest.approx(audit_weights(noisy(TOKENS, 0.3), TERMS).residual)


def test_the_size_of_an_array_is_nothing():
    def scaled(tree):
        return tree._replace(W_x=1e6 * tree.W_x, b=1e-6 * tree.b)

    parts = [scaled(term) for term in TERMS]
    assert audit_weights(scaled(SEQUENCES), parts, GROUPS).mean == "mean of sequence means"
    wrong = scaled(SEQUENCES)
    wrong = wrong._replace(b=np.roll(wrong.b, 1))  # small beside the others, and seen
    assert audit_weights(wrong, parts, GROUPS).unexplained == ("b",)


def test_terms_that_are_all_zero_explain_nothing():
    silent = [times(0, term) for term in TERMS]
    report = audit_weights(TOKENS, silent, GROUPS, "token mean")
    assert report.residual == pytest.approx(1)
    assert np.isnan(report.weights).all()
    assert str(report).startswith("Not known: 100%")


def test_rounding_alone_in_an_array_is_not_left_over():
    """An array whose gradient is zero but for rounding, as an unused bias has."""
    rng = np.random.default_rng(0)
    terms = {
        "a": rng.standard_normal((20, 300)).astype(np.float32),
        "b": (1e-8 * rng.standard_normal((20, 30))).astype(np.float32),
    }
    gradient = {"a": terms["a"].mean(axis=0), "b": np.float32(1e-8) * np.ones(30, np.float32)}
    report = audit_weights(gradient, terms, mean="token mean")
    assert report.as_meant
