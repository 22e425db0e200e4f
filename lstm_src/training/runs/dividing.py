"""Where a run divides by N: four right places. All give the token mean and its gradients."""

import math
from types import MappingProxyType

import numpy as np

from lstm_src.checks.trees import tree_map
from lstm_src.training.model import loss_and_gradients
from lstm_src.training.sums import Sums, add_up_here, divide_once
from lstm_src.training.tasks import Task
from lstm_src.validation import check_like, check_size


def micro_batches(task, parts):
    """Return a batch's sequences in some parts, whose sizes differ by at most one.

    Parameters
    ----------
    task : Task
    parts : int
        At least 1, and at most as many as there are sequences.

    Returns
    -------
    iterator of Task

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    """
    sequences = len(check_like("task", task, Task).lengths)
    if check_size("parts", parts) > sequences:
        raise ValueError(f"parts: expected at most the {sequences} sequences, got {parts}")
    cuts = np.array_split(np.arange(sequences), parts)
    return (_sequences(task, slice(each[0], each[-1] + 1)) for each in cuts)


def _sequences(task, chosen):
    x, target, mask = (array[:, chosen] for array in task[:3])
    return Task(x, target, mask, task.lengths[chosen])


def _now(params, task, loss, settings):
    found = reduced(params, task, loss, "token mean", settings.scale)
    return _times(1 / settings.scale, found.loss, found.gradients)


def _at_the_end(params, task, loss, settings):
    return divide_once(_summed(params, task, loss, settings.scale))


def summed_in_parts(params, task, loss, parts, scale=1):
    """Return the token mean and its gradients: sums of micro-batches, divided once."""
    batches = micro_batches(task, parts)
    return divide_once(add_up_here(lambda p, part: _summed(p, part, loss, scale), params, batches))


def _in_micro_batches(params, task, loss, settings):
    return summed_in_parts(params, task, loss, settings.parts, settings.scale)


def _half_now(params, task, loss, settings):
    root = 1 / math.sqrt(task.mask.sum())
    found = reduced(params, task, loss, "sum", root * settings.scale)
    return _times(root / settings.scale, found.loss, found.gradients)


def _summed(params, task, loss, scale):
    found = reduced(params, task, loss, "sum", scale)
    return Sums(found.loss, found.gradients, found.count * scale)


def reduced(params, task, loss, reduction="token mean", scale=1):
    """Return `loss_and_gradients` of a task."""
    return loss_and_gradients(
        params, task.x, task.target, mask=task.mask, loss=loss, reduction=reduction, scale=scale
    )


def _times(factor, *trees):
    return tree_map(lambda array: array * array.dtype.type(factor), trees)


DIVISIONS = MappingProxyType(
    {
        "now": _now,
        "at-the-end": _at_the_end,
        "half-now": _half_now,
        "micro-batches": _in_micro_batches,
    }
)
"""The places, by name: on the loss, on the finished gradients, a root on each, on sums of parts."""
