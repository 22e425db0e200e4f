"""The command ``python -m lstm_src.training TASK``: train, store, resume, tell, draw."""

import sys
from dataclasses import replace
from functools import partial

import numpy as np

from lstm_src.checks.progress import Progress
from lstm_src.training.runs.checkpoint import (
    check_storable,
    load_checkpoint,
    save_checkpoint,
)
from lstm_src.training.runs.measuring import figures
from lstm_src.training.runs.options import parse
from lstm_src.training.runs.plot import check_drawable, draw_losses
from lstm_src.training.runs.run import begin_run, run_step

BAR = 24
"""Characters of the bar."""

PATIENCE = 0.5
"""Seconds without a word."""


def main(arguments=None):
    """Run the command, and return the code to leave with: 0, 1 for an error, 130 when stopped.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process if omitted.
    """
    options = parse(arguments)
    try:
        if options.plot:
            check_drawable(options.plot)  # before the work, not after
        state, losses = _begin(options)
        _train(options, state, losses)
    except (ImportError, MemoryError, OSError, ValueError) as error:
        print(f"python -m lstm_src.training: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("python -m lstm_src.training: stopped", file=sys.stderr)
        return 130
    return 0


def _begin(options):
    """Return the state to start from, and the losses of the steps that led to it."""
    path, settings = options.checkpoint, options.settings
    if path is None or not path.exists():
        return begin_run(settings), []
    stored, state, losses = load_checkpoint(path)
    if apart := settings.differences(replace(stored, steps=settings.steps)):
        raise ValueError(
            f"{path}: expected a checkpoint of the same settings, got {', '.join(apart)}; "
            "name another file, or delete this one to begin anew"
        )
    if state.steps > settings.steps:
        raise ValueError(
            f"{path}: expected at most {settings.steps} steps made, as --steps says, "
            f"got {state.steps}"
        )
    print(f"{path}: goes on after {state.steps:,} steps")
    return state, losses.tolist()


def _train(options, state, losses):
    settings, path = options.settings, options.checkpoint
    progress = Progress(settings.steps, partial(line, settings.task, losses), PATIENCE)
    if path and state.steps < settings.steps:
        check_storable(path)
    stored = state.steps
    try:
        while state.steps < settings.steps:
            state, loss = run_step(settings, state)
            losses.append(loss)
            progress.tell(state.steps)
            if path and (state.steps % options.every == 0 or state.steps == settings.steps):
                save_checkpoint(path, settings, state, losses)
                stored = state.steps
    finally:
        progress.clear()
        if path and stored < state.steps == len(losses):  # stopped by hand
            save_checkpoint(path, settings, state, losses)
    found = figures(settings, state.params)
    for figure in found:
        print(told(figure))
    if options.plot:
        draw_losses(options.plot, settings, np.array(losses), found)
        print(f"drawn: {options.plot}")


def line(task, losses, done, most):
    """Return the line of progress: a bar, the steps, and the mean of the last losses."""
    bar = ("#" * (BAR * done // most)).ljust(BAR, ".")
    return f"{task} [{bar}] {done:,} of {most:,} steps, loss {np.mean(losses[-50:]):.4f}"


def told(figure):
    """Return a figure and what stands beside it as a line."""
    beside = "; ".join(f"{name} {value:.4f}" for name, value in figure.beside.items())
    return f"{figure.what}: {figure.value:.4f}{f' ({beside})' if beside else ''}"
