"""A report in a few words, for the cell of a table, says no more than the verdict does."""

import numpy as np
import pytest
from weighed import LENGTHS, MASK, grid, labels, layer, terms, times

from lstm_src import audit_weights
from lstm_src.checks.trees import tree_map
from lstm_src.checks.weights.verdicts import figure
from lstm_src.training import clip_by_norm, clip_by_value

N = int(MASK.sum())
LAYER = layer(np.float64)
TERMS = terms(LAYER.pull)
TOKENS, SEQUENCES = LAYER.pull(MASK / N), LAYER.pull(MASK / LENGTHS / 4)
ONE_AGAIN = MASK / N + np.eye(*MASK.shape) * (np.arange(17)[:, None] == 1) / N
UNEVEN = np.random.default_rng(0).uniform(0.5, 1.5, N) / N


def each(factors, key):
    codes = np.unique(labels(key)[key], return_inverse=True)[1]
    return LAYER.pull(grid(np.array(factors)[codes] / N))


CASES = {
    "a mean": (TOKENS, ("sequence",), {}, "token mean"),
    "another": (SEQUENCES, ("sequence",), {}, "mean of sequence means"),
    "a factor": (times(0.25, TOKENS), ("sequence",), {}, "token mean × 0.25"),
    "rounding": (times(1 + 1e-9, TOKENS), ("sequence",), {}, "token mean"),
    "turned": (times(-1, TOKENS), ("sequence",), {}, "token mean × -1"),
    "clipped": (
        clip_by_norm(TOKENS, 0.01),
        (),
        {"max_norm": 0.01},
        "token mean up to a factor, clipped to max_norm",
    ),
    "one more": (LAYER.pull(ONE_AGAIN), (), {}, "token mean, but for 1 of 35 terms"),
    "groups": (
        each([1.3, 0.37], "micro_batch"),
        ("micro_batch",),
        {},
        "token mean within each micro-batch",
    ),
    "losses": (each([1, 0.1], "loss"), ("loss",), {}, "token mean within each loss"),
    "uneven": (LAYER.pull(grid(UNEVEN)), ("sequence",), {}, "no mean that has a name"),
    "in b again": (
        TOKENS._replace(b=TOKENS.b / N),
        (),
        {},
        "token mean; 40% left over",
    ),
    "a hard clip": (clip_by_value(TOKENS, 0.02), (), {}, "35% left over"),
    "a mild clip": (
        clip_by_value(TOKENS, 0.1),
        (),
        {},
        "token mean; 3% left over",
    ),
    "zero": (times(0, TOKENS), (), {}, "not known: zero everywhere"),
}


@pytest.mark.parametrize("meant", [None, "token mean"])
@pytest.mark.parametrize(("gradient", "keys", "counts", "words"), CASES.values(), ids=CASES)
def test_what_the_weights_are_is_said_whatever_was_meant(gradient, keys, counts, words, meant):
    assert audit_weights(gradient, TERMS, labels(*keys), meant, counts=counts).brief == words


def test_an_array_of_its_own_factor_is_no_common_factor():
    clipped = tree_map(lambda g: g / np.linalg.norm(g), TOKENS)
    assert audit_weights(clipped, TERMS).brief == "token mean, a factor on each array"


def test_means_that_look_alike_are_named_together():
    rng = np.random.default_rng(0)
    parts = rng.standard_normal((201, 2000))
    noise = 1e-2 * rng.standard_normal(2000)
    gradient = parts.mean(axis=0)
    report = audit_weights(
        gradient + abs(gradient).mean() * noise,
        parts,
        {"sequence": np.repeat([0, 1], [100, 101])},
    )
    assert report.mean is None
    both = "the token mean and mean of sequence means"
    assert report.brief == f"not known: {both} look alike; 0.8% left over"


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_tie_does_not_hang_on_the_last_bit(off):
    assert figure(17 / 32 * (1 + off * 2e-16)) == "0.5312"
    assert f"{17 / 32 * (1 + 2e-16):.4g}" == "0.5313"
