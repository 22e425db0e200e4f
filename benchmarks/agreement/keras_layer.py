"""Keras: ``keras.layers.LSTM`` on its JAX backend."""

import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
os.environ["KERAS_HOME"] = os.path.join(sys.prefix, "keras")  # the reader's settings stay out

import jax
import jax.numpy as jnp
import keras
import numpy as np

from benchmarks.agreement.cases import named
from lstm_src.frameworks.interop import from_keras, to_keras

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


def layer_of(case, **options):
    """Return a layer with the weights of a case. Arrays are batch first in Keras."""
    T, B, D = case.x.shape
    H, dtype = len(case.params.W_h), case.x.dtype.name
    layer = keras.layers.LSTM(H, return_sequences=True, return_state=True, dtype=dtype, **options)
    layer.build((B, T, D))
    layer.set_weights(to_keras(case.params))
    return layer


def run(case):
    """Return outputs and gradients by name.

    Keras takes its own tanh in float32, whatever the dtype of the layer. So the layer gets that of
    JAX as its activation.
    """
    layer = layer_of(case, activation=jnp.tanh)
    fixed = [variable.value for variable in layer.non_trainable_variables]

    def outputs(weights, x, start):
        return layer.stateless_call(weights, fixed, x, initial_state=list(start))[0]

    weights = [variable.value for variable in layer.trainable_variables]
    x, dh = (jnp.asarray(array.swapaxes(0, 1)) for array in (case.x, case.dh))
    found, pull_back = jax.vjp(outputs, weights, x, tuple(map(jnp.asarray, case.state)))
    dweights, dx, dstart = pull_back(type(found)([dh, *map(jnp.asarray, case.dstate)]))
    h, *end = map(np.asarray, found)
    return named(
        h.swapaxes(0, 1),
        end,
        from_keras([*map(np.asarray, dweights)]),
        np.asarray(dx).swapaxes(0, 1),
        [*map(np.asarray, dstart)],
    )
