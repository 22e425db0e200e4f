"""The cheat sheet's rows of JAX and optax, run: see test_cheat_sheet.py."""

import numpy as np
import optax
import pytest
import torch
from probe import COUNTS, N, parallel
from torch.nn.functional import cross_entropy

from benchmarks.agreement.keras_layer import jax, jnp

# Row: jax

SLOPES = np.random.default_rng(0).standard_normal((2, 17, 3))
MASK = np.arange(17) < np.array(COUNTS)[:, None]


def worker_gradients(reduce):
    """Return the gradient on each of two workers; `reduce` gets the sum's and the count."""

    def work(slopes, mask):
        gradient = jax.grad(lambda w: jnp.sum(mask * (slopes @ w)))(jnp.zeros(3))
        return reduce(gradient, mask.sum())

    return jax.vmap(work, axis_name="workers")(SLOPES, MASK)


def test_jax():
    total = (MASK[..., None] * SLOPES).sum((0, 1))
    psum, pmean = (lambda x, f=f: f(x, "workers") for f in (jax.lax.psum, jax.lax.pmean))
    assert np.allclose(worker_gradients(lambda g, n: g).sum(0), total)
    assert np.allclose(worker_gradients(lambda g, n: psum(g)), total)
    assert np.allclose(worker_gradients(lambda g, n: pmean(g)), total / 2)
    assert np.allclose(worker_gradients(lambda g, n: psum(g) / psum(n)), total / N)
    of_means = worker_gradients(lambda g, n: pmean(g / n))[0]
    assert not parallel(of_means, total)


# Row: optax_loss


def test_optax_loss():
    x = np.random.default_rng(0).standard_normal((5, 3))
    target = np.array([0, 2, 1, 0, 0])
    each = optax.softmax_cross_entropy_with_integer_labels(jnp.asarray(x), jnp.asarray(target))
    reference = cross_entropy(torch.tensor(x), torch.tensor(target), reduction="none")
    assert np.allclose(each, reference)
    mask = np.arange(5) < 3
    assert not np.allclose(each.mean(), (each * mask).sum() / mask.sum())


# Row: optax_steps


def optax_step(transform, gradients):
    """Return where some gradients lead, from 0."""
    at = jnp.zeros(())
    state = transform.init(at)
    for gradient in gradients:
        updates, state = transform.update(jnp.asarray(gradient, at.dtype), state, at)
        at = optax.apply_updates(at, updates)
    return -float(at)


def test_optax_steps():
    plain = optax.MultiSteps(optax.sgd(1.0), 2)
    assert optax_step(plain, (3, 5)) == pytest.approx(4)
    inside = optax.MultiSteps(optax.chain(optax.clip(1.0), optax.sgd(1.0)), 2)
    outside = optax.chain(optax.clip(1.0), plain.gradient_transformation())
    assert optax_step(inside, (3, -5)) == pytest.approx(-1)
    assert optax_step(outside, (3, -5)) == pytest.approx(0)


def test_optax_steps_are_a_mean_of_means():
    transform, means = optax.MultiSteps(optax.sgd(1.0), 2), [2.0, 0.5]  # of 3 and of 17 tokens
    assert optax_step(transform, means) == pytest.approx(1.25)
    weighted = [m * 2 * n / N for m, n in zip(means, COUNTS, strict=True)]
    assert optax_step(transform, weighted) == pytest.approx(np.average(means, weights=COUNTS))
