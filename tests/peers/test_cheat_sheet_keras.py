"""The cheat sheet's rows of Keras, run: see test_cheat_sheet.py."""

import numpy as np
import pytest
from probe import COUNTS, N

from benchmarks.agreement.keras_layer import keras

# Row: keras_mask

Y, X = np.array([[[0.0], [1.0], [1.0]]]), np.array([[[1.0], [0.0], [1.0]]])


def keras_loss(*layers):
    """Return the mean absolute error of the identity; the second input is 0."""
    model = keras.Sequential([keras.Input((3, 1)), *layers, keras.layers.Activation("linear")])
    model.compile(loss="mae")
    return model.evaluate(X, Y, verbose=0)


def test_keras_mask():
    assert keras_loss(keras.layers.Masking()) == pytest.approx(1 / 2)
    assert keras_loss() == pytest.approx(2 / 3)  # the second error and the third step count


# Row: keras_weights


def weighted_error(weights, **options):
    y, p = np.array([[1.0], [2.0]]), np.array([[2.0], [3.0]])
    return float(keras.losses.MeanSquaredError(**options)(y, p, np.array(weights)))


def test_keras_weights():
    assert weighted_error([0, 1]) == pytest.approx(1 / 2)
    assert weighted_error([0, 6]) == pytest.approx(6 / 2)
    assert weighted_error([0, 6], reduction="mean_with_sample_weight") == pytest.approx(1)


# Row: keras_steps


def keras_step(gradients, **options):
    """Return where SGD ends that accumulates some gradients, from 0."""
    optimizer = keras.optimizers.SGD(
        1.0, gradient_accumulation_steps=len(gradients) if len(gradients) > 1 else None, **options
    )
    variable = keras.Variable(np.zeros(1))
    optimizer.build([variable])
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor([gradient], variable.dtype)])
    return -float(variable.value[0])


def test_keras_steps():
    assert keras_step([3.0, 5.0]) == pytest.approx(4)
    assert keras_step([3.0, -5.0], clipvalue=1.0) == pytest.approx(-1)  # clip(-1), no 0
    assert keras_step([3.0, 0.5], clipvalue=1.0) == pytest.approx(1)  # clip(1.75), no .75
    assert keras_step([3.0], clipvalue=1.0) == pytest.approx(1)


def test_keras_steps_are_a_mean_of_means():
    means = [2.0, 0.5]  # of 3 and of 17 tokens
    assert keras_step(means) == pytest.approx(1.25)
    weighted = [m * 2 * n / N for m, n in zip(means, COUNTS, strict=True)]
    assert keras_step(weighted) == pytest.approx(np.average(means, weights=COUNTS))
