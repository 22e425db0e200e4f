"""Weights read off training steps of the LSTM: each wrong count is named, and right ones pass."""

import numpy as np
import pytest
from weighed import (
    LENGTHS,
    MASK,
    MICRO_BATCH,
    SEQUENCES,
    STEPS,
    WINDOW,
    WORKER,
    added,
    grid,
    labels,
    layer,
    local_mean,
    of,
    terms,
    times,
)

from lstm_src import audit_scaling, audit_weights, check_gradients
from lstm_src.training import clip_by_norm

N = int(MASK.sum())
dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32])

# Each step below is written as the loop that makes the mistake, not as a formula of its weights.


def token_mean(pull):
    return local_mean(pull, MASK)


def sequence_means(pull):
    return pull(MASK / LENGTHS / SEQUENCES)


def micro_batch_means(pull, counted=None):
    rounds = [k == MICRO_BATCH for k in range(2)]
    counts = [None if counted is None else counted & here for here in rounds]
    parts = [local_mean(pull, of(h), c) for h, c in zip(rounds, counts, strict=True)]
    return times(1 / 2, added(parts))


def worker_means(pull):
    return times(1 / 2, added(local_mean(pull, of(w == WORKER)) for w in range(2)))


def worker_means_of_sequence_means(pull):
    mine = [of(w == WORKER) / LENGTHS / (w == WORKER).sum() for w in range(2)]
    return times(1 / 2, added(map(pull, mine)))


def worker_means_of_micro_batch_means(pull):
    """Worker 0 has sequences 0, 2 and 3, in two micro-batches."""
    mine = [np.arange(4) == 0, np.arange(4) >= 2]
    first = times(1 / 2, added(local_mean(pull, of(here)) for here in mine))
    return times(1 / 2, added([first, local_mean(pull, of(np.arange(4) == 1))]))


def windows(pull, full=False):
    """Every window is a mean of its own; its count is that of a full one, or its own."""
    t = np.arange(STEPS)[:, None] // WINDOW
    largest = max((MASK & (t == k)).sum() for k in range(3))
    return added(
        pull((MASK & (t == k)) / (largest if full else (MASK & (t == k)).sum())) for k in range(3)
    )


def step_means(pull):
    return added(
        pull(MASK * (np.arange(STEPS) == t)[:, None] / MASK[t].sum()) for t in range(STEPS)
    )


def class_weighted(pull, micro=False):
    w = grid(labels("class_weight")["class_weight"])
    parts = [w * of(k == MICRO_BATCH) for k in range(2)] if micro else [w]
    return times(1 / len(parts), added(pull(part / part.sum()) for part in parts))


def two_losses(pull, one_count=False):
    value = MASK & (np.arange(STEPS) % 3 == 0)[:, None]
    parts = [value, MASK & ~value]
    return added(pull(part / (N if one_count else part.sum())) for part in parts)


def seen_twice(pull):
    again = np.zeros((STEPS, SEQUENCES))
    again[2, 1] = 1
    return times(1 / N, added([pull(MASK), pull(again)]))


def mixed_objectives(pull):
    """The first micro-batch goes by tokens, the second by sequences."""
    first, second = (of(k == MICRO_BATCH) for k in range(2))
    return added([pull(first / N), pull(second / LENGTHS / SEQUENCES)])


def padding_in(pull, counted_only=False):
    return pull((MASK if counted_only else np.ones_like(MASK)) / MASK.size)


SEQ, MB, W, T, WIN, PAD = "sequence", "micro_batch", "worker", "step", "window", "padding"
FAULTS = {
    "sequence for token": (sequence_means, (SEQ,), "token mean", "mean of sequence means", 1),
    "token for sequence": (token_mean, (SEQ,), "sequence mean", "token mean", 1),
    "GRPO for DAPO": (sequence_means, (SEQ, MB), "DAPO", "mean of sequence means", 1),
    "DAPO for GRPO": (token_mean, (SEQ, MB), "GRPO", "token mean", 1),
    "DAPO for Dr. GRPO": (token_mean, (SEQ,), "Dr. GRPO", "token mean", 1),
    "micro-batches": (
        micro_batch_means, (SEQ, MB), "token mean", "mean of micro-batch means", 1,
    ),
    "micro-batches added up": (
        lambda p: times(2, micro_batch_means(p)),
        (MB,), "mean of micro-batch means", "mean of micro-batch means", 2,
    ),
    "workers": (worker_means, (SEQ, W), "token mean", "mean of worker means", 1),
    "workers of sequences": (
        worker_means_of_sequence_means, (SEQ, W),
        "token mean", "mean of sequence means", 1,
    ),
    "padding counted": (
        lambda p: padding_in(p, True), (SEQ, PAD), "token mean", "token mean, padding counted", 1,
    ),
    "padding trained on": (
        padding_in, (SEQ, PAD),
        "token mean", "mean over all entries, padding included", 1,
    ),
    "padding counted in micro-batches": (
        lambda p: micro_batch_means(p, np.arange(STEPS)[:, None] < np.array([17, 17, 9, 9])),
        (MB,), "token mean", None, None,
    ),
    "windows": (windows, (SEQ, WIN), "token mean", "mean of window means", 3),
    "last window by the full count": (
        lambda p: windows(p, full=True), (WIN,),
        "mean of window means", "token mean", N / 23,
    ),
    "steps": (step_means, (SEQ, T), "token mean", "mean of step means", 17),
    "class weights left out": (
        token_mean, ("class_weight",), "token mean, class-weighted", "token mean", 1,
    ),
    "class weights by micro-batch": (
        lambda p: class_weighted(p, micro=True), (MB, "class_weight"),
        "token mean, class-weighted", "mean of micro-batch means, class-weighted", 1,
    ),
    "two losses, one count": (
        lambda p: two_losses(p, True), ("loss",), "sum of loss means", "token mean", 1,
    ),
    "two losses, two counts": (two_losses, ("loss",), "token mean", "sum of loss means", 1),
    "divided by the workers again": (
        lambda p: times(1 / 2, token_mean(p)), (W,), "token mean", "token mean", 1 / 2,
    ),
    "divided by the tokens again": (
        lambda p: times(1 / N, token_mean(p)), (SEQ,), "token mean", "token mean", 1 / N,
    ),
    "a loss scale left on": (
        lambda p: times(2.0**16, token_mean(p)), (SEQ,), "token mean", "token mean", 2.0**16,
    ),
    "not divided": (lambda p: p(MASK), (SEQ,), "token mean", "sum", 1),
    "objectives mixed": (mixed_objectives, (SEQ, MB), "token mean", None, None),
}  # fmt: skip
"""Step, labels that are passed, what was meant, and what is found: its name and its factor."""


def read(step, keys, mean, dtype=np.float64, **options):
    padding = PAD in keys
    pull = layer(dtype).pull
    groups = labels(*keys, padding=padding)
    return audit_weights(step(pull), terms(pull, padding), groups, mean, **options)


@dtypes
@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_count_is_named(fault, dtype):
    step, keys, meant, found, factor = FAULTS[fault]
    report = read(step, keys, meant, dtype, counts={"max_length": 32})
    assert report.mean == found, report
    assert not report.as_meant
    assert not report.unexplained
    if factor is not None:
        assert report.factor == pytest.approx(factor, rel=1e-5)
    assert str(report).startswith("Not as meant")


RIGHT = {
    "token mean": (token_mean, (SEQ, MB, W, T)),
    "DAPO": (token_mean, (SEQ,)),
    "GRPO": (sequence_means, (SEQ, MB)),
    "mean of sequence means": (sequence_means, (SEQ, T)),
    "mean of micro-batch means": (micro_batch_means, (SEQ, MB)),
    "mean of worker means": (worker_means, (SEQ, W)),
    "token mean, class-weighted": (class_weighted, ("class_weight", MB)),
    "sum of loss means": (two_losses, ("loss", SEQ)),
    "sum": (lambda p: p(MASK), (SEQ,)),
    "batch mean": (lambda p: p(MASK / SEQUENCES), (SEQ,)),
    "Dr. GRPO": (lambda p: p(MASK / (SEQUENCES * 32)), (SEQ,)),
    "token mean, padding counted": (lambda p: padding_in(p, True), (PAD, SEQ)),
}


@dtypes
@pytest.mark.parametrize("mean", RIGHT)
def test_what_was_meant_passes(mean, dtype):
    step, keys = RIGHT[mean]
    report = read(step, keys, mean, dtype, counts={"max_length": 32})
    assert report.as_meant, report
    assert report.factor == pytest.approx(1, rel=1e-5)
    assert report.residual < (1e-12 if dtype == np.float64 else 1e-5)


def test_a_mean_of_means_passes_the_other_checks():
    """Every term is scaled once, and the gradient is that of the loss in the code."""
    one = layer(np.float64)
    parts = [of(k == MICRO_BATCH) for k in range(2)]

    def gradient(scale):
        return added(one.pull(scale * part / part.sum()) for part in parts)

    def loss(params):
        return sum(one.loss(params, part / part.sum()) for part in parts) / 2

    assert audit_scaling(gradient).scaled_once
    assert check_gradients(loss, one.params, gradient(1 / 2)).right
    report = audit_weights(gradient(1 / 2), terms(one.pull), labels(MB), "token mean")
    assert report.mean == "mean of micro-batch means"
    assert not report.as_meant


def test_single_weights_come_back():
    report = read(sequence_means, (SEQ,), "token mean")
    wanted = (1 / LENGTHS / SEQUENCES)[labels(SEQ)[SEQ]]
    np.testing.assert_allclose(report.weights, wanted, rtol=1e-9)
    assert "a term of sequence 0 weighs 5.667 times one of sequence 1" in " ".join(
        str(report).split()
    )


def test_means_of_two_groups_in_each_other_are_named():
    pull = layer(np.float64).pull
    worker = np.array([0, 1, 0, 0])
    rounds = np.array([0, 2, 1, 1])
    b = labels(SEQ)[SEQ]
    groups = {"worker": worker[b], "micro_batch": rounds[b]}
    report = audit_weights(worker_means_of_micro_batch_means(pull), terms(pull), groups)
    assert report.mean == "mean of worker means of micro-batch means"
    assert report.factor == pytest.approx(1)


@dtypes
def test_a_sequence_that_is_left_out_is_named(dtype):
    def dropped(pull):
        kept = of(np.arange(SEQUENCES) != 2)
        return pull(kept / kept.sum())

    report = read(dropped, (SEQ, MB), "token mean", dtype)
    assert report.mean is None
    assert report.nearest == "token mean"
    assert "The terms of sequence 2 weigh nothing." in str(report)
    assert "but for 6 of 35 terms" in str(report)


@dtypes
def test_a_term_that_is_counted_twice_is_named(dtype):
    report = read(seen_twice, (SEQ, T), "token mean", dtype)
    assert report.mean is None
    assert report.nearest == "token mean"
    assert "Term 5 (sequence 1, step 2) weighs 2 times that" in " ".join(str(report).split())
    assert [row[:2] for row in report.report.rows] == [
        ("all other terms", "34"),
        ("term 5 (sequence 1, step 2)", "1"),
    ]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("divided by the workers again", "1 / 2, and 2 = workers."),
        ("divided by the tokens again", "1 / 35, and 35 = tokens."),
        ("micro-batches added up", "2 = micro-batches."),
        ("windows", "3 = windows."),
        ("last window by the full count", "1.52174 = tokens / largest window."),
        ("steps", "17 = steps = longest sequence."),
        ("a loss scale left on", "65536 = 2^16, as a loss scale is."),
    ],
)
@dtypes
def test_a_factor_is_named_by_the_counts_that_the_labels_hold(fault, words, dtype):
    step, keys, meant, *_ = FAULTS[fault]
    assert words in " ".join(str(read(step, keys, meant, dtype)).split())


@dtypes
def test_a_clip_by_norm_is_a_factor_and_is_named_by_its_bound(dtype):
    def clipped(pull):
        return clip_by_norm(token_mean(pull), 0.013)

    report = read(clipped, (SEQ,), "token mean", dtype, counts={"max_norm": 0.013})
    assert report.mean == "token mean"
    assert 0 < report.factor < 1
    assert not report.unexplained
    assert not report.as_meant
    said = " ".join(str(report).split())
    assert said.startswith("The token mean up to a factor, which the clip to max_norm hides.")
    assert "it is max_norm = 0.013" in said
    assert "before the clip" in said
    other = read(clipped, (SEQ,), "GRPO", dtype, counts={"max_norm": 0.013})
    assert str(other).startswith("Not as meant, the mean of sequence means: the token mean up to")
    loose = read(clipped, (SEQ,), "token mean", dtype, counts={"max_norm": 0.5})
    assert str(loose).startswith("Not as meant: the token mean times")
