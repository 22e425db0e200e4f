"""Anyone's loss as a function of moved arrays: it sees copies, and must return one number."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from lstm_src.checks.leaves import returned
from lstm_src.checks.precision import one_number, precision
from lstm_src.checks.progress import Progress


@dataclass(frozen=True, eq=False)
class Loss:
    """The loss under test; ``rebuild`` makes its tree from arrays by path.

    ``most`` is the number of evaluations that it may take. ``tally`` counts them, ``written`` holds
    the paths of arrays that the loss wrote into, ``reserved`` how many evaluations are planned, and
    may not be taken for closer looks.
    """

    function: Callable
    rebuild: Callable
    most: int
    progress: Progress
    tally: list = field(default_factory=lambda: [0])
    written: dict = field(default_factory=dict)
    reserved: list = field(default_factory=lambda: [0])

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
        self.progress.tell(self.tally[0])
        try:
            value = returned("loss", self.function(self.rebuild(at)), "a number")
        except Exception as error:
            error.add_note(f"raised by the loss under test {where(moves, distance)}")
            raise
        if not moves:
            self.written.update(dict.fromkeys(changed(at, arrays)))
        return one_number(value), precision(value)

    def evaluations(self):
        """Return how often the loss was evaluated so far."""
        return self.tally[0]

    def left(self):
        """Return how many evaluations may still be taken."""
        return self.most - self.tally[0] - self.reserved[0]

    def jitter(self, arrays, value):
        """Return by how much the loss differs when it is called again."""
        again = self(arrays)[0]
        return 0.0 if again == value else float(abs(again - value))


@dataclass(frozen=True, eq=False)
class Point:
    """Where a loss is differentiated: its ``value`` there, the precision ``kind`` of that.

    ``jitter`` is by how much it differs when it is called again.
    """

    loss: Loss
    arrays: dict
    value: float
    kind: str
    jitter: float = 0.0


def changed(arrays, originals):
    """Return the paths of arrays that do not hold what they held."""
    return [p for p, a in arrays.items() if not np.array_equal(a, originals[p], equal_nan=True)]


def where(moves, distance):
    """Say which arrays were moved, and how far."""
    if not moves:
        return "at the parameters as they were given"
    far = f"{distance:.3g}"
    places = [
        f"{path}{list(move)} was moved by {far}"
        if isinstance(move, tuple)
        else f"{path} was moved by {far} along a random direction"
        for path, move in moves.items()
    ]
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    return f"when {' and '.join(places[:3])}{more}"


def short(error):
    """Return the kind of an error and the beginning of its text, cut between words."""
    text = textwrap.shorten(str(error).strip().partition("\n")[0], 160, placeholder=" …")
    return type(error).__name__ + (f": {text.rstrip('.')}" if text else "")
