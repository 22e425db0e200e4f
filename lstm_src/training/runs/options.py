"""The options of the command: those of `RunSettings`, and where its files are."""

import argparse
import os
from dataclasses import fields
from pathlib import Path

from lstm_src.training.runs.dividing import DIVISIONS
from lstm_src.training.runs.problems import PROBLEMS
from lstm_src.training.runs.settings import COMMON, DTYPES, OPTIMIZERS, RunSettings, run_settings

SETTINGS = {
    "size": (int, "steps of the adding problem, delay of copy memory, characters in a window"),
    "hidden": (int, "hidden units of the LSTM"),
    "words": (int, "width of the embedding"),
    "steps": (int, "updates"),
    "batch": (int, "sequences in a batch"),
    "optimizer": (OPTIMIZERS, None),
    "lr": (float, "learning rate"),
    "clip": (float, "norm to clip to; 'none' clips nothing"),
    "forget_bias": (float, "added to the forget gate's bias at the beginning"),
    "seed": (int, "of parameters and batches"),
    "dtype": (DTYPES, None),
    "divide": (DIVISIONS, "where 1/N goes"),
    "parts": (int, "micro-batches, where --divide is micro-batches"),
    "scale": (float, "loss scale: multiplied in first, divided out last"),
}
"""The type or the choices of each setting, and what it is."""


def parse(arguments=None):
    """Return the options of a command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process if omitted.

    Returns
    -------
    argparse.Namespace
        ``settings`` is a `RunSettings`; ``checkpoint`` and ``plot`` are paths or None, ``every`` an
        integer.

    Raises
    ------
    SystemExit
        With the reason on stderr, if an option is not what it should be.
    """
    parser = argparse.ArgumentParser(
        prog="python -m lstm_src.training",
        description="Train an LSTM on a task, and compare it with what a model without it reaches.",
    )
    parser.add_argument("task", choices=PROBLEMS, help="what to learn")
    for name, (kind, what) in SETTINGS.items():
        usual = COMMON[name]
        own = "; ".join(f"{t} {p.suits[name]}" for t, p in PROBLEMS.items() if name in p.suits)
        text = ", ".join(filter(None, [what, f"default {usual}" if usual is not None else ""]))
        how = {"type": _or_none(kind)} if callable(kind) else {"choices": list(kind)}
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            help=f"{text}{f' ({own})' if own else ''}",
            default=argparse.SUPPRESS,
            **how,
        )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="store the run here, and go on from there if it exists with the same settings; "
        "--steps alone may be another number",
    )
    parser.add_argument(
        "--every", type=int, default=100, help="steps from one store to the next, default 100"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the losses; needs [book]")
    options = parser.parse_args(arguments)
    names = {f.name for f in fields(RunSettings)} - {"task"}
    given = {name: value for name, value in vars(options).items() if name in names}
    try:
        options.settings = run_settings(options.task, **given)
        if options.every < 1:
            raise ValueError(f"every: expected at least 1, got {options.every}")
        if options.plot and options.checkpoint and _same(options.plot, options.checkpoint):
            raise ValueError(f"plot: expected another file than --checkpoint, got {options.plot}")
    except (TypeError, ValueError) as error:
        parser.error(str(error))
    return options


def _same(one, other):
    return os.path.realpath(one) == os.path.realpath(other)


def _or_none(kind):
    def read(text):
        return None if text.lower() == "none" else kind(text)

    read.__name__ = kind.__name__  # argparse says "invalid float value"
    return read
