"""A small model, a ragged batch of words, and losses written term by term for comparison."""

from types import SimpleNamespace

import numpy as np

from lstm_src.checks import complex_step_gradient
from lstm_src.checks.trees import named_leaves, tree_map
from lstm_src.structures import State
from lstm_src.training import init_model, length_mask, loss_and_gradients
from lstm_src.training.losses import cross_entropy

V, D, H, K = 5, 2, 3, 4
LENGTHS = (3, 7, 5)
CLASS_WEIGHTS = np.array([0.5, 1.0, 3.0, 2.0])


def problem(lengths=LENGTHS, seed=0, dtype=np.float64, steps=None):
    """Return parameters, words, labels, a mask and an initial state of a ragged batch."""
    rng = np.random.default_rng(seed)
    mask = length_mask(lengths, steps)
    params = init_model(D, H, K, rng, words=V, dtype=dtype)
    params = tree_map(lambda a: (a + rng.uniform(-1, 1, a.shape)).astype(dtype), params)
    B = len(lengths)
    return SimpleNamespace(
        params=params,
        x=rng.integers(0, V, mask.shape),
        labels=rng.integers(0, K, mask.shape),
        mask=mask,
        state=State(*rng.uniform(-1, 1, (2, B, H)).astype(dtype)),
    )


def run(at, reduction, **options):
    """Return what the package says of a problem."""
    given = {"mask": at.mask, "state": at.state} | options
    return loss_and_gradients(at.params, at.x, at.labels, reduction=reduction, **given)


def logits_of(at, params, state):
    """Return the model's outputs by a loss that keeps them."""
    kept = []

    def keep(outputs, target, mask):
        kept.append(outputs)
        return cross_entropy(outputs, target, mask)

    loss_and_gradients(params, at.x, at.labels, reduction="sum", loss=keep, state=state)
    return kept[0]


def own_terms(at, params, state):
    """Return all terms (T, B), from the outputs: ln Σ exp z less z at the label."""
    z = logits_of(at, params, state)
    chosen = np.take_along_axis(z, at.labels[..., None], axis=-1)[..., 0]
    return np.log(np.exp(z).sum(axis=-1)) - chosen


def by_complex_step(at, own):
    """Return the gradients of parameters and state of a loss of the terms, written by hand."""
    tree = {"params": at.params, "state": at.state}
    return complex_step_gradient(lambda p: own(own_terms(at, **p)), tree)


def apart(found, expected):
    """Return the largest difference of two trees, over the largest entry of the second."""
    found, expected = named_leaves("found", found), named_leaves("expected", expected)
    assert found.keys() == expected.keys()
    expected = {key: array for key, array in expected.items() if array is not None}
    largest = max(abs(np.asarray(a, float)).max() for a in expected.values())
    return max(abs(found[k] - expected[k]).max() / largest for k in expected)


def everything(result):
    """Return the gradients of parameters and state as one tree."""
    return {"params": result.gradients, "state": result.dstate}
