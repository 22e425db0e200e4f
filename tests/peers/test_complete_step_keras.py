"""The complete step in Keras: its updates are those of NumPy, and mistakes show."""

import complete
import numpy as np
import pytest
from test_complete_step import arrays_of, no_terms, numpy_steps

from benchmarks.agreement.keras_layer import jnp, keras
from lstm_src.checks.trees import named_leaves
from lstm_src.frameworks.interop import from_keras, to_keras
from lstm_src.training import AdamW, ModelParams

T, B = 8, 2
EPS = 1e-30  # Keras adds its own at another place, so neither may matter
BOUND = 1e-7  # Keras keeps the learning rate in float32
OPTIMIZER = AdamW(complete.LR, weight_decay=complete.DECAY, eps=EPS)


def new_model():
    """Return the model with the weights of that of PyTorch, and the layers that have weights."""
    params, layers = arrays_of(complete.new_module()), keras.layers
    words = layers.Embedding(complete.WORDS, complete.D, dtype="float64")
    # Keras takes its own tanh in float32.
    options = {"return_sequences": True, "activation": jnp.tanh, "dtype": "float64"}
    lstm = layers.LSTM(complete.H, **options)
    read = layers.Dense(complete.WORDS, dtype="float64")
    x = keras.Input((T,), batch_size=B, dtype="int32")
    logits = read(lstm(words(x)))
    words.set_weights([params.embedding])
    lstm.set_weights(to_keras(params.lstm))
    read.set_weights([params.W_y, params.b_y])
    return keras.Model(x, [logits, logits], dtype="float64"), words, lstm, read


def padded(array, value):
    """Return an array (T, B) of one length and one number of sequences, batch first."""
    whole = np.full((T, B), value, array.numpy().dtype)
    whole[: array.shape[0], : array.shape[1]] = array.numpy()
    return whole.T


def params_after(*changes, limit=complete.FIRES, batches=None):
    """Return the parameters after some steps of the code on the page, with changes."""
    made = complete.code("complete_step_keras", *changes)
    batches = [
        [padded(array, value) for array, value in zip(batch, (0, -100, False), strict=True)]
        for batch in batches or complete.all_batches()
    ]
    model, words, lstm, read = new_model()
    made["prepare"](model, complete.LR, complete.DECAY, limit, len(batches))
    model.optimizer.epsilon = EPS
    for _ in range(complete.STEPS):
        made["training_step"](model, batches, complete.SETTINGS["alpha"])
    kept = [[np.asarray(v.value) for v in layer.weights] for layer in (lstm, read, words)]
    return ModelParams(from_keras(kept[0]), *kept[1], *kept[2])


def distance(found, limit=complete.FIRES):
    """Return the largest difference from the parameters of NumPy."""
    options = {"length": T, "eps": 0.0, "optimizer": OPTIMIZER}
    expected = numpy_steps(1, limit, complete.all_batches(), **options)
    one, other = (named_leaves("params", tree) for tree in (found, expected))
    return max(abs(one[name] - other[name]).max() for name in other)


@pytest.mark.parametrize("limit", [complete.FIRES, complete.NOT_FIRES])
def test_keras_steps_as_numpy_does(limit):
    assert distance(params_after(limit=limit), limit) < BOUND


def test_without_a_term_no_weight_moves():
    start = arrays_of(complete.new_module())
    for changes, moves in (((), False), ((("if not N + M:", "if False:"),), True)):
        found = params_after(*changes, batches=no_terms())
        assert (abs(found.W_y - start.W_y).max() > 1e-4) == moves
        assert np.array_equal(found.W_y, start.W_y) != moves


MISTAKES = {
    "the division by the parts is not undone": (
        "len(batches) / max(1, N), len(batches)",
        "1 / max(1, N), 1",
    ),
    "the penalty is divided by N": ("alpha / max(1, M)", "alpha / max(1, N)"),
    "padding weighs": ("b * real]", "b + 0 * real]"),
    "Keras divides by the entries": ('"reduction": "sum"', '"reduction": "sum_over_batch_size"'),
    "each array has its own norm": ("global_clipnorm=", "clipnorm="),
    "the decay is left out": ("weight_decay=weight_decay", "weight_decay=0.0"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_keras_shows(mistake):
    assert distance(params_after(MISTAKES[mistake])) > 1e-4


def test_the_decay_of_adam_is_apart_from_the_gradient_too():
    """Where PyTorch's Adam would divide it by the root."""
    assert distance(params_after(("optimizers.AdamW(", "optimizers.Adam("))) < BOUND


def test_a_stateful_layer_carries_no_state_through_train_on_batch():
    """On the JAX backend. So the step of Keras has no windows."""
    x = keras.Input((3, 1), batch_size=1)
    layer = keras.layers.LSTM(2, stateful=True)
    model = keras.Model(x, layer(x))
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.train_on_batch(np.ones((1, 3, 1)), np.ones((1, 2)))
    assert not np.any(np.asarray(layer.states[0].value))
    model(np.ones((1, 3, 1)))
    assert np.any(np.asarray(layer.states[0].value))
