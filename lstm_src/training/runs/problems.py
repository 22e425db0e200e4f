"""What a run needs to know of a task: how it is drawn, its sizes, its loss, its test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lstm_src.training.losses import cross_entropy, squared_error
from lstm_src.training.runs.reached import on_adding, on_characters, on_copy, on_reber
from lstm_src.training.tasks import (
    REBER_SYMBOLS,
    adding_problem,
    alphabet,
    character_windows,
    copy_memory,
    reber_task,
    zen,
)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A task as a run sees it.

    ``draw(size, B, rng, dtype)`` returns a `Task`; ``sizes`` are its (K, V), where V is the number
    of words, or None if the inputs are pairs of numbers; ``least`` is the smallest size, None if
    the task has none; ``test(outputs_of, settings, rng)`` returns the `Figure`s of a model;
    ``suits`` holds settings that suit the task.
    """

    draw: Callable
    sizes: tuple
    least: int | None
    test: Callable
    loss: Callable = cross_entropy
    suits: Mapping = field(default_factory=dict)


_LETTERS = len(alphabet(zen()))

PROBLEMS = MappingProxyType(
    {
        "adding": Problem(
            draw=lambda size, B, rng, dtype: adding_problem(size, B, rng, dtype=dtype),
            sizes=(1, None),
            least=2,
            loss=squared_error,
            test=on_adding,
            suits={"size": 100, "hidden": 16, "forget_bias": 3.0},
        ),
        "copy": Problem(
            draw=lambda size, B, rng, dtype: copy_memory(size, B, rng),
            sizes=(9, 10),
            least=1,
            test=on_copy,
            suits={"size": 12, "hidden": 64, "words": 10, "forget_bias": 2.0, "steps": 3000},
        ),
        "reber": Problem(
            draw=lambda size, B, rng, dtype: reber_task(B, rng),
            sizes=(len(REBER_SYMBOLS),) * 2,
            least=None,
            test=on_reber,
            suits={"words": 7},
        ),
        "characters": Problem(
            draw=lambda size, B, rng, dtype: character_windows(zen(), size, B, rng),
            sizes=(_LETTERS, _LETTERS),
            least=1,
            test=on_characters,
            suits={"size": 32, "hidden": 64, "words": 16, "steps": 300},
        ),
    }
)
"""The tasks that can be run, by name."""
