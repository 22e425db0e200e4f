"""What a trained model reaches on each task, beside what it is compared with.

``outputs_of(x)`` returns what the model says; the sequences are drawn anew.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from lstm_src.training.losses import cross_entropy
from lstm_src.training.tasks import (
    adding_baseline,
    adding_problem,
    character_baselines,
    character_windows,
    copy_baseline,
    copy_memory,
    legal_shares,
    reber_baseline,
    reber_task,
    zen,
)


class Figure(NamedTuple):
    """A figure of a trained model: ``what`` it is, its ``value``, and what stands ``beside`` it.

    ``beside`` holds the figures to compare with, by their names.
    """

    what: str
    value: float
    beside: Mapping = MappingProxyType({})


def on_adding(outputs_of, settings, rng):
    """Return the mean squared error and the share of sums that come near."""
    task = adding_problem(settings.size, 1000, rng, dtype=settings.dtype)
    error = (outputs_of(task.x) - task.target)[-1].astype(float)
    beside = {"always 1": adding_baseline()}
    near = Figure("share of sums within 0.04", float((abs(error) < 0.04).mean()))
    return [Figure("mean squared error", float((error**2).mean()), beside), near]


def on_copy(outputs_of, settings, rng):
    """Return the cross-entropy and the share of symbols that are recalled."""
    task = copy_memory(settings.size, 500, rng)
    outputs = outputs_of(task.x)
    recalled = (outputs.argmax(axis=-1) == task.target)[-10:]
    beside = {"without memory": copy_baseline(settings.size)}
    return [
        Figure("cross-entropy", _token_mean(outputs, task), beside),
        Figure("share of symbols recalled", float(recalled.mean()), {"guessed": 1 / 8}),
    ]


def on_reber(outputs_of, settings, rng):
    """Return the cross-entropy and the shares of legal symbols."""
    task = reber_task(1000, rng)
    outputs = outputs_of(task.x)
    beside = {
        "forgets the second symbol": reber_baseline(),
        "knows all": reber_baseline(remembers=True),
    }
    legal = legal_shares(outputs, task)
    return [
        Figure("cross-entropy", _token_mean(outputs, task), beside),
        Figure("share of legal symbols", legal.every),
        Figure("the same at the closing one", legal.closing, {"guessed": 1 / 2}),
    ]


def on_characters(outputs_of, settings, rng):
    """Return the cross-entropy and the share of characters that are foreseen."""
    text = zen()
    task = character_windows(text, len(text) - 1, 1, rng)
    outputs = outputs_of(task.x)
    beside = {f"knows {name}": v for name, v in character_baselines(text)._asdict().items()}
    right = (outputs.argmax(axis=-1) == task.target).mean()
    return [
        Figure("cross-entropy", _token_mean(outputs, task), beside),
        Figure("share of characters foreseen", float(right)),
    ]


def _token_mean(outputs, task):
    terms = cross_entropy(outputs, task.target, task.mask).terms
    return float(terms.sum(dtype=float) / task.mask.sum())
