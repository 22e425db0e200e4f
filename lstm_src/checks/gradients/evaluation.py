"""Anyone's loss as a function of moved arrays: it sees copies, and must return one number."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Loss:
    """The loss under test; ``rebuild`` makes its tree from arrays by path; ``tally`` counts."""

    function: Callable
    rebuild: Callable
    tally: list

    def __call__(self, arrays, moves=None, distance=0.0):
        """Return the loss, and the precision of what it returned, after moving some arrays.

        Parameters
        ----------
        arrays : dict of str to ndarray
            Where the moves start. A complex distance makes all of them complex.
        moves : dict of str to tuple or ndarray, optional
            For the path of an array, the index of an entry or a direction.
        distance : number, optional
            How far to move.

        Raises
        ------
        TypeError, ValueError
            If the loss does not return one number. What it raises itself passes, with a note.
        """
        if np.iscomplexobj(distance):
            at = {path: a.astype(np.result_type(a, np.complex64)) for path, a in arrays.items()}
        else:
            at = {path: a.copy() for path, a in arrays.items()}
        for path, move in (moves or {}).items():
            if isinstance(move, tuple):
                at[path][move] += distance
            else:
                at[path] += distance * move
        self.tally[0] += 1
        try:
            value = self.function(self.rebuild(at))
        except Exception as error:
            error.add_note(f"raised by the loss under test {where(moves, distance)}")
            raise
        return _number(value), precision(value)

    def evaluations(self):
        """Return how often the loss was evaluated so far."""
        return self.tally[0]

    def repeats(self, arrays, value):
        """Tell whether the loss has this value again."""
        return bool(self(arrays)[0] == value)


def precision(value):
    """Name the precision of an array or a number; that of Python's own numbers is float64."""
    name = str(getattr(value, "dtype", "float64")).removeprefix("torch.")
    if name.startswith(("bfloat16", "float8")):
        return "bfloat16"
    name = {"complex64": "float32", "complex128": "float64"}.get(name, name)
    if name in {"float16", "float32", "float64"}:
        return name
    return "longdouble" if name in {np.longdouble().dtype.name, "complex256"} else "float64"


def _number(value):
    if hasattr(value, "detach"):  # a tensor of PyTorch
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    array = np.asarray(value).copy()
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    if array.dtype.kind not in "fciu":
        raise TypeError(f"loss: expected a number, got {type(value).__name__}")
    if array.size != 1:
        raise ValueError(f"loss: expected one number, got an array of shape {array.shape}")
    return array.reshape(())[()]


def where(moves, distance):
    """Say which arrays were moved, and how far."""
    if not moves:
        return "at the parameters as they were given"
    far = f"{distance:.3g}"
    places = (
        f"{path}{list(move)} was moved by {far}"
        if isinstance(move, tuple)
        else f"{path} was moved by {far} along a random direction"
        for path, move in moves.items()
    )
    return f"when {' and '.join(places)}"
