"""The complete step in JAX and optax, to run under vmap or pmap."""

from functools import partial

import jax
import jax.numpy as jnp
import optax


def prepare(lr, weight_decay, limit):
    """Return the optimizer: the clip comes before the rest."""
    clip = optax.clip_by_global_norm(limit)
    return optax.chain(clip, optax.adamw(lr, weight_decay=weight_decay))


def training_step(
    apply, optimizer, params, state, batches, length, alpha, scale, factors=None
):
    """Return the parameters, the optimizer's state and the mean gradient."""
    add_workers = partial(jax.lax.psum, axis_name="workers")
    _, y, real = batches  # (micro-batches, T, B)
    N, M = add_workers(((y != -100).sum(), real.sum()))
    a, b = factors or (1 / jnp.maximum(N, 1), alpha / jnp.maximum(M, 1))

    def loss(params, batch):
        total, carried = 0.0, None
        for t in range(0, len(batch[0]), length):
            x, y, real = (array[t : t + length] for array in batch)
            logits, carried = apply(params, x, carried)
            carried = jax.lax.stop_gradient(carried)
            terms = optax.softmax_cross_entropy_with_integer_labels(
                logits, jnp.maximum(y, 0)
            )
            main = jnp.where(y != -100, terms, 0).sum()
            penalty = jnp.where(real[..., None], logits**2, 0).sum() / 2
            total += a * main + b * penalty
        return scale * total

    def accumulate(so_far, batch):
        return jax.tree.map(jnp.add, so_far, jax.grad(loss)(params, batch)), ()

    zeros = jax.tree.map(jnp.zeros_like, params)
    gradients, _ = jax.lax.scan(accumulate, zeros, batches)
    gradients = jax.tree.map(lambda g: g / scale, add_workers(gradients))
    updates, after = optimizer.update(gradients, state, params)
    after = optax.apply_updates(params, updates), after
    # Without a term, or where a gradient overflowed: leave out the update.
    finite = [jnp.isfinite(g).all() for g in jax.tree.leaves(gradients)]
    moves = (N + M > 0) & jnp.stack(finite).all()
    kept = jax.tree.map(partial(jnp.where, moves), after, (params, state))
    return *kept, gradients
