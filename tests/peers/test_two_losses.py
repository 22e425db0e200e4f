"""The step with two losses that the chapter on workers shows, run: what does each term weigh?"""

from itertools import chain

import numpy as np
import pytest
import two_losses
from two_losses import ALPHA, CHANGES, WORKERS

from lstm_src.checks import assert_mean, audit_weights

SHARES = two_losses.batches()
SIZES = np.array([[two_losses.counts(batch) for batch in share] for share in SHARES])
N, M = SIZES.sum(axis=(0, 1))
MEANT = np.repeat([1 / N, ALPHA / M], [N, M])
RIGHT = ("as shown", "synchronized each time")


def terms():
    """Return the gradient of each term, those of the first loss before those of the second."""
    found = [], []
    for tokens, labels in chain(*SHARES):
        for k in range(len(tokens)):
            batch = tokens[k : k + 1], labels[k : k + 1]
            for kind, here in enumerate(two_losses.counts(batch)):
                if here:
                    table = two_losses.new_table()
                    two_losses.losses(table, batch)[kind].backward()
                    found[kind].append(table.weight.grad.numpy())
    return [*found[0], *found[1]]


TERMS = terms()


@pytest.fixture(scope="module")
def workers():
    return two_losses.together()


def gradient(workers, change):
    """Return the gradient that both workers hold."""
    one, other = (np.array(found[change]) for found in workers)
    np.testing.assert_allclose(one, other, rtol=1e-12)
    return one


@pytest.mark.parametrize("change", RIGHT)
def test_every_term_weighs_what_was_meant(change, workers):
    assert_mean(gradient(workers, change), TERMS, mean=MEANT)
    assert (SIZES[..., 0] == 0).sum() == 1  # though a micro-batch has no label at all


def wrong(change):
    """Return how many times too much the terms of both losses weigh, with a mistake."""
    own = SIZES.sum(axis=1)
    by_worker = [np.repeat(count / own[:, kind], own[:, kind]) for kind, count in ((0, N), (1, M))]
    rounds = SIZES[..., 1].ravel()
    return {
        "no W": (1 / WORKERS, 1),
        "no W on the second": (1, 1 / WORKERS),
        "one count": (1, M / N),
        "own counts": by_worker,
        "rounds forgotten": (1, np.repeat(M / rounds / WORKERS, rounds)),
    }[change]


@pytest.mark.parametrize("change", [change for change in CHANGES if change not in RIGHT])
def test_mistakes_weigh_something_else(change, workers):
    found = gradient(workers, change)
    with pytest.raises(AssertionError, match="Not as meant"):
        assert_mean(found, TERMS, mean=MEANT)
    first, second = wrong(change)
    weights = audit_weights(found, TERMS).weights
    np.testing.assert_allclose(weights[:N] * N, first * np.ones(N), rtol=1e-9)
    np.testing.assert_allclose(weights[N:] * M / ALPHA, second * np.ones(M), rtol=1e-9)


def test_without_a_term_on_any_worker_no_weight_moves(workers):
    one, other = ([found[name] for name in two_losses.EMPTY] for found in workers)
    assert one == other
    none, not_left_out, no_labels = one
    assert none == 0
    assert not_left_out > 0  # by its weight decay
    assert 0 < no_labels < np.inf  # the other loss has terms


def test_the_chapter_shows_this_step():
    page = two_losses.CODE.parents[1] / "10_micro_batches_and_workers.ipynb"
    text = page.read_text(encoding="utf-8")
    assert f"literalinclude}} code/{two_losses.CODE.name}" in text
