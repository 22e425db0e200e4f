"""Each reduction's gradient is that of its own loss, over random ragged batches, and is named.

The losses are written here by loops over sequences and tokens, without weights of terms.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelled import CLASS_WEIGHTS, K, apart, by_complex_step, everything, problem, run

from lstm_src import audit_weights
from lstm_src.checks import assert_mean
from lstm_src.checks.trees import tree_map
from lstm_src.training import REDUCTIONS

ROOM = 12
"""Tokens that an answer may have."""

PADDED = ("token mean, padding counted", "mean over all entries, padding included")
WEIGHTED = [name for name in REDUCTIONS if name not in PADDED]


def own_loss(reduction, terms, mask, weights):
    """Return the loss of a reduction: sums and divisions one after the other."""
    T, B = mask.shape
    if reduction == "mean over all entries, padding included":
        return sum(terms[t, b] for t in range(T) for b in range(B)) / (T * B)
    sums, counts = [], []
    for b in range(B):
        tokens = [t for t in range(T) if mask[t, b]]
        sums.append(sum(weights[t, b] * terms[t, b] for t in tokens))
        counts.append(sum(weights[t, b] for t in tokens))
    if reduction in ("sequence mean", "GRPO"):
        return sum(s / n for s, n in zip(sums, counts, strict=True)) / B
    divisor = {
        "sum": 1,
        "token mean": sum(counts),
        "DAPO": sum(counts),
        "batch mean": B,
        "token mean, padding counted": T * B,
        "Dr. GRPO": B * ROOM,
    }[reduction]
    return sum(sums) / divisor


def differs(at, reduction, class_weights=None, meant=None):
    """Return how far loss and gradients are from those of the loss that is meant."""
    found = run(at, reduction, class_weights=class_weights, max_length=ROOM)
    weights = np.ones(at.mask.shape) if class_weights is None else class_weights[at.labels]

    def own(terms):
        return own_loss(meant or reduction, terms, at.mask, weights)

    return apart(everything(found), by_complex_step(at, own))


@st.composite
def problems(draw):
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    at = problem(lengths, draw(st.integers(0, 10_000)), steps=draw(st.integers(max(lengths), 7)))
    holes = np.random.default_rng(draw(st.integers(0, 99))).random(at.mask.shape) < 0.2
    holes[0] = False  # a token stays in every sequence
    at.mask = at.mask & ~holes  # masks need no shape of their own: a prompt has no loss either
    return at


@pytest.mark.parametrize("reduction", REDUCTIONS)
@settings(max_examples=6)
@given(at=problems())
def test_a_gradient_is_that_of_its_own_loss(reduction, at):
    assert differs(at, reduction) <= 1e-12


@pytest.mark.parametrize("reduction", WEIGHTED)
@settings(max_examples=4)
@given(at=problems(), raw=st.lists(st.floats(0.1, 5), min_size=K, max_size=K))
def test_so_it_is_with_class_weights(reduction, at, raw):
    assert differs(at, reduction, np.array(raw)) <= 1e-12


@pytest.mark.parametrize("meant", REDUCTIONS)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_the_gradient_of_another_loss_fails(reduction, meant):
    same = {"GRPO": "sequence mean", "DAPO": "token mean"}
    if same.get(reduction, reduction) == same.get(meant, meant):
        assert differs(problem(), reduction, meant=meant) <= 1e-12
    else:
        assert differs(problem(), reduction, meant=meant) > 1e-2


def test_weights_of_classes_that_the_loss_lacks_fail():
    at = problem()
    plain = np.ones(at.mask.shape)
    expected = by_complex_step(at, lambda terms: own_loss("token mean", terms, at.mask, plain))
    found = run(at, "token mean", class_weights=CLASS_WEIGHTS)
    assert apart(everything(found), expected) > 1e-2


# What the audit calls them


def audited(at, reduction, *, padding=False, class_weights=None, **options):
    """Return the gradient, those of the single terms, and their labels."""
    places = np.argwhere(np.ones_like(at.mask) if padding else at.mask)
    terms = []
    for t, b in places:
        one = np.zeros(at.mask.shape)
        one[t, b] = 1
        terms.append(run(at, one, mask=None).gradients.lstm)
    groups = {"sequence": places[:, 1]}
    if padding:
        groups["padding"] = ~at.mask[*places.T]
    if class_weights is not None:
        groups["class_weight"] = class_weights[at.labels[*places.T]]
    whole = run(at, reduction, class_weights=class_weights, max_length=ROOM, **options)
    return whole.gradients.lstm, terms, groups


NAMES = {
    "sum": "sum",
    "token mean": "token mean",
    "sequence mean": "mean of sequence means",
    "batch mean": "batch mean",
    "GRPO": "mean of sequence means",
    "DAPO": "token mean",
    "Dr. GRPO": "Dr. GRPO",
    **{name: name for name in PADDED},
}
COUNTS = {"max_length": ROOM}


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_the_audit_names_every_reduction(reduction):
    audit = audited(problem(), reduction, padding=True)
    report = audit_weights(*audit, reduction, counts=COUNTS)
    assert report.as_meant, report
    assert report.mean == NAMES[reduction]
    assert report.factor == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("reduction", ["sum", "token mean", "sequence mean"])
def test_the_audit_names_weighted_reductions(reduction):
    audit = audited(problem(), reduction, class_weights=CLASS_WEIGHTS)
    name = f"{NAMES[reduction]}, class-weighted"
    report = audit_weights(*audit, name)
    assert report.as_meant, report
    assert report.mean == name


@pytest.mark.parametrize("reduction", REDUCTIONS[1:6])
def test_the_audit_says_no_to_another_reduction_and_to_a_factor(reduction):
    gradient, terms, groups = audited(problem(), "sum", padding=True)
    with pytest.raises(AssertionError):
        assert_mean(gradient, terms, groups, reduction)
    gradient, terms, groups = audited(problem(), reduction, padding=True, scale=0.5)
    with pytest.raises(AssertionError):
        assert_mean(gradient, terms, groups, reduction)
    assert_mean(tree_map(lambda a: 2 * a, gradient), terms, groups, reduction)
