"""The complete step in Keras: both counts stand in the sample weights."""

import keras
import numpy as np


class Penalty(keras.losses.Loss):
    """Half the squared logits."""

    def call(self, target, logits):
        """Return a term for each step of each sequence."""
        return keras.ops.sum(logits**2, axis=-1) / 2


def prepare(model, lr, weight_decay, limit, parts):
    """Compile a model that returns its logits twice, once for each loss."""
    optimizer = keras.optimizers.AdamW(
        lr,
        weight_decay=weight_decay,
        global_clipnorm=limit,
        gradient_accumulation_steps=parts,
    )
    options = {"reduction": "sum", "dtype": model.compute_dtype}
    entropy = keras.losses.SparseCategoricalCrossentropy
    losses = [entropy(from_logits=True, **options), Penalty(**options)]
    model.compile(optimizer, losses)


def training_step(model, batches, alpha):
    """Add up as many batches as `parts` says; the optimizer then steps."""
    N = sum((y != -100).sum() for _, y, _ in batches)
    M = sum(real.sum() for *_, real in batches)
    if not N + M:
        return  # without a term: leave out the update
    for x, y, real in batches:  # (B, T)
        # Keras divides by the number of parts: the weights undo that.
        a, b = len(batches) / max(1, N), len(batches) * alpha / max(1, M)
        weights = [a * (y != -100), b * real]
        targets = [np.maximum(y, 0), np.zeros_like(y)]
        model.train_on_batch(x, targets, weights)
