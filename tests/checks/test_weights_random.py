"""No false names: right and random weights over random groups, precisions and noise."""

import numpy as np
import pytest

from lstm_src import audit_weights
from lstm_src.checks.weights.labels import take_groups
from lstm_src.checks.weights.means import means_of

NOISE = [0, 0, 1e-7, 1e-4, 1e-2]


def configuration(seed):
    """Return random groups, gradients of terms, and a source of more."""
    rng = np.random.default_rng(seed)
    sequences = int(rng.integers(2, 6))
    lengths = rng.integers(2, 12, sequences)
    sequence = np.repeat(np.arange(sequences), lengths)
    micro_batch = rng.integers(0, sequences, sequences)
    count = len(sequence)
    groups = {
        "sequence": sequence,
        "micro_batch": micro_batch[sequence],
        "worker": (micro_batch % 2)[sequence],
        "step": np.concatenate([np.arange(length) for length in lengths]),
        "padding": rng.random(count) < 0.2,
        "class_weight": rng.choice([0.5, 1.0, 3.0], count),
    }
    groups = {key: labels for key, labels in groups.items() if rng.random() < 0.6}
    dtype = rng.choice([np.float64, np.float32])
    parameters = int(rng.choice([count + 2, count + 20, 300, 3000]))
    terms = rng.standard_normal((count, parameters)) * np.exp(rng.standard_normal((count, 1)))
    if rng.random() < 0.5:  # nearly dependent
        mixed = rng.standard_normal((count, count)) * np.logspace(0, -3 * rng.random(), count)
        terms = mixed @ rng.standard_normal((count, parameters))
    terms[:, : parameters // 3] *= 10.0 ** rng.integers(-4, 1)
    return groups, terms.astype(dtype), rng


def read(groups, terms, weights, noise, rng):
    gradient = weights @ terms.astype(float)
    gradient += noise * np.abs(gradient).mean() * rng.standard_normal(len(gradient))
    cut = len(gradient) // 3
    parts = (slice(None, cut), slice(cut, None))
    gradient = gradient.astype(terms.dtype)
    return audit_weights([gradient[p] for p in parts], [terms[:, p] for p in parts], groups)


@pytest.mark.parametrize("block", range(4))
def test_a_right_mean_is_named_or_not_known_and_no_other_is_named(block):
    named = 0
    for seed in range(50 * block, 50 * block + 50):
        groups, terms, rng = configuration(seed)
        means = means_of(take_groups(groups, len(terms)), {})
        mean = means[rng.integers(len(means))]
        factor, noise = rng.choice([1, 1, 0.5, 64.0]), rng.choice(NOISE)
        report = read(groups, terms, factor * mean.weights, noise, rng)
        if report.mean is None:
            assert str(report).startswith("Not known"), (seed, report)
            continue
        named += 1
        (found,) = [other.weights for other in means if other.name == report.mean]
        close = {0: 1e-4, 1e-7: 0.01, 1e-4: 0.05, 1e-2: 0.3}[noise]
        np.testing.assert_allclose(report.factor * found, factor * mean.weights, rtol=close)
    assert named > 20


@pytest.mark.parametrize("block", range(4))
def test_random_weights_get_no_name(block):
    none = 0
    for seed in range(50 * block, 50 * block + 50):
        groups, terms, rng = configuration(1000 + seed)
        weights = np.exp(rng.standard_normal(len(terms)))
        report = read(groups, terms, weights, rng.choice(NOISE), rng)
        assert report.mean is None, (seed, report)
        assert report.nearest is None, (seed, report)
        none += not str(report).startswith("Not known")
    assert none > 10


def test_without_noise_a_mean_is_named_wherever_the_gradients_are_independent():
    for seed in range(40):
        groups, terms, rng = configuration(2000 + seed)
        terms = rng.standard_normal((len(terms), 400))
        mean = means_of(take_groups(groups, len(terms)), {})[0]
        assert read(groups, terms, mean.weights, 0, rng).mean == "token mean"
