"""JAX: the LSTM of the textbooks as a scan over the steps, differentiated by ``jax.grad``."""

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.agreement.cases import named
from lstm_src import GATES

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


def layer(weights, x, start):
    """Return h (T, B, H) and the final h and c. ``weights``: W_x, W_h and b of each gate."""

    def step(carry, x_t):
        h, c = carry
        z = {gate: x_t @ W_x + h @ W_h + b for gate, (W_x, W_h, b) in weights.items()}
        f, i, o = (1 / (1 + jnp.exp(-z[gate])) for gate in "fio")
        c = f * c + i * jnp.tanh(z["g"])
        h = o * jnp.tanh(c)
        return (h, c), h

    end, h = jax.lax.scan(step, start, x)
    return h, end


def loss(weights, x, start, dh, dstate):
    """Weigh every output with its cotangent, so that its derivatives are the gradients sought."""
    h, end = layer(weights, x, start)
    value = sum(jnp.sum(w * y) for w, y in zip((dh, *dstate), (h, *end), strict=True))
    return value, (h, end)


def run(case):
    """Return outputs and gradients by name."""
    blocks = [np.split(array, 4, axis=-1) for array in case.params]
    weights = dict(zip(GATES, zip(*blocks, strict=True), strict=True))
    inputs = weights, case.x, tuple(case.state)
    differentiate = jax.jit(jax.grad(loss, argnums=(0, 1, 2), has_aux=True))
    (by_gate, dx, dstart), (h, end) = jax.tree.map(
        np.asarray, differentiate(*inputs, case.dh, tuple(case.dstate))
    )
    gates = zip(*(by_gate[gate] for gate in GATES), strict=True)
    params = [np.concatenate(parts, axis=-1) for parts in gates]
    return named(h, end, params, dx, dstart)
