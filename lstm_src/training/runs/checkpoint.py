"""A run on disk: one file from which it goes on to the same bits, or which is refused."""

import json
import os
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lstm_src.checks.trees import named_leaves, tree_map
from lstm_src.training.runs.run import RunState, begin_run
from lstm_src.training.runs.settings import RunSettings
from lstm_src.validation import check_like, check_size

FORMAT = "lstm_src run 2"
"""What a file says that it is."""

BROKEN = (
    *(ValueError, TypeError, KeyError, ArithmeticError, RuntimeError, MemoryError),
    *(EOFError, OSError, zipfile.BadZipFile, zlib.error),
)
"""What reading an open file raises if it is no checkpoint, or was cut off or changed."""


class Checkpoint(NamedTuple):
    """What a file holds: the ``settings``, the ``state``, and the ``losses`` of its steps."""

    settings: RunSettings
    state: RunState
    losses: np.ndarray


def save_checkpoint(path, settings, state, losses):
    """Write a run to a file, which holds the old run or the new one at every moment.

    Parameters
    ----------
    path : str or path
        An ``.npz`` file, whatever its name.
    settings : RunSettings
    state : RunState
    losses : sequence of float
        One for each step made.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    OSError
        If the file cannot be written.

    Notes
    -----
    The arrays are written to another file beside it, brought to the disk, and renamed.
    """
    path = _path(path)
    check_like("settings", settings, RunSettings)
    check_like("state", state, RunState)
    try:
        losses = np.asarray(losses, dtype=float)
    except (TypeError, ValueError) as error:
        raise TypeError(f"losses: expected numbers: {error}") from error
    if losses.shape != (state.steps,):
        raise ValueError(
            f"losses: expected one for each of {state.steps} steps, got {losses.shape}"
        )
    text = {
        "format": FORMAT,
        "settings": asdict(settings),
        "steps": state.steps,
        "generator": state.generator,
    }
    arrays = {"about": np.array(json.dumps(text)), "losses": losses, **_arrays(state)}
    partial = _beside(path)
    with partial.open("wb") as file:
        np.savez(file, **arrays)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def check_storable(path):
    """Raise an OSError unless `save_checkpoint` can write there: before the work, and not after."""
    partial = _beside(path)
    partial.open("wb").close()
    partial.unlink()


def _beside(path):
    path = Path(path)
    return path.with_name(path.name + ".partial")


def load_checkpoint(path):
    """Read what `save_checkpoint` wrote, without unpickling anything.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Checkpoint

    Raises
    ------
    TypeError
        If the path is none.
    ValueError
        If the file is no checkpoint, was cut off or changed, or lacks something; its name is told.
    OSError
        If it cannot be opened.
    """
    with _path(path).open("rb") as file:
        try:
            with _opened(file) as arrays:
                return _taken(dict(arrays))
        except BROKEN as error:
            what = str(error) or type(error).__name__
            raise ValueError(
                f"{path}: expected a checkpoint of a run, got a bad file: {what}"
            ) from error


def _path(path):
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path: expected a text or a path, got {type(path).__name__}")
    return Path(path)


def _opened(file):
    found = np.load(file, allow_pickle=False)
    if not isinstance(found, np.lib.npyio.NpzFile):
        raise ValueError("one array alone")
    return found


def _taken(arrays):
    missing = {"about", "losses"} - arrays.keys()
    if missing:
        raise ValueError(f"no {' and no '.join(sorted(missing))}")
    about = json.loads(str(arrays.pop("about")))
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise ValueError(f"not the format {FORMAT!r}")
    settings, losses = RunSettings(**about["settings"]), arrays.pop("losses")
    steps = check_size("steps", about["steps"], least=0)
    if losses.shape != (steps,) or losses.dtype != float:
        raise ValueError(f"{losses.shape} losses of type {losses.dtype} after {steps} steps")
    np.random.PCG64(0).state = about["generator"]  # raises if it is none
    start = begin_run(settings)
    wanted = _arrays(start)
    if arrays.keys() != wanted.keys():
        raise ValueError(f"the arrays {', '.join(arrays)} where {', '.join(wanted)} belong")
    for name, array in wanted.items():
        came = arrays[name]
        if came.shape != array.shape or came.dtype != array.dtype:
            raise ValueError(f"{name} of shape {came.shape} and type {came.dtype}")
    order = iter([arrays[name] for name in wanted])
    trees = tree_map(lambda _: next(order), _trees(start))
    params = trees.pop("params")
    kept = start.optimizer._replace(steps=steps, **trees)
    return Checkpoint(settings, RunState(params, kept, about["generator"]), losses)


def _arrays(state):
    """Return the arrays of a state by their paths."""
    leaves = named_leaves("state", _trees(state))
    return {path: leaf for path, leaf in leaves.items() if leaf is not None}


def _trees(state):
    """Return all trees of a state by name; None where the optimizer keeps none."""
    kept = state.optimizer._asdict()
    del kept["steps"]
    return {"params": state.params, **kept}
