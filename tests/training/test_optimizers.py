"""Optimizers by hand, and the types, containers and settings that they keep."""

from dataclasses import replace

import numpy as np
import pytest
from optimizers import MODEL, OPTIMIZERS, flat, gradients_at, planted, trained

from lstm_src.checks.trees import named_leaves, tree_leaves, tree_map
from lstm_src.training import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    ModelParams,
    OptimizerState,
    RMSprop,
)


def after(optimizer, gradients, start=1.0):
    """Return one parameter after steps with these gradients."""
    params = {"w": np.array([start])}
    state = optimizer.begin(params)
    for gradient in gradients:
        params, state = optimizer.step(params, {"w": np.array([gradient])}, state)
    return params["w"][0]


# By hand


@pytest.mark.parametrize(
    ("optimizer", "gradients", "expected"),
    [
        (SGD(0.5), [1.0, 3.0], 1 - 0.5 - 1.5),
        (SGD(0.5, weight_decay=0.5), [1.0], 1 - 0.5 * (1 + 0.5)),
        (SGD(0.5, momentum=0.5), [1.0, 1.0], 1 - 0.5 - 0.75),
        (SGD(0.5, momentum=0.5, nesterov=True), [1.0, 1.0], 1 - 0.75 - 0.875),
        (Adam(0.25, betas=(0.5, 0.75), eps=0), [-4.0], 1 + 0.25),
        (Adam(0.25, betas=(0.5, 0.75), eps=4), [4.0], 1 - 0.25 / 2),
        (Adam(0.25, betas=(0.5, 0.75), eps=0, weight_decay=6), [-4.0], 1 - 0.25),
        (AdamW(0.25, betas=(0.5, 0.75), eps=0, weight_decay=2), [-4.0], 0.5 + 0.25),
        (RMSprop(0.25, alpha=0.75, eps=1), [2.0], 1 - 0.25),
        (RMSprop(0.25, alpha=0, eps=0, momentum=0.5), [2.0, 3.0], 1 - 0.25 - 0.375),
        (Adagrad(0.5, eps=0), [3.0, 4.0], 1 - 0.5 - 0.4),
        (Adagrad(0.5, eps=1), [3.0], 1 - 0.375),
    ],
    ids=str,
)
def test_steps_are_those_found_by_hand(optimizer, gradients, expected):
    assert after(optimizer, gradients) == pytest.approx(expected, rel=1e-15)


def test_the_first_step_of_adam_is_the_learning_rate_for_every_entry():
    start = Adam(0.01, eps=0).begin(MODEL)
    params, _ = trained(Adam(0.01, eps=0), MODEL, start, 1)
    np.testing.assert_allclose(abs(flat(params) - flat(MODEL)), 0.01, rtol=1e-12)
    biased = planted(Adam(0.01, eps=0), "(1 - beta_2**steps)", "1")
    params, _ = trained(biased, MODEL, start, 1)
    assert abs(flat(params) - flat(MODEL)).min() > 0.3


# Types, containers, settings


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_types_and_containers_are_kept(optimizer, dtype):
    optimizer = replace(optimizer, eps=1e-3) if hasattr(optimizer, "eps") else optimizer
    params = {"a": [np.ones((2, 3), dtype), (np.array(2.0, dtype), None)], "b": np.ones(0, dtype)}
    state = optimizer.begin(params)
    for _ in range(2):
        params, state = optimizer.step(params, tree_map(np.ones_like, params), state)
    trees = [params, *(getattr(state, slot) for slot in optimizer.keeps)]
    for tree in trees:
        assert named_leaves("tree", tree).keys() == {"a[0]", "a[1][0]", "a[1][1]", "b"}
        assert isinstance(tree["a"][1], tuple)
        assert tree["a"][1][1] is None
        for array, shape in zip(tree_leaves(tree), [(2, 3), (), (0,)], strict=True):
            assert type(array) is np.ndarray
            assert (array.dtype, array.shape) == (dtype, shape)


def test_gradients_are_found_by_their_paths():
    params = {"w": np.ones(2), "b": np.zeros(2)}
    moved, _ = SGD(1.0).step(params, {"b": np.ones(2), "w": np.zeros(2)}, OptimizerState(0))
    assert (moved["w"].tolist(), moved["b"].tolist()) == ([1, 1], [-1, -1])
    assert list(moved) == ["w", "b"]


def test_the_biases_can_be_spared_the_decay():
    gradients, decayed, spared = gradients_at(MODEL), AdamW(0.1), AdamW(0.1, weight_decay=0)
    weights = MODEL._replace(b_y=None)
    moved, _ = decayed.step(weights, gradients._replace(b_y=None), decayed.begin(weights))
    biases, _ = spared.step(MODEL.b_y, gradients.b_y, spared.begin(MODEL.b_y))
    whole, _ = decayed.step(MODEL, gradients, decayed.begin(MODEL))
    assert isinstance(moved, ModelParams)
    assert np.array_equal(flat(moved), flat(whole._replace(b_y=None)))
    assert np.array_equal(biases, whole.b_y + 1e-3 * MODEL.b_y)


def test_another_learning_rate_goes_on_with_the_same_state():
    optimizer, gradient = SGD(0.5, momentum=0.5), np.array([1.0])
    params, state = optimizer.step(np.array([1.0]), gradient, optimizer.begin(gradient))
    params, _ = replace(optimizer, lr=0.25).step(params, gradient, state)
    assert params[0] == 1 - 0.5 - 0.25 * 1.5
