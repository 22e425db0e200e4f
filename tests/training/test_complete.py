"""The complete step of NumPy: cut in any way it is the same; each part does what it says."""

import numpy as np
import pytest

from lstm_src.checks import assert_same_gradients, check_gradients, named_leaves, tree_leaves
from lstm_src.checks.trees import tree_map
from lstm_src.training import (
    SGD,
    AdamW,
    Batch,
    complete_step,
    cross_entropy,
    init_model,
    loss_and_gradients,
    mean_gradients,
    squared_error,
)

RNG = np.random.default_rng(0)
V, ALPHA, LENGTH = 7, 0.3, 3
PARAMS = init_model(3, 4, V, RNG, words=V)
LENGTHS = ((5, 3), (7,), (4, 2), (6, 6))


def new_batch(lengths):
    x, labels = RNG.integers(0, V, (2, max(lengths), len(lengths)))
    labels[0] = -100  # a prompt
    for b, length in enumerate(lengths):
        labels[length:, b] = -100
    return Batch(x, labels, lengths)


BATCHES = [new_batch(lengths) for lengths in LENGTHS]
WORKERS = {"one": [BATCHES], "two": [BATCHES[:1], BATCHES[1:]], "four": [[b] for b in BATCHES]}
OPTIONS = {"length": LENGTH, "alpha": ALPHA}


def padded(batch):
    """Return the same batch with two steps of padding more, that hold anything."""
    more = np.full((2, len(batch.lengths)), -100)
    return Batch(
        np.concatenate([batch.x, more + 103]), np.concatenate([batch.labels, more]), batch.lengths
    )


def test_the_way_in_which_it_is_cut_does_not_matter():
    def gradients(setting):
        workers, scale, pad = setting
        parts = [[padded(b) if pad else b for b in own] for own in WORKERS[workers]]
        return mean_gradients(PARAMS, parts, loss_scale=scale, **OPTIONS).gradients

    settings = {
        "one": ("one", 1.0, False),
        "two": ("two", 1.0, False),
        "four": ("four", 1.0, False),
        "scaled": ("two", 2.0**12, False),
        "padded": ("two", 1.0, True),
    }
    assert_same_gradients(gradients, settings, tolerance=1e-12)


def test_a_mean_of_each_workers_mean_is_another():
    own = [mean_gradients(PARAMS, [w], **OPTIONS).gradients.W_y for w in WORKERS["two"]]
    whole = mean_gradients(PARAMS, WORKERS["two"], **OPTIONS).gradients.W_y
    assert abs(sum(own) / 2 - whole).max() > 1e-3 * abs(whole).max()


def test_it_is_the_gradient_of_the_two_means():
    batch, tokens = BATCHES[3], np.full((6, 2), 1 / 12)
    labelled = batch.labels != -100
    weights = labelled / labelled.sum(), ALPHA * tokens

    def loss(params):
        zeros = np.zeros((6, 2, V), params.b_y.dtype)
        both = zip((cross_entropy, squared_error), (batch.labels, zeros), weights, strict=True)
        return sum(
            loss_and_gradients(params, batch.x, target, loss=kind, reduction=by).loss
            for kind, target, by in both
        )

    found = mean_gradients(PARAMS, [[batch]], length=6, alpha=ALPHA)
    assert found.counts == (10, 12)
    assert found.loss == pytest.approx(loss(PARAMS), rel=1e-13)
    assert check_gradients(loss, PARAMS, found.gradients, steps=6).right
    truncated = mean_gradients(PARAMS, [[batch]], **OPTIONS).gradients
    assert not check_gradients(loss, PARAMS, truncated, steps=6).right


def stepped(params=PARAMS, workers="two", **changes):
    options = {"optimizer": AdamW(0.05, weight_decay=0.1), "limit": 0.1} | OPTIONS | changes
    begin = getattr(options["optimizer"], "begin", AdamW().begin)
    return complete_step(
        params, begin(params), WORKERS[workers] if isinstance(workers, str) else workers, **options
    )


def test_an_infinite_limit_is_no_clip():
    def stepped(limit):
        optimizer = SGD(1.0)
        return complete_step(
            PARAMS, optimizer.begin(PARAMS), [BATCHES], optimizer=optimizer, limit=limit, **OPTIONS
        )

    free = stepped(np.inf)
    for after, before, gradient in zip(
        *map(tree_leaves, (free.params, PARAMS, free.gradients)), strict=True
    ):
        assert np.array_equal(after, before - gradient)
    held = stepped(free.norm / 2)
    assert not np.array_equal(held.params.W_y, free.params.W_y)


def test_the_norm_is_that_of_the_gradient_and_the_clip_comes_last():
    step = stepped(optimizer=SGD(1.0), eps=0.0, loss_scale=2.0**10)
    arrays = named_leaves("g", step.gradients)
    assert step.norm == pytest.approx(np.sqrt(sum(np.sum(a * a) for a in arrays.values())))
    assert step.norm > 0.1
    after = named_leaves("p", step.params)
    moved = {k: a - after[k] for k, a in named_leaves("p", PARAMS).items()}
    for name, gradient in arrays.items():
        np.testing.assert_allclose(moved[name], gradient * 0.1 / step.norm, atol=1e-15)
    for limit in (10.0, np.inf):
        free = stepped(optimizer=SGD(1.0), limit=limit)
        np.testing.assert_allclose(PARAMS.W_y - free.params.W_y, free.gradients.W_y, atol=1e-15)


def test_eps_is_added_to_the_norm_as_in_pytorch():
    plain, other = (stepped(optimizer=SGD(1.0), eps=eps) for eps in (0.0, 1e-3))
    ratio = (PARAMS.W_y - other.params.W_y) / (PARAMS.W_y - plain.params.W_y)
    np.testing.assert_allclose(ratio, plain.norm / (plain.norm + 1e-3), rtol=1e-9)


def test_the_decay_is_not_in_the_gradient():
    with_decay, without = (stepped(optimizer=AdamW(0.05, weight_decay=w)) for w in (0.1, 0.0))
    np.testing.assert_array_equal(with_decay.gradients.W_y, without.gradients.W_y)
    apart = without.params.W_y - with_decay.params.W_y
    np.testing.assert_allclose(apart, 0.05 * 0.1 * PARAMS.W_y, rtol=1e-9)


def nothing():
    return [[Batch(b.x, np.full_like(b.labels, -100), [0] * len(b.lengths)) for b in BATCHES]]


def test_without_a_term_nothing_moves():
    step = stepped(workers=nothing())
    assert not step.moved
    assert step.params is PARAMS
    assert step.counts == (0, 0)
    prompts = [[Batch(b.x, np.full_like(b.labels, -100), b.lengths) for b in BATCHES]]
    step = stepped(workers=prompts)
    assert step.moved  # the penalty has terms
    assert step.counts == (0, 33)


def test_a_gradient_that_is_not_finite_moves_nothing():
    half = init_model(3, 4, V, np.random.default_rng(0), words=V, dtype=np.float16)
    with np.errstate(all="ignore"):
        step = stepped(half, loss_scale=60_000.0)
    assert not step.moved
    assert step.params is half
    assert stepped(half, loss_scale=16.0, optimizer=SGD(0.1)).moved


@pytest.mark.parametrize("loss_scale", [4096.0, 30_000.0, 60_000.0])
def test_a_cotangent_that_overflows_moves_nothing_and_is_no_bad_argument(loss_scale):
    """Where infinite ones meet, the read-out makes NaN of them."""
    model = init_model(3, 4, V, np.random.default_rng(1), words=V)
    wide = tree_map(lambda a: (100 * a).astype(np.float16), model)
    with np.errstate(all="ignore"):
        step = stepped(wide, loss_scale=loss_scale)
    assert not step.moved
    assert step.params is wide
    assert not np.isfinite(step.norm)


def unlabelled(batch):
    return batch._replace(labels=np.full_like(batch.labels, -100))


def test_a_norm_whose_square_leaves_the_range_moves_the_weights():
    workers = [[unlabelled(BATCHES[3])]]
    plain, large = (stepped(workers=workers, alpha=a, optimizer=SGD(1.0)) for a in (1.0, 1e200))
    assert large.moved
    assert large.norm == pytest.approx(1e200 * plain.norm)
    assert not np.array_equal(large.params.W_y, PARAMS.W_y)


def test_alpha_may_be_beyond_float16():
    alpha = 1e5
    half = init_model(3, 4, V, np.random.default_rng(0), words=V, dtype=np.float16)
    workers, options = [[unlabelled(BATCHES[3])]], {"length": LENGTH, "loss_scale": 16.0}
    one, found = (mean_gradients(half, workers, alpha=a, **options) for a in (1.0, alpha))
    expected = alpha * one.gradients.W_y.astype(float)
    assert abs(expected).max() < 65_504
    np.testing.assert_allclose(found.gradients.W_y, expected, rtol=2e-3, atol=2.0**-24)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"eps": -1.0}, "eps: expected a number of at least 0, got -1.0"),
        ({"loss_scale": 0.0}, "loss_scale: expected a number above 0, got 0.0"),
        ({"limit": -1.0}, "limit: expected a number above 0, got -1.0"),
        ({"optimizer": 0.1}, "optimizer: expected an Optimizer, such as .*, got float"),
        ({"length": 0}, "length: expected"),
        ({"eps": -1e-6}, "eps: expected a number of at least 0, got -1e-06"),
        ({"workers": []}, "workers: expected at least one, got none"),
        ({"workers": [[]]}, r"workers\[0\]: expected at least one, got none"),
        ({"workers": 2}, "workers: expected several, as in a list, got int"),
        ({"workers": [2]}, r"workers\[0\]: expected several, as in a list, got int"),
        ({"workers": [BATCHES[0]]}, "workers: expected"),
        ({"workers": [[BATCHES[0]._replace(lengths=(3,))]]}, "lengths: expected one for each of 2"),
        ({"alpha": "0.1"}, "alpha: expected"),
    ],
)
def test_bad_input_is_named(changes, said):
    with pytest.raises((TypeError, ValueError), match=said):
        stepped(**changes)
