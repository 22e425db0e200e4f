"""`audit_weights` names each reduction over random ragged batches, and notices another weight."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from modelled import problem, run
from test_own_loss import COUNTS, NAMES, PADDED, ROOM, audited

from lstm_src import audit_weights
from lstm_src.checks.trees import tree_map
from lstm_src.training import REDUCTIONS, reduction_weights

LENGTHS = st.lists(st.integers(1, 6), min_size=2, max_size=4)
"""Of two sequences at least: a single term is a mean of any kind."""


@st.composite
def batches(draw):
    """Return a batch of 2 to 4 sequences, padded by up to two steps more than the longest needs."""
    lengths = draw(LENGTHS)
    steps = max(lengths) + draw(st.integers(0, 2))
    return problem(lengths, draw(st.integers(0, 10_000)), steps=steps)


def said(at, weights, meant):
    """Return what the audit says of the gradient with these weights of its terms."""
    _, terms, groups = audited(at, "sum", padding=True)
    gradient = run(at, np.asarray(weights), mask=None).gradients.lstm
    return audit_weights(gradient, terms, groups, meant, counts=COUNTS)


def weights_of(at, reduction):
    return reduction_weights(reduction, at.mask, max_length=ROOM)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@settings(max_examples=5)
@given(at=batches())
def test_every_reduction_of_every_batch_is_named(reduction, at):
    assume(reduction not in PADDED or not at.mask.all())
    report = audit_weights(*audited(at, reduction, padding=True), reduction, counts=COUNTS)
    assert report.as_meant, report
    assert NAMES[reduction] in (report.mean, *report.alike)
    assert report.factor == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@settings(max_examples=5)
@given(at=batches(), which=st.integers(0, 99))
def test_one_token_that_weighs_more_is_noticed(reduction, at, which):
    assume(reduction not in PADDED or not at.mask.all())
    weights = weights_of(at, reduction)
    t, b = np.argwhere(at.mask)[which % at.mask.sum()]
    weights[t, b] *= 1.5
    assert not said(at, weights, reduction).as_meant


@settings(max_examples=8)
@given(at=batches(), divisor=st.floats(0.5, 20))
def test_no_number_after_the_sum_makes_a_mean_of_sequence_means(at, divisor):
    lengths = at.mask.sum(axis=0)
    assume(np.ptp(lengths) > 0)
    total, terms, groups = audited(at, "sum", padding=True)
    late = tree_map(lambda g: g / divisor, total)
    report = audit_weights(late, terms, groups, "sequence mean", counts=COUNTS)
    assert not report.as_meant
    assert "sequence means" not in report.mean


@settings(max_examples=8)
@given(length=st.integers(1, 6), B=st.integers(2, 4), seed=st.integers(0, 99))
def test_sequences_of_one_length_have_one_mean(length, B, seed):
    at = problem([length] * B, seed)
    total, terms, groups = audited(at, "sum")
    late = tree_map(lambda g: g / at.mask.sum(), total)
    assert audit_weights(late, terms, groups, "sequence mean").as_meant


@pytest.mark.parametrize("reduction", PADDED)
@settings(max_examples=5)
@given(at=batches())
def test_padding_in_the_count_is_no_token_mean(reduction, at):
    assume(not at.mask.all())
    assert not said(at, weights_of(at, reduction), "token mean").as_meant
