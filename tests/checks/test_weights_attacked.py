"""Inputs that once misled: padding, silent terms, near misses, labels that coincide."""

import numpy as np
import pytest

from lstm_src import audit_weights

LENGTHS = np.array([3, 17, 6])
SEQUENCE = np.repeat([0, 1, 2], LENGTHS)
K = len(SEQUENCE)
TERMS = np.random.default_rng(0).standard_normal((K, 200))
TOKENS, MEANS = np.full(K, 1 / K), (1 / LENGTHS / 3)[SEQUENCE]
GROUPS = {"sequence": SEQUENCE}


def read(weights, terms=TERMS, groups=GROUPS, mean="token mean", **options):
    return audit_weights(weights @ terms, terms, groups, mean, **options)


def told(report):
    return " ".join(str(report).split())


# Padding and terms whose gradient is zero

PAD = 17 - LENGTHS
PADDED = np.vstack([TERMS, np.zeros((PAD.sum(), 200))])
PADDED_GROUPS = {
    "sequence": np.append(SEQUENCE, np.repeat([0, 1, 2], PAD)),
    "padding": np.repeat([0, 1], [K, PAD.sum()]),
}


def padded(weights, terms=PADDED, **options):
    return read(np.append(weights, np.zeros(len(terms) - K)), terms, **options)


def test_padding_without_a_gradient_hides_no_mean():
    report = padded(TOKENS, groups=PADDED_GROUPS)
    assert report.as_meant
    assert "it adds nothing" in told(report)
    assert report.report.rows[0][4:] == ("0.03846", "1")  # of the terms that are known
    report = padded(MEANS, groups=PADDED_GROUPS)
    assert report.mean == "mean of sequence means"
    report = padded(np.full(K, 1 / 51), groups=PADDED_GROUPS)
    assert report.mean == "token mean, padding counted"
    assert report.alike == ("mean over all entries, padding included",)
    assert "differ in the weight of padding alone" in told(report)


def test_more_padding_than_tokens_and_an_empty_sequence_hide_no_mean():
    many = np.vstack([TERMS, np.zeros((3 * K, 200))])
    assert padded(TOKENS, many, groups={"padding": np.repeat([0, 1], [K, 3 * K])}).as_meant
    empty = {
        "sequence": np.append(SEQUENCE, [3] * 4),
        "padding": np.repeat([0, 1], [K, 4]),
    }
    report = padded(MEANS, np.vstack([TERMS, np.zeros((4, 200))]), groups=empty, mean="GRPO")
    assert report.as_meant
    all_padded = {
        "sequence": np.append(PADDED_GROUPS["sequence"], [3] * 17),
        "padding": np.append(PADDED_GROUPS["padding"], [1] * 17),
    }
    terms = np.vstack([PADDED, np.zeros((17, 200))])
    report = padded(MEANS * 3 / 4, terms, groups=all_padded, mean="GRPO")
    assert report.factor == pytest.approx(3 / 4)
    assert "sequences / sequences with tokens" in told(report)


def test_silent_terms_without_a_label_are_taken_for_padding_in_words_alone():
    report = padded(TOKENS, groups={"sequence": PADDED_GROUPS["sequence"]})
    assert report.factor == pytest.approx(51 / K)
    assert "tokens / tokens with a gradient" in told(report)
    assert "say so in groups['padding']" in told(report)
    assert "groups may differ in length" in told(report)


@pytest.mark.parametrize(("dtype", "size"), [(np.float64, 1e-7), (np.float32, 1e-5)])
def test_what_rounding_excuses_is_not_told(dtype, size):
    """A sequence was left out whose gradients are small beside the others."""
    small = (TERMS * np.where(SEQUENCE == 2, size, 1)[:, None]).astype(dtype)
    weights = np.where(SEQUENCE == 2, 0, 1 / K).astype(dtype)
    report = read(weights, small)
    assert not report.as_meant
    assert report.mean is None
    assert "about as large" in told(report)


def test_terms_that_are_not_told_are_listed():
    small = TERMS * np.where(SEQUENCE == 2, 1e-7, 1)[:, None]
    report = read(TOKENS, small, groups=None)
    assert "told by 20 of 26 terms" in told(report)
    assert "each to within" not in told(report)
    assert "weights of terms 20, 21, 22, 23, 24 and 25 are not known to a tenth" in told(report)


# Weights that are those of no mean, or of one over other terms


def test_masked_terms_are_told_beside_the_mean_of_the_others():
    masked = np.arange(K) < 16  # as a prompt is
    report = read(~masked / 10)
    assert report.mean is None
    assert report.nearest == "token mean"
    assert str(report).startswith("Not as meant: the token mean, but for 16 of 26 terms, which")
    assert "Terms 0 to 15 weigh nothing. The others have the weights of the token mean" in told(
        report
    )
    assert read(~masked / 10, groups=GROUPS | {"padding": masked}).as_meant
    one = read(np.where(np.arange(K) == 4, 0, 1 / (K - 1)))
    assert "which weighs nothing" in told(one)


def test_a_mean_is_near_only_with_the_factor_1_or_over_other_terms():
    unlabelled = read(MEANS, groups=None)
    assert unlabelled.nearest is None
    assert "The terms have 3 weights: 0.01961 for terms 3 to 19;" in told(unlabelled)
    assert "Which groups are these?" in told(unlabelled)
    both = SEQUENCE < 2
    weights = MEANS[both] * np.where(SEQUENCE[both] == 0, 2.5, 1)
    report = read(weights, TERMS[both], {"sequence": SEQUENCE[both]}, None)
    assert report.nearest is None
    kept = read((SEQUENCE != 2) * 1.0, mean="sum")
    assert kept.nearest == "sum"
    twice = np.where(np.arange(K) == 4, 2, 1) / (K + 1)
    assert read(twice).nearest == "token mean"


def test_a_mean_without_its_labels_is_not_another_but_for_some_terms():
    """Over padded sequences, those of full length weigh as if padding were counted."""
    lengths = np.array([12, 3])
    sequence, padding = np.repeat([0, 1], 12), np.repeat([0, 1, 0, 1], [12, 0, 3, 9])
    weights = (1 / lengths / 2)[sequence] * (1 - padding)
    parts = TERMS[:24]
    report = read(weights, parts, {"padding": padding})
    assert report.nearest is None
    labelled = read(weights, parts, {"padding": padding, "sequence": sequence})
    assert labelled.mean == "mean of sequence means"


def test_terms_that_are_told_together_alone_are_no_exceptions():
    alike = TERMS.copy()
    alike[5] = alike[4]
    report = read(np.where(np.arange(K) == 5, 3, 1) / K, alike)
    assert report.nearest is None
    assert "What the others weigh together is not." in told(report)


def test_weights_near_a_mean_are_said_to_be():
    noise = 1e-3 * np.random.default_rng(1).standard_normal(K)
    report = read(TOKENS * (1 + noise))
    assert report.mean is None
    assert "within 0.3% of those of the token mean, and no nearer" in told(report)


def test_a_weight_may_be_many_thousand_times_another():
    tokens = np.repeat([1, 30_000, 70_000], 2)  # two terms a sequence, each such a sum
    groups = {"sequence": np.repeat([0, 1, 2], 2), "tokens": tokens}
    report = audit_weights((1 / tokens / 6) @ TERMS[:6], TERMS[:6], groups, "token mean")
    assert report.mean == "mean of sequence means"
    assert "a term of sequence 0 weighs 7e+04 times one of sequence 2" in told(report)
    assert "weigh nothing" not in told(report)


# Names that coincide


def test_given_weights_may_be_rounded_or_turned():
    report = read(MEANS, mean=MEANS.astype(np.float32))
    assert report.as_meant
    assert report.alike == ("mean of sequence means",)
    turned = read(TOKENS, mean=-TOKENS)
    assert turned.mean == "token mean"
    assert "the meant weights times -1" in told(turned)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"sequence": [0] * K}, "There is one sequence only"),
        ({"sequence": SEQUENCE, "micro_batch": SEQUENCE}, "sequence and micro-batch are the same"),
        ({"step": range(K)}, "Each step has one term here"),
        ({"sequence": np.arange(K) % 2}, "differ in length"),
    ],
)
def test_what_would_tell_names_apart_is_what_is_missing(groups, words):
    codes = np.asarray(next(iter(groups.values())))
    report = read((1 / np.bincount(codes) / (codes.max() + 1))[codes], groups=groups, mean=None)
    assert report.alike
    assert f"; here also the {report.alike[0]}" in str(report)
    assert words in told(report)


def test_means_within_each_loss_are_named_by_all_their_names():
    loss, sequence = np.repeat(["a", "b"], 6), np.tile(np.repeat([0, 1], 3), 2)
    groups = {"loss": loss, "sequence": sequence}
    report = read(np.where(loss == "a", 1, 0.1) / 6, TERMS[:12], groups)
    assert report.mean == "token mean within each loss"
    assert "mean of sequence means within each loss" in report.alike


def test_losses_within_another_group_are_added_up_by_name():
    groups = {"worker": SEQUENCE % 2, "loss": np.arange(K) % 2}
    report = read(TOKENS, groups=groups, mean="mean of worker sums of loss means")
    assert report.mean == "token mean"
    assert read(TOKENS, mean=" Token mean").as_meant


def test_a_clip_of_each_array_by_itself_is_no_common_factor():
    parts = {name: TERMS[:, k * 50 : k * 50 + 50] for k, name in enumerate("abcd")}
    whole = {name: TOKENS @ part for name, part in parts.items()}
    clipped = {name: g * (0.5 / np.linalg.norm(g)) for name, g in whole.items()}
    report = audit_weights(clipped, parts, GROUPS, "token mean")
    assert report.mean == "token mean"
    assert report.factor is None
    factors = {name: 0.5 / np.linalg.norm(g) for name, g in whole.items()}
    assert report.factors == pytest.approx(factors)
    assert "with a factor of its own in each array." in str(report)
    assert "changes no direction" not in told(report)
    assert "weight decay" not in told(report)


# What is said of a gradient that tells little


def test_a_turned_sign_is_not_called_harmless():
    report = told(read(-TOKENS))
    assert "climbs" in report
    assert "Adam hides" not in report


def test_the_verdict_says_why_nothing_is_known():
    assert "there is one term" in str(read(np.ones(1), TERMS[:1], None))
    few = read(MEANS, TERMS[:, :28], {"micro_batch": SEQUENCE % 2})
    assert "too few parameters to be sure" in str(few)
    hidden = read(MEANS, TERMS[:, :1])
    assert "too few of the 26 terms" in str(hidden)
    assert "other weights could make the same one" in told(hidden)
    assert "more terms, 26, than parameters, 1" in told(hidden)
    assert "hardly more parameters" not in told(hidden)


def test_the_smallest_numbers_of_float16_are_said_to_lose_digits():
    narrow = (1e-6 * MEANS @ TERMS).astype(np.float16)
    report = audit_weights(narrow, TERMS.astype(np.float16), GROUPS)
    assert "lose digits in float16" in told(report)


def test_one_array_that_was_passed_again_is_suspected():
    report = audit_weights(TOKENS @ TERMS, [TERMS[0]] * K, GROUPS)
    assert "a .grad that was not copied" in told(report)


def test_many_equal_terms_are_found_one_after_the_other(monkeypatch):
    from lstm_src.checks.weights import parallel

    compared = []
    monkeypatch.setattr(parallel, "float", lambda x: compared.append(x) or x, raising=False)
    alike = np.tile(TERMS[:1].T, (1, 300))
    members, *_ = parallel.directions_of(alike, np.linalg.norm(alike, axis=0), 1e-16)
    assert not members.any()
    assert len(compared) < 300
