"""What is said beside a verdict: of the factor, of groups with one of their own, of the rest."""

import numpy as np
import pytest
from weighed import LENGTHS, MASK, grid, labels, layer, terms, times

from lstm_src import audit_weights
from lstm_src.checks.trees import tree_map

N = int(MASK.sum())
LAYER = layer(np.float64)
TERMS = terms(LAYER.pull)
TOKENS, SEQUENCES = LAYER.pull(MASK / N), LAYER.pull(MASK / LENGTHS / 4)
KEYS = {
    "micro_batch": "micro-batch",
    "worker": "worker",
    "window": "window",
    "sequence": "sequence",
    "step": "step",
}


def told(report):
    return " ".join(str(report).split())


# The factor beside the mean


def test_one_factor_changes_no_direction_but_another_mean_does():
    groups = labels("sequence")
    other = told(audit_weights(times(3, SEQUENCES), TERMS, groups, "token mean"))
    assert "The other mean changes the direction, it does not." in other
    for mean in ("mean of sequence means", None):
        said = told(audit_weights(times(3, SEQUENCES), TERMS, groups, mean))
        assert "It changes no direction." in said
        assert "other mean" not in said


def test_what_equals_a_count_is_to_be_followed():
    said = told(audit_weights(times(16, TOKENS), TERMS, labels("sequence"), "token mean"))
    assert "The factor is 16 = sequences · sequences. Change that count to see if it fol" in said
    said = told(audit_weights(times(2.0**16, TOKENS), TERMS, labels("sequence"), "token mean"))
    assert "Change" not in said.partition("as a loss scale is.")[2].partition("One factor")[0]


# Factors of groups


def split(factors, key):
    """Return the gradient of the token mean with a factor for each group, in turn."""
    codes = labels(key)[key]
    names = np.unique(codes)
    each = dict(zip(names, np.resize(factors, len(names)), strict=True))
    return LAYER.pull(grid([each[c] / N for c in codes])), each


@pytest.mark.parametrize("key", KEYS)
def test_a_factor_of_each_group_is_no_mean_and_said(key):
    gradient, each = split([1.3, 0.37, 1.9], key)
    report = audit_weights(gradient, TERMS, labels(key), "token mean")
    assert report.mean is None
    assert report.within == f"token mean within each {KEYS[key]}"
    counts = {name: np.sum(labels(key)[key] == name) for name in each}
    expected = {str(name): factor * counts[name] / N for name, factor in each.items()}
    assert {str(k): v for k, v in report.factors.items()} == pytest.approx(expected)
    assert "Not as meant, the token mean: none of the means" in told(report)
    assert f"Each {KEYS[key]} has a factor of its own." in told(report)


def test_groups_whose_terms_differ_among_themselves_have_no_mean_inside():
    weights = np.random.default_rng(0).uniform(0.5, 1.5, N) / N
    report = audit_weights(LAYER.pull(grid(weights)), TERMS, labels(*KEYS), "token mean")
    assert report.within is None
    assert not report.factors


def test_a_mean_of_means_is_named_and_not_taken_apart():
    report = audit_weights(SEQUENCES, TERMS, labels(*KEYS), "token mean")
    assert report.mean == "mean of sequence means"
    assert report.within is None


def losses(factor):
    codes = labels("loss")["loss"]
    counts = {name: np.sum(codes == name) for name in ("policy", "value")}
    weights = [1 / counts[c] * {"policy": 1, "value": factor}[c] for c in codes]
    return audit_weights, LAYER.pull(grid(weights))


@pytest.mark.parametrize(
    ("mean", "start", "said"),
    [
        (None, "The weights of the token mean within each loss", "no gradient says"),
        ("sum of loss means", "Not as meant, the sum of loss means:", "Meant were 1 for policy"),
    ],
)
def test_what_each_loss_weighs_is_held_against_what_was_meant(mean, start, said):
    audit, gradient = losses(0.25)
    report = audit(gradient, TERMS, labels("loss"), mean)
    assert str(report).startswith(start)
    assert said in told(report)
    assert "add up to 1 for policy and 0.25 for value." in told(report)
    assert ("no gradient says" in told(report)) == (mean is None)


def test_a_loss_that_weighs_nothing_weighs_nothing():
    audit, gradient = losses(-1.2e-16)
    assert "1 for policy and nothing for value." in told(audit(gradient, TERMS, labels("loss")))


def test_arrays_with_factors_are_not_called_wrong_where_nothing_was_meant():
    gradient = TOKENS._replace(W_x=2 * TOKENS.W_x, W_h=3 * TOKENS.W_h, b=5 * TOKENS.b)
    for mean, start in [(None, "The weights of the token mean"), ("token mean", "Not as meant: ")]:
        report = audit_weights(gradient, TERMS, labels("sequence"), mean)
        assert str(report).startswith(start)
        assert "with a factor of its own in each array." in told(report)


# What is left over


def test_what_is_left_over_is_the_least_that_any_weights_leave():
    rng = np.random.default_rng(0)
    gradient = tree_map(lambda a: a.copy(), TOKENS)
    gradient.b[:] += 1e-3 * rng.standard_normal(gradient.b.shape)
    gradient.W_x[:] += 40 * rng.standard_normal(gradient.W_x.shape)
    report = audit_weights(gradient, TERMS, labels("sequence"))

    flat = np.stack([np.concatenate([a.ravel() for a in term]) for term in TERMS], axis=1)
    target = np.concatenate([a.ravel() for a in gradient])
    left = target - flat @ np.linalg.lstsq(flat, target)[0]
    assert report.residual == pytest.approx(np.linalg.norm(left) / np.linalg.norm(target))
    assert report.residual < 1


def test_a_state_that_was_reset_is_among_what_may_be_left_over_and_no_wider_type_is_advised():
    halves = [MASK * (np.arange(len(MASK))[:, None] // 7 == w) / N for w in range(3)]
    gradient = tree_map(lambda *a: sum(a), *(shortened(half) for half in halves))
    report = audit_weights(gradient, TERMS, labels("sequence", "window"), "token mean")
    assert report.mean is None
    assert "a state that is detached or reset in the step and not in the terms" in told(report)
    assert "float64" not in told(report)
    assert "Take data or parameters" not in told(report)


def shortened(weights):
    """Return a gradient whose carried part is scaled down, as at the edge of a window."""
    return tree_map(np.add, LAYER.pull(weights), times(0.01, LAYER.params))


def test_terms_of_which_nothing_is_known_share_a_row():
    rng = np.random.default_rng(0)
    gradient = tree_map(lambda a: a + rng.standard_normal(a.shape), TOKENS)
    report = audit_weights(gradient, TERMS, {"sequence": labels("sequence")["sequence"]})
    rows = report.report.rows
    assert len(rows) < 12
    assert sum(int(row[1]) for row in rows) == N


# What is left out


def test_what_is_none_everywhere_is_left_out_and_named():
    def tree(gradient):
        return {"lstm": gradient, "embedding": None}

    trees = [tree(term) for term in TERMS]
    report = audit_weights(tree(TOKENS), trees, labels("sequence"), "token mean")
    assert report.as_meant
    assert "None in the gradient and in all terms: embedding." in told(report)
    asked = audit_weights(tree(TOKENS), lambda k: trees[k], labels("sequence"), "token mean")
    assert str(asked) == str(report)


@pytest.mark.parametrize("missing", ["gradient", "term"])
def test_what_is_none_in_one_of_them_is_refused(missing):
    gradient = {"W": TOKENS.W_x, "b": None if missing == "gradient" else TOKENS.b}
    trees = [{"W": term.W_x, "b": term.b} for term in TERMS]
    trees[3]["b"] = None if missing == "term" else trees[3]["b"]
    with pytest.raises((TypeError, ValueError), match=r"terms\[\d\]"):
        audit_weights(gradient, trees, labels("sequence"))


def test_nothing_but_none_is_refused():
    with pytest.raises(TypeError, match="gradient: b: expected an array, got None"):
        audit_weights({"b": None}, [{"b": None}] * 3)


def rows(count, sizes=None, width=60):
    """Return terms of random numbers, of some sizes."""
    terms = np.random.default_rng(0).standard_normal((count, width))
    return terms if sizes is None else terms * np.asarray(sizes)[:, None]


def test_exceptions_are_held_against_the_terms_that_are_told():
    """Ten terms of twenty drown in the rounding of float16: of these nothing is claimed."""
    terms = rows(20, [1.0] * 10 + [1e-4] * 10)
    weights = np.full(20, 1 / 20)
    weights[[3, 15]] *= 3
    report = audit_weights(
        (weights @ terms).astype(np.float16), terms, {"sequence": np.arange(20) % 4}
    )
    line, said = str(report).splitlines()[0], " ".join(str(report).split())
    assert line == "The token mean (told by 10 of 20 terms), but for 1 of 20 terms."
    assert (
        "All others that are told have the weights of the token mean. Term 3 (sequence 3) w" in said
    )
    assert "All other terms" not in said
    assert "all others that are known 9 0.05 " in said
    assert "terms that are not known 10 not known" in said


def test_what_is_known_of_single_terms_is_no_exception_from_another_mean():
    """Two parallel terms weigh too little together; the padding weighs nothing, as it should."""
    padding = np.arange(12) % 4 == 3
    terms = rows(12)
    terms[5] = 2 * terms[4]
    weights = np.where(padding, 0.0, 1 / 12)
    weights[4] *= 0.1
    groups = {"padding": padding, "loss": [0, 1] * 6}
    report = audit_weights(weights @ terms, terms, groups, "token mean")
    said = " ".join(str(report).split())
    assert report.nearest is None
    assert (
        "The weights that are known of single terms are those of the token mean, padding counted. "
        "What the others weigh together is not." in said
    )


def test_a_mean_that_weights_come_near_is_named_with_its_factor():
    weights = np.full(40, 1 / 80) * (1 + 0.01 * (-1.0) ** np.arange(40))
    report = audit_weights(weights @ rows(40), rows(40), {"sequence": np.arange(40) // 3})
    assert "come within 1% of those of the token mean times 0.5," in " ".join(str(report).split())


def test_exceptions_that_are_no_whole_groups_are_listed():
    """Each loss has the same ratio to what was meant, but padding weighs something in places."""
    padding = np.arange(24) % 4 == 3
    weights = np.full(24, 1 / 24)
    weights[[3, 7]] = 0
    groups = {"padding": padding, "loss": np.arange(24) // 12}
    report = audit_weights(weights @ rows(24), rows(24), groups, "token mean")
    said = " ".join(str(report).split())
    assert report.nearest == "mean over all entries, padding included"
    assert "Term 3 (loss 0, padding) weighs nothing; term 7 (loss 0, padding) weighs n" in said


def test_where_all_weights_are_known_nothing_is_said_of_others():
    """A millionth off, too far for the token mean; and no term is left that could be it."""
    off = np.array([0.0] * 21 + [1.0] * 18 + [-1.0])
    weights = np.full(40, 1 / 40) * (1 + 0.9e-6 * off)
    report = audit_weights(weights @ rows(40), rows(40), {"sequence": np.arange(40) // 3})
    said = " ".join(str(report).split())
    assert report.mean is None
    assert "What the others weigh together" not in said
    assert "come within 9e-07 of those of the token mean, and no nearer" in said


def test_an_exception_that_is_hardly_one_has_the_digits_that_show_it():
    weights = np.full(40, 1 / 40)
    weights[7] *= 1 + 3e-6
    report = audit_weights(weights @ rows(40), rows(40), {"sequence": np.arange(40) // 3})
    assert "Term 7 (sequence 2) weighs 1.000003 times that" in " ".join(str(report).split())


def test_weights_that_miss_a_mean_by_rounding_are_no_exceptions_from_another():
    """Padding weighs as all others, a millionth off: no token mean but for the padding."""
    off = np.array([0.0] * 21 + [1.0] * 18 + [-1.0])
    weights = np.full(40, 1 / 40) * (1 + 0.9e-6 * off)
    report = audit_weights(weights @ rows(40), rows(40), {"padding": np.arange(40) == 2})
    assert report.nearest is None
    said = " ".join(str(report).split())
    assert "come within 9e-07 of those of the mean over all entries, padding included," in said


# Two kinds of groups at once


def two_losses(factors):
    """Return the report on two losses, a mean each; the first times a factor of each micro-batch.

    Meant are the two means, given as weights.
    """
    groups = labels("loss", "micro_batch", "worker")
    policy = groups["loss"] == "policy"
    meant = np.where(policy, 1 / policy.sum(), 0.1 / (~policy).sum())
    found = meant * np.where(policy, np.asarray(factors)[groups["micro_batch"]], 1)
    return audit_weights(LAYER.pull(grid(found)), TERMS, groups, meant)


def test_factors_of_one_loss_in_each_micro_batch_are_shown_by_both():
    report = two_losses([0.72, 1.6])
    assert report.mean is None
    rows = [row[:2] + row[-1:] for row in report.report.rows]
    counts = {row[0]: row[2] for row in rows}
    assert counts == {
        "loss policy, micro-batch 0": "0.72",
        "loss policy, micro-batch 1": "1.6",
        "loss value, micro-batch 0": "1",
        "loss value, micro-batch 1": "1",
    }
    said = told(report)
    assert "a term of loss policy, micro-batch 1 weighs 2.222 times one of loss policy" in said
    assert "Terms with the same loss and micro-batch weigh alike" in said
    assert "With their labels in groups" not in said


def test_labels_with_hardly_more_than_a_term_each_explain_nothing():
    groups = labels("step", "micro_batch")
    cells = 2 * groups["step"] + groups["micro_batch"]
    found = np.random.default_rng(0).uniform(0.5, 1.5, cells.max() + 1)[cells] / N
    report = audit_weights(LAYER.pull(grid(found)), TERMS, groups, "token mean")
    assert len(np.unique(cells)) < N
    assert "weigh alike" not in told(report)


def test_meant_weights_are_no_other_name_of_the_mean_within_each_loss():
    report = two_losses([0.5, 0.5])
    assert report.mean == "token mean within each loss"
    assert not report.alike
    assert "the token mean within each loss, with a factor of its own for each." in told(report)
    assert "To tell them apart" not in told(report)


def test_padding_that_counts_is_among_what_may_be_left_over():
    everything = LAYER.pull(np.ones(MASK.shape) / MASK.size)
    report = audit_weights(everything, TERMS, labels("sequence"), "token mean")
    assert report.unexplained
    assert "padding that counts" in told(report)
