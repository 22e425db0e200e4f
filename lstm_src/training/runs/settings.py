"""The settings of a run: all that its numbers depend on, beside the machine."""

import math
from dataclasses import dataclass, fields
from types import MappingProxyType

from lstm_src.training.optimizers import SGD, Adagrad, Adam, AdamW, RMSprop
from lstm_src.training.runs.dividing import DIVISIONS
from lstm_src.training.runs.problems import PROBLEMS
from lstm_src.validation import check_above_zero, check_number, check_size

OPTIMIZERS = MappingProxyType(
    {"adam": Adam, "adamw": AdamW, "sgd": SGD, "rmsprop": RMSprop, "adagrad": Adagrad}
)
"""The optimizers of a run, by name; all but the learning rate is as they begin."""

DTYPES = ("float32", "float64")


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """The settings of a run; `run_settings` fills in what suits a task.

    Parameters
    ----------
    task : str
        "adding", "copy", "reber" or "characters".
    size : int or None
        The steps of the adding problem, the delay of copy memory, the characters in a window; None
        for Reber strings, whose lengths are drawn.
    hidden, words : int
        H, and D of the embedding; the adding problem has no words, and leaves ``words`` unread.
    steps, batch : int
        Updates, and sequences in each batch.
    optimizer : str
        A key of `OPTIMIZERS`.
    lr : float
        Its learning rate.
    clip : float or None
        The norm that a gradient is shortened to; None leaves it as it is.
    forget_bias : float
        What is added to the forget gate's bias at the beginning.
    seed : int
        Of the parameters and the batches.
    dtype : str
        "float32" or "float64".
    divide : str
        Where 1/N goes, a key of `DIVISIONS`: all are the token mean.
    parts : int
        The micro-batches that a batch is cut into, where ``divide`` is "micro-batches".
    scale : float
        A loss scale above 0: multiplied in where the gradient begins, divided out at the end.

    Raises
    ------
    TypeError, ValueError
        If a setting is not what is described here.
    """

    task: str
    size: int | None
    hidden: int
    words: int
    steps: int
    batch: int
    optimizer: str
    lr: float
    clip: float | None
    forget_bias: float
    seed: int
    dtype: str
    divide: str
    parts: int
    scale: float

    def __post_init__(self):
        """Check the settings, and make floats of the numbers that are none."""
        known = {"task": PROBLEMS, "optimizer": OPTIMIZERS, "dtype": DTYPES, "divide": DIVISIONS}
        for name, allowed in known.items():
            value = getattr(self, name)
            if not isinstance(value, str) or value not in allowed:
                raise ValueError(f"{name}: expected one of {', '.join(allowed)}, got {value!r}")
        for name in ("hidden", "words", "steps", "batch", "parts"):
            check_size(name, getattr(self, name))
        check_size("seed", self.seed, least=0, most=math.inf)
        self._check_size()
        if self.parts > self.batch:
            raise ValueError(f"parts: expected at most batch, {self.batch}, got {self.parts}")
        for name in ("lr", "forget_bias", "scale", "clip"):
            value = getattr(self, name)
            if name == "clip" and value is None:
                continue
            check = check_number if name == "forget_bias" else check_above_zero
            object.__setattr__(self, name, check(name, value))

    def _check_size(self):
        least = PROBLEMS[self.task].least
        if least is None and self.size is not None:
            raise ValueError(f"size: expected None for {self.task}, got {self.size}")
        if least is not None:
            check_size("size", self.size, least=least)

    def differences(self, other):
        """Return how other settings differ, as one text for each: "hidden: 32 (here 16)"."""
        pairs = {f.name: (getattr(other, f.name), getattr(self, f.name)) for f in fields(self)}
        return [f"{name}: {a} (here {b})" for name, (a, b) in pairs.items() if a != b]


COMMON = MappingProxyType(
    {
        "size": None,
        "hidden": 32,
        "words": 8,
        "steps": 1000,
        "batch": 32,
        "optimizer": "adam",
        "lr": 0.01,
        "clip": 1.0,
        "forget_bias": 0.0,
        "seed": 0,
        "dtype": "float32",
        "divide": "now",
        "parts": 4,
        "scale": 1.0,
    }
)
"""What a run has if neither the task nor the caller says otherwise."""


def run_settings(task, **changes):
    """Return the settings that suit a task, with changes.

    Parameters
    ----------
    task : str
        As for `RunSettings`.
    **changes
        Other settings of `RunSettings`.

    Returns
    -------
    RunSettings

    Raises
    ------
    TypeError, ValueError
        As `RunSettings`.
    """
    own = PROBLEMS[task].suits if isinstance(task, str) and task in PROBLEMS else {}
    return RunSettings(task=task, **{**COMMON, **own, **changes})
