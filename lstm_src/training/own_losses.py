"""What a loss of the caller's returns: taken where it counts, and refused by name."""

import numpy as np

from lstm_src.training.losses import StepLoss
from lstm_src.validation import check_array, check_callable, check_layout


def take_step_loss(loss, outputs, target, here):
    """Return the terms (T, B) and cotangents (T, B, K) of a loss, both 0 where nothing counts.

    Parameters
    ----------
    loss : callable
        The caller's.
    outputs : ndarray, shape (T, B, K)
    target : ndarray
    here : ndarray of bool, shape (T, B)

    Raises
    ------
    TypeError, ValueError
        Naming ``loss``, if it returns no terms and cotangents of these shapes and their type.
    """
    check_callable("loss", loss)
    found = loss(outputs, target, here)
    if not isinstance(found, tuple) or len(found) != len(StepLoss._fields):
        raise TypeError(
            "loss: expected a function that returns StepLoss(terms, cotangent), got one that "
            f"returns {type(found).__name__}"
        )
    zero = np.zeros((), outputs.dtype)
    shapes = dict(zip(StepLoss._fields, (here.shape, outputs.shape), strict=True))
    kept = []
    for (name, shape), array in zip(shapes.items(), found, strict=True):
        if not isinstance(array, np.ndarray):
            mean = ": a mean or a sum over the steps is the reduction's" * (name == "terms")
            raise TypeError(
                f"loss: expected {name} of shape {shape}, got {type(array).__name__}{mean}"
            )
        at = here[(..., *[None] * (len(shape) - 2))]
        check_layout(f"loss: {name}", array, shape, outputs.dtype)
        kept.append(check_array(f"loss: {name}", np.where(at, array, zero), shape))
    return kept
