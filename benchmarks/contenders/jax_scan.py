"""JAX: ``lax.scan`` over the steps, differentiated and compiled. The compilation is not timed."""

import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.problem import Work
from lstm_src import GATES, Gradients, Params, State

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


def layer(params, x, state):
    """Return h (T, B, H). The product with x stands before the loop, as is usual in JAX."""
    W_x, W_h, b = params

    def step(carry, from_x):
        h, c = carry
        z = dict(zip(GATES, jnp.split(from_x + h @ W_h, 4, axis=-1), strict=True))
        f, i, o = (jax.nn.sigmoid(z[gate]) for gate in "fio")
        c = f * c + i * jnp.tanh(z["g"])
        h = o * jnp.tanh(c)
        return (h, c), h

    return lax.scan(step, tuple(state), x @ W_x + b)[1]


@jax.jit
def pass_and_gradients(params, x, state, dh):
    h, pull_back = jax.vjp(layer, params, x, state)
    return h, pull_back(dh)


def prepare(problem):
    params, state = tuple(map(jnp.asarray, problem.params)), tuple(map(jnp.asarray, problem.state))
    inputs = params, jnp.asarray(problem.x), state, jnp.asarray(problem.dh)
    start = time.perf_counter()
    compiled = pass_and_gradients.lower(*inputs).compile()
    compiling = time.perf_counter() - start

    def run():
        return jax.block_until_ready(compiled(*inputs))

    def gradients(found):
        params, x, state = jax.tree.map(np.asarray, found[1])
        return Gradients(Params(*params), x, State(*state))

    return Work(run, gradients, compiling)
