"""What `audit_weights` takes, in which forms, and what it refuses by name."""

import tracemalloc

import numpy as np
import pytest

from lstm_src import audit_probe, audit_weights
from lstm_src.checks.weights import columns
from lstm_src.checks.weights.labels import take_groups
from lstm_src.checks.weights.means import means_of

RNG = np.random.default_rng(0)
TERMS = {"a": RNG.standard_normal((6, 5, 4)), "b": RNG.standard_normal((6, 9))}
SEQUENCE = [0, 0, 1, 1, 1, 1]
WEIGHTS = np.array([2, 2, 1, 1, 1, 1]) / 8
GRADIENT = {path: np.tensordot(WEIGHTS, array, 1) for path, array in TERMS.items()}


def one(k):
    return {path: array[k] for path, array in TERMS.items()}


@pytest.mark.parametrize(
    "terms",
    [
        TERMS,
        [one(k) for k in range(6)],
        (one(k) for k in range(6)),
        (one, 6),
        one,
    ],
    ids=["stacked", "list", "iterator", "callable and K", "callable"],
)
def test_terms_come_in_several_forms(terms):
    report = audit_weights(GRADIENT, terms, {"sequence": SEQUENCE})
    assert report.mean == "mean of sequence means"
    np.testing.assert_allclose(report.weights, WEIGHTS, rtol=1e-12)


def test_a_list_of_arrays_is_a_list_of_terms_and_an_array_has_its_axis_in_front():
    flat = TERMS["b"]
    for terms in (flat, list(flat)):
        report = audit_weights(GRADIENT["b"], terms, {"sequence": SEQUENCE})
        assert report.mean == "mean of sequence means"


def test_labels_may_be_names_and_weights_may_be_meant():
    groups = {"sequence": ["first"] * 2 + ["second"] * 4}
    report = audit_weights(GRADIENT, TERMS, groups, mean=WEIGHTS)
    assert report.as_meant
    assert report.mean == "meant weights"
    assert report.alike == ("mean of sequence means",)
    off = audit_weights(GRADIENT, TERMS, groups, mean=2 * WEIGHTS)
    assert not off.as_meant
    assert "a term of sequence first weighs 2 times one of sequence second" in " ".join(
        str(audit_weights(GRADIENT, TERMS, groups, "DAPO")).split()
    )


def test_many_parameters_are_projected_and_the_weights_come_back(monkeypatch):
    rng = np.random.default_rng(1)
    terms = {"a": rng.standard_normal((12, 40, 1000)), "b": rng.standard_normal((12, 30_011))}
    weights = np.repeat([1 / 6, 1 / 18], [3, 9])
    gradient = {path: np.tensordot(weights, array, 1) for path, array in terms.items()}
    groups = {"sequence": np.repeat([0, 1], [3, 9])}
    monkeypatch.setattr(columns, "ENTRIES", 40_000)
    report = audit_weights(gradient, terms, groups, "token mean")
    assert "projected at random" in str(report)
    assert report.mean == "mean of sequence means"
    np.testing.assert_allclose(report.weights, weights, rtol=1e-10)
    again = audit_weights(gradient, terms, groups, "token mean")
    np.testing.assert_array_equal(report.weights, again.weights)
    gradient["b"][7] += 1.0  # one entry of seventy thousand
    wrong = audit_weights(gradient, terms, groups, "token mean")
    assert wrong.unexplained == ("b",)
    length = np.sqrt(sum((g**2).sum() for g in gradient.values()))
    assert wrong.residual == pytest.approx(1 / length, rel=0.2)


def test_many_terms_are_solved_by_the_normal_equations(monkeypatch):
    from lstm_src.checks.weights import solve

    rng = np.random.default_rng(2)
    terms = rng.standard_normal((60, 800))
    terms[7] = -3 * terms[5]
    lengths = [5, 15, 40]
    weights = np.repeat(1 / np.array(lengths) / 3, lengths)
    groups = {"sequence": np.repeat([0, 1, 2], lengths)}
    whole = audit_weights(weights @ terms, terms, groups)
    monkeypatch.setattr(solve, "WHOLE", 10)
    report = audit_weights(weights @ terms, terms, groups)
    assert report.mean == whole.mean == "mean of sequence means"
    np.testing.assert_allclose(report.weights, whole.weights, rtol=1e-10)
    terms[20] = terms[21] + terms[22]
    dependent = audit_weights(weights @ terms, terms, groups)
    assert np.isnan(dependent.weights[[5, 7, 20, 21, 22]]).all()
    assert np.isfinite(np.delete(dependent.weights, [5, 7, 20, 21, 22])).all()
    random = np.exp(rng.standard_normal(60))
    assert audit_weights(random @ terms, terms, groups).mean is None


def test_nothing_is_changed():
    before = {path: array.copy() for path, array in TERMS.items()}
    audit_weights(GRADIENT, TERMS, {"sequence": SEQUENCE})
    assert all(np.array_equal(TERMS[path], before[path]) for path in TERMS)


REFUSED = {
    "groups no dict": ({"groups": [0] * 6}, TypeError, "groups: expected a dict of labels"),
    "unknown key": ({"groups": {"rank": SEQUENCE}}, ValueError, "keys among sequence.*'rank'"),
    "length": ({"groups": {"sequence": [0, 1]}}, ValueError, r"each of 6 terms, got shape \(2,\)"),
    "padding": ({"groups": {"padding": [2] * 6}}, ValueError, "padding.*expected 0 and 1 alone"),
    "padding alone": ({"groups": {"padding": [1] * 6}}, ValueError, "got padding alone"),
    "tokens": ({"groups": {"tokens": [0] * 6}}, ValueError, "tokens.*at least 1"),
    "class weights": ({"groups": {"class_weight": [0] * 6}}, ValueError, "class_weight.*above 0"),
    "mean": ({"mean": "harmonic mean"}, ValueError, "mean: expected weights, or one of token mean"),
    "labels missing": ({"mean": "GRPO"}, ValueError, "needs its labels in groups"),
    "length missing": ({"mean": "Dr. GRPO"}, ValueError, '"max_length" among counts'),
    "weights": ({"mean": [1.0, 2.0]}, ValueError, r"mean: expected shape \(6,\), got \(2,\)"),
    "zero weights": ({"mean": [0.0] * 6}, ValueError, "mean: expected finite numbers"),
    "texts": ({"mean": ["a"] * 6}, TypeError, "mean: expected a name or 6 numbers"),
    "counts": ({"counts": {"W": -2}}, ValueError, "counts: expected positive numbers"),
    "rng": ({"rng": 0}, TypeError, "rng: expected numpy.random.Generator"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_options_are_refused_by_name(case):
    options, error, words = REFUSED[case]
    with pytest.raises(error, match=words):
        audit_weights(GRADIENT, TERMS, **options)


@pytest.mark.parametrize(
    ("gradient", "terms", "error", "words"),
    [
        (GRADIENT, [], ValueError, "terms: expected at least one term"),
        (GRADIENT, 3.0, TypeError, "terms: expected a list of trees"),
        (GRADIENT, one, TypeError, "terms: expected .callable, K., or groups that say K"),
        (GRADIENT, (one, 0), ValueError, r"terms\[1\]: expected at least 1"),
        (GRADIENT, [{"a": TERMS["a"][0]}], ValueError, r"terms\[0\]: expected the names"),
        (GRADIENT, [GRADIENT, one(0) | {"b": np.ones(3)}], ValueError, r"terms\[1\]: b: expected"),
        (GRADIENT, [one(0) | {"b": np.full(9, np.nan)}], ValueError, "expected finite numbers"),
        (GRADIENT, TERMS | {"b": TERMS["b"][:5]}, TypeError, "of one length"),
        ({"a": None}, [{"a": 0}], TypeError, "gradient: a: expected an array, got None"),
        ({"a": np.array([np.inf])}, [{"a": 0}], ValueError, "gradient: a: expected finite"),
    ],
)
def test_wrong_gradients_are_refused_by_name(gradient, terms, error, words):
    with pytest.raises(error, match=words):
        audit_weights(gradient, terms)


TOTAL = np.zeros(3)


def piling(k):
    """Return what is left when no gradient is set to zero before the next."""
    TOTAL[k] += 1
    return TOTAL


LABELS_REFUSED = {
    "None": ({"sequence": [None, 0, 0]}, TypeError, "groups.'sequence'.: .* got NoneType, int"),
    "nan": ({"sequence": [0.0, np.nan, 1.0]}, ValueError, "groups.'sequence'.: expected finite"),
    "ragged": ({"sequence": [[0], [1, 2], 3]}, ValueError, "groups.'sequence'.: expected one"),
    "no tokens": ({"tokens": [3, 0, 1]}, ValueError, "leave a term of no tokens out"),
    "list": ([0, 1, 2], TypeError, "groups: expected a dict of labels, got list"),
    "one label": ({"sequence": 3}, TypeError, "groups that say K"),
}


@pytest.mark.parametrize("case", LABELS_REFUSED)
def test_wrong_labels_are_refused_by_name_beside_a_callable(case):
    groups, error, words = LABELS_REFUSED[case]
    with pytest.raises(error, match=words):
        audit_weights(np.ones(3), lambda k: np.eye(3)[k], groups)


@pytest.mark.parametrize(
    ("gradient", "terms", "error", "words"),
    [
        (np.ones(3), (lambda k: None, 3), TypeError, r"terms\(0\): .* it returned None"),
        (np.ones(3), (piling, 3), ValueError, "terms: expected the same gradient of term 0"),
        (np.full(3, 1e250), 1e-100 * np.eye(3), ValueError, "gradient: expected numbers of at"),
        (np.full(3, 1e300), np.zeros((2, 3)), ValueError, "gradient: expected numbers of at"),
        (np.ones(3000), (lambda k: np.ones(3000), 10**5), ValueError, "terms: expected fewer"),
    ],
)
def test_terms_that_cannot_be_read_are_refused_by_name(gradient, terms, error, words):
    with pytest.raises(error, match=words):
        audit_weights(gradient, terms)


def test_numbers_beyond_float64_are_refused():
    large = np.full(3, np.finfo(np.longdouble).max)
    if np.isfinite(float(large[0])):  # longdouble is float64 on this machine
        return
    with pytest.raises(ValueError, match="terms: expected numbers that float64 can hold"):
        audit_weights(large, large * np.eye(3, dtype=np.longdouble))


def test_labels_gradients_and_terms_may_be_iterators():
    groups = {"sequence": (s for s in SEQUENCE)}
    whole, parts = iter(GRADIENT.values()), [iter(one(k).values()) for k in range(6)]
    assert audit_weights(whole, parts, groups).mean == "mean of sequence means"
    groups = {"sequence": (s for s in SEQUENCE)}
    assert audit_weights(GRADIENT, one, groups).mean == "mean of sequence means"


# The means by themselves


@pytest.mark.parametrize("seed", range(5))
def test_every_mean_of_plain_labels_adds_up_to_1(seed):
    rng = np.random.default_rng(seed)
    groups = {key: rng.integers(0, 3, 20) for key in ("sequence", "micro_batch", "worker")}
    groups["class_weight"] = rng.choice([0.5, 2.0], 20)
    for mean in means_of(take_groups(groups, 20), {}):
        if mean.name.startswith("mean of") and "plain count" not in mean.name:
            assert mean.weights.sum() == pytest.approx(1), mean.name


def test_means_of_sums_are_those_of_their_tokens():
    lengths = np.array([3, 17, 6])
    whole = {
        m.name: m.weights
        for m in means_of(take_groups({"sequence": range(3), "tokens": lengths}, 3), {})
    }
    np.testing.assert_allclose(whole["token mean"], 1 / 26)
    np.testing.assert_allclose(whole["mean of sequence means"], 1 / lengths / 3)


# What is shown


def test_the_picture_has_a_bar_for_each_group_and_says_what_is_seen():
    report = audit_weights(GRADIENT, TERMS, {"sequence": ["<b>", "<b>", 1, 1, 1, 1]}, "DAPO")
    page = report._repr_html_()
    assert page.count("<rect") == page.count("<line") == 2
    assert 'role="img"' in page
    assert "currentColor" in page
    assert "sequence 1: 0.125; sequence &lt;b&gt;: 0.25." in page
    assert "<b>" not in page
    plain = audit_weights(GRADIENT, TERMS, {"sequence": SEQUENCE})._repr_html_()
    assert "<line" not in plain


def test_long_tables_are_cut():
    rng = np.random.default_rng(3)
    terms = rng.standard_normal((100, 500))
    report = audit_weights(np.exp(rng.standard_normal(100)) @ terms, terms)
    assert len(report.report.rows) == 41
    assert report.report.rows[-1][0] == "and 60 more"
    assert report._repr_html_().count("<rect") == 40


@pytest.mark.parametrize("size", [1e-119, 1e-60, 1e60, 1e149])
def test_a_gradient_of_any_size_is_read(size):
    terms = np.random.default_rng(0).standard_normal((8, 40))
    lengths = [0, 0, 0, 1, 1, 2, 2, 2]
    weights = np.array([1 / 9] * 3 + [1 / 6] * 2 + [1 / 9] * 3)
    for report in (
        audit_weights(size * (weights @ terms), terms, {"sequence": lengths}),
        audit_probe(size * weights, np.ones(8), {"sequence": lengths}),
    ):
        assert report.mean == "mean of sequence means"
        assert report.factor == pytest.approx(size)


@pytest.mark.parametrize("size", [1e-300, 1e-150, 1e-130])
def test_a_gradient_that_is_next_to_nothing_is_refused(size):
    terms = np.random.default_rng(0).standard_normal((8, 40))
    text = r"gradient: expected 0, or numbers of at least 1e-120 times those of the "
    with pytest.raises(ValueError, match=text + "terms"):
        audit_weights(size * terms.mean(axis=0), terms)
    with pytest.raises(ValueError, match=text + "slopes"):
        audit_probe(size * np.full(8, 1 / 8), np.ones(8))


def test_too_many_terms_are_refused_before_arrays_of_their_number_are_made():
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="terms: expected fewer, got 100,000,000"):
            audit_weights(np.ones(3), (lambda k: np.ones(3), 10**8))
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()
