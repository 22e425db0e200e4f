"""Where eps stands, under the root or beside it, says what a factor on all gradients does to it."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

from benchmarks.agreement.keras_layer import keras

STEPS, RATE, EPS, FACTOR = 20, 0.1, 1e-3, 1 / 4
GRADIENTS = 0.1 * np.random.default_rng(0).standard_normal((STEPS, 5)).astype(np.float32)


def with_torch(kind, eps, factor, **settings):
    weight = torch.nn.Parameter(torch.zeros(5))
    optimizer = getattr(torch.optim, kind)([weight], lr=RATE, eps=eps, **settings)
    for gradient in factor * GRADIENTS:
        weight.grad = torch.from_numpy(gradient)
        optimizer.step()
    return weight.detach().numpy()


def with_keras(kind, eps, factor, **settings):
    weight = keras.Variable(np.zeros(5, np.float32))
    optimizer = getattr(keras.optimizers, kind)(RATE, epsilon=eps, **settings)
    for gradient in factor * GRADIENTS:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weight])
    return np.asarray(weight.value)


def with_optax(kind, eps, factor, **settings):
    weight, optimizer = jnp.zeros(5), getattr(optax, kind)(RATE, eps=eps, **settings)
    state = optimizer.init(weight)
    for gradient in factor * GRADIENTS:
        moved, state = optimizer.update(jnp.asarray(gradient), state)
        weight = weight + moved
    return np.asarray(weight)


BESIDE, UNDER = 1, 2
ZERO = {"initial_accumulator_value": 0.0}


@pytest.mark.parametrize(
    ("run", "kind", "power", "settings"),
    [
        (with_torch, "Adam", BESIDE, {}),
        (with_torch, "RMSprop", BESIDE, {}),
        (with_torch, "Adagrad", BESIDE, {}),
        (with_keras, "Adam", BESIDE, {}),
        (with_keras, "RMSprop", UNDER, {}),
        (with_keras, "Adagrad", UNDER, ZERO),
        (with_optax, "adam", BESIDE, {}),
        (with_optax, "rmsprop", UNDER, {}),
        (with_optax, "adagrad", UNDER, ZERO),
    ],
)
def test_a_factor_is_eps_divided_by_it_or_by_its_square(run, kind, power, settings):
    found = run(kind, EPS, FACTOR, **settings)
    as_other = {p: run(kind, EPS / FACTOR**p, 1, **settings) for p in (0, BESIDE, UNDER)}
    reach = abs(as_other[power]).max()
    apart = {p: abs(found - other).max() / reach for p, other in as_other.items()}
    assert apart[power] < 1e-5
    assert all(distance > 1e-3 for p, distance in apart.items() if p != power)
