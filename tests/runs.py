"""Short runs for tests, and what compares two of them to the bit."""

import numpy as np

from lstm_src.checks.trees import tree_leaves
from lstm_src.training.runs import run_settings

TINY = {
    "adding": {"size": 6, "hidden": 4, "batch": 4, "steps": 8},
    "copy": {"size": 2, "hidden": 4, "batch": 4, "steps": 8, "words": 3},
    "reber": {"hidden": 4, "batch": 4, "steps": 8, "words": 3},
    "characters": {"size": 5, "hidden": 4, "batch": 4, "steps": 8, "words": 3},
}


def tiny(task, **changes):
    return run_settings(task, **{**TINY[task], **changes})


def bits(state, losses=()):
    """Return all that a run's future depends on, and its past, as bytes and numbers."""
    arrays = tree_leaves([state.params, state.optimizer[1:]])
    held = [(array.dtype.str, array.shape, array.tobytes()) for array in arrays]
    return held, state.steps, state.generator, np.asarray(losses, float).tobytes()
