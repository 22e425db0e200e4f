"""Two losses in one gradient: each may be a mean of its own kind, with a factor of its own."""

import numpy as np
import pytest

from lstm_src import audit_weights
from lstm_src.checks.factors import names_of

MAIN, AUX = 12, 5
LOSS = np.array(["main"] * MAIN + ["aux"] * AUX)
MICRO_BATCH = np.array([0] * 7 + [1] * 5 + [0] * 2 + [1] * 3)
GROUPS = {"loss": LOSS, "micro_batch": MICRO_BATCH}
TOKENS = np.where(LOSS == "main", 1 / MAIN, 1 / AUX)


def of_means(losses):
    """Return weights in which these losses are means of micro-batch means, the others of tokens."""
    weights = TOKENS.copy()
    for loss in losses:
        for batch in range(2):
            here = (loss == LOSS) & (batch == MICRO_BATCH)
            weights[here] = 1 / 2 / here.sum()
    return weights


def read(weights, dtype=np.float64, **options):
    terms = np.random.default_rng(0).standard_normal((len(weights), 40)).astype(dtype)
    gradient = (weights.astype(dtype)[:, None] * terms).sum(axis=0, dtype=dtype)
    return audit_weights(gradient, terms, **{"groups": GROUPS, **options})


def told(report):
    return " ".join(str(report).split())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("loss", "other"), [("main", "aux"), ("aux", "main")])
@pytest.mark.parametrize("factor", [1, 0.3])
def test_a_mean_of_means_in_one_loss_alone_is_named(loss, other, factor, dtype):
    weights = of_means([loss]) * np.where(loss == LOSS, factor, 1)
    report = read(weights, dtype)
    words = {loss: "mean of micro-batch means", other: "token mean"}
    assert report.mean == f"{words['aux']} in loss aux and the {words['main']} in loss main"
    assert report.factors == pytest.approx({loss: factor, other: 1}, rel=1e-5)


def test_means_of_means_in_both_losses_with_a_factor_are_named_within_each():
    report = read(of_means(["main", "aux"]) * np.where(LOSS == "aux", 0.3, 1))
    assert report.mean == "mean of micro-batch means within each loss"
    assert report.factors == pytest.approx({"main": 1, "aux": 0.3})


def test_it_is_not_as_meant_where_one_loss_is_another_mean():
    report = read(of_means(["aux"]), mean="sum of loss means")
    assert not report.as_meant
    assert told(report).startswith(
        "Not as meant, the sum of loss means: the mean of micro-batch means in loss aux and the "
        "token mean in loss main"
    )
    assert "Each loss has a factor of its own" not in told(report)


def test_other_names_of_the_mean_in_a_loss_are_told():
    sequence = np.where(LOSS == "aux", 2, 0) + MICRO_BATCH  # in aux as the micro-batches
    report = read(of_means(["aux"]), groups={**GROUPS, "sequence": sequence})
    assert "mean of sequence means in loss aux" in (report.mean + " ".join(report.alike))
    assert "mean of micro-batch means in loss aux" in (report.mean + " ".join(report.alike))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_random_weights_of_one_loss_have_no_name(dtype):
    for seed in range(100):
        rng = np.random.default_rng(seed)
        weights = np.where(LOSS == "aux", rng.uniform(0.5, 1.5, len(LOSS)) / AUX, TOKENS)
        assert read(weights, dtype).mean is None


def test_losses_that_share_a_direction_are_not_told_apart():
    terms = np.random.default_rng(0).standard_normal((len(LOSS), 40))
    terms[-1] = 2 * terms[0]  # of the other loss
    gradient = of_means(["aux"]) @ terms
    report = audit_weights(gradient, terms, GROUPS)
    assert report.mean is None or "in loss" not in report.mean


# The factor of each loss beside the counts


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        ([12, 1], "Loss main has the factor 12 = tokens of main = N."),
        ([3, 1], "Loss main has the factor 3 = tokens of main / B = N / B."),
        ([1, 1 / 5], "Loss aux has the factor 1 / 5, and 5 = tokens of aux = M."),
        ([1, 1 / 4], "Loss aux has the factor 1 / 4, and 4 = B"),
    ],
)
def test_the_factor_of_each_loss_is_compared_with_its_own_counts(factor, said):
    weights = TOKENS * np.where(LOSS == "main", *factor)
    report = read(weights, counts={"N": MAIN, "M": AUX, "B": 4})
    assert said in told(report)
    assert "change them, one at a time" in told(report)
    assert told(report).count("has the factor") == 1


def test_the_factor_of_a_loss_is_held_against_what_was_meant():
    meant = TOKENS * np.where(LOSS == "aux", 0.1, 1)
    assert "has the factor" not in told(read(meant, mean=meant))
    report = read(TOKENS * np.where(LOSS == "aux", 0.1 / 5, 1), mean=meant, counts={"M": AUX})
    assert "Loss aux, against what was meant, has the factor 1 / 5, and 5 = " in told(report)


def test_a_factor_that_no_count_makes_is_a_matter_of_choice():
    assert "has the factor" not in told(read(TOKENS * np.where(LOSS == "aux", 0.137, 1)))


def test_a_loss_as_meant_is_not_said_to_have_the_factor_that_tokens_make():
    """Terms of 5 tokens each: their weights add up to less than 1, and nothing is wrong."""
    options = {"groups": {**GROUPS, "tokens": np.full(len(LOSS), 5)}, "counts": {"T": 5}}
    weights = TOKENS * np.where(LOSS == "aux", 0.137, 1)
    assert "has the factor" not in told(read(weights / 5, **options))
    assert "Loss main has the factor 5 = T" in told(read(weights, **options))


@pytest.mark.parametrize("mean", [None, "sum of loss means"])
def test_weights_of_terms_of_several_tokens_are_added_up_as_they_are(mean):
    groups = {**GROUPS, "tokens": np.full(len(LOSS), 3)}
    report = read(of_means(["aux"]) / 3, groups=groups, mean=mean, counts={"N": 9, "B": 3})
    assert report.mean == "mean of micro-batch means in loss aux and the token mean in loss main"
    assert report.factors == pytest.approx({"main": 1 / 3, "aux": 1 / 3})
    assert "has the factor" not in told(report)


def test_padding_that_brings_nothing_is_not_held_against_a_loss():
    terms = np.random.default_rng(0).standard_normal((len(LOSS), 40))
    padding = np.isin(np.arange(len(LOSS)), [3, 13, 14])
    terms[padding] = 0
    meant = TOKENS.copy()  # padding included
    gradient = (meant * np.where(LOSS == "aux", 0.137, 1)) @ terms
    report = audit_weights(gradient, terms, {**GROUPS, "padding": padding}, meant)
    said = told(report)
    assert "has the factor" not in said
    assert "Meant were 0.6 for aux and 0.9167 for main." in said


def test_a_factor_of_a_loss_that_counts_its_padding_is_named_by_that_count():
    terms = np.random.default_rng(0).standard_normal((len(LOSS), 40))
    padding = np.isin(np.arange(len(LOSS)), [3, 13, 14])
    terms[padding] = 0
    groups = {"loss": LOSS, "padding": padding}
    said = told(audit_weights(TOKENS * np.where(LOSS == "aux", 0.137, 1) @ terms, terms, groups))
    assert "1.09091 = entries with padding of main / tokens of main" in said


def test_means_that_count_the_terms_of_all_losses_are_told_from_those_within_each():
    sizes = np.bincount(MICRO_BATCH)[MICRO_BATCH]
    factors = np.where(LOSS == "aux", 0.3, 1)
    report = read(factors / sizes)
    name = "mean of micro-batch means, counted over all losses, within each loss"
    assert report.mean == name
    assert read(factors * of_means(["main", "aux"])).mean != name


def test_the_weights_of_a_loss_with_a_small_factor_have_to_fit_as_well():
    rng = np.random.default_rng(0)
    for factor in (1e-3, 1e-4):
        off = np.where(LOSS == "aux", factor * rng.uniform(0.999, 1.001, len(LOSS)), 1)
        assert read(TOKENS * off * 1e3).mean is None
        assert (
            read(TOKENS * np.where(LOSS == "aux", factor, 1)).mean == "token mean within each loss"
        )


def test_one_direction_does_not_tell_the_mean_of_a_loss():
    terms = np.random.default_rng(0).standard_normal((15, 60))
    terms[13:] = np.array([[2.0], [0.5]]) * terms[12]
    weights = np.r_[np.full(7, 1 / 14), np.full(5, 1 / 10), 0.3, 0.1, 0.9]
    groups = {"loss": ["main"] * 12 + ["aux"] * 3, "micro_batch": [0] * 7 + [1] * 5 + [0] * 3}
    assert audit_weights(weights @ terms, terms, groups).mean is None


def test_means_that_padding_tells_apart_are_one_where_its_gradient_is_zero():
    terms = np.random.default_rng(0).standard_normal((len(LOSS), 40))
    padding = np.arange(len(LOSS)) == 3  # of the main loss alone
    terms[padding] = 0
    groups = {"loss": LOSS, "padding": padding}
    report = audit_weights(TOKENS * np.where(LOSS == "aux", 2, 1) @ terms, terms, groups)
    assert report.mean == "token mean within each loss"
    assert "add up to ." not in told(report)


def test_a_power_of_two_over_a_count_is_said_as_that():
    assert names_of(64 / 11, {"N": 11}) == ["2^6 / N"]
    assert names_of(64 * 11, {"N": 11}) == ["2^6 · N"]


# What is said where only a part is as meant


def test_factors_that_are_as_meant_are_not_called_other_ones():
    said = told(read(of_means(["aux"]), mean="sum of loss means"))
    assert "with a factor of its own" not in said
    assert "As a whole each weighs as meant; inside, the mean is another." in said
    other = told(read(of_means(["aux"]) * np.where(LOSS == "aux", 0.3, 1), mean=TOKENS))
    assert "with a factor of its own for each" in other
    assert "Meant were 1 for aux and 1 for main." in other


def test_micro_batches_that_weigh_nothing_are_told_from_clips():
    last = np.where(MICRO_BATCH == 1, TOKENS, 0)
    said = told(read(last, mean=TOKENS))
    assert "A clip of each" not in said
    assert "cleared before the step" in said or "weigh nothing" in said
    groups = {"micro_batch": MICRO_BATCH}
    only = told(read(np.where(MICRO_BATCH == 1, 1 / 17, 0), groups=groups, mean="token mean"))
    assert "A clip of each" not in only


@pytest.mark.parametrize("width", [5, 20])
@pytest.mark.parametrize("mean", [TOKENS, None])
def test_arrays_are_set_aside_only_if_the_others_hold_enough_equations(mean, width):
    """The heads are as meant; what stands below them is not, and has as many numbers as terms."""
    rng = np.random.default_rng(0)
    widths = {"emb": 15, "lstm": 40, "tag": width, "read": width}
    terms = {name: rng.standard_normal((17, n)) for name, n in widths.items()}
    found = {name: TOKENS @ part for name, part in terms.items()}
    for name in ("emb", "lstm"):
        found[name] = rng.standard_normal(widths[name])
    report = audit_weights(found, terms, GROUPS, mean)
    said = told(report)
    assert "the others are explained" not in said or "emb and lstm are set aside" in said
    if mean is not None and width == 20:
        assert report.mean == "meant weights"
    elif mean is not None:
        assert "The weights that were meant explain tag and read, and not emb and lstm." in said


def test_two_biases_of_one_sum_are_one_equation():
    rng = np.random.default_rng(0)
    part = rng.standard_normal((17, 24))
    terms = {"b_ih": part, "b_hh": part, "wrong": rng.standard_normal((17, 40))}
    found = {"b_ih": part.T @ TOKENS, "b_hh": part.T @ TOKENS, "wrong": rng.standard_normal(40)}
    random = rng.standard_normal(24)
    report = audit_weights({**found, "b_ih": random, "b_hh": random}, terms, GROUPS)
    assert report.mean is None
    assert "set aside" not in told(report)


def test_what_is_parallel_is_said_shortly_where_nothing_hangs_on_it():
    terms = np.random.default_rng(0).standard_normal((17, 40))
    terms[3] = 2 * terms[2]
    said = told(audit_weights(TOKENS @ terms, terms, GROUPS))
    assert "are parallel: only what they weigh together is told." in said
    assert "was not copied" not in said
