"""The uses of values through the steps of an LSTM: the one description behind several drawings.

Forward, a use leads from a value to one that reads it. Backward, the same use leads the cotangent
of the reader to the value that it read. So where a value has several readers, the forward drawing
forks, and the backward drawing adds.

A value is a pair of a name and a step: "h" and "c" are the states after the step, "row" is
[h_{t-1}, x_t, 1], which all four gates read, and a gate's letter is its pre-activation.
"""

from collections import Counter
from typing import NamedTuple

from lstm_src.structures import GATES


class Use(NamedTuple):
    """One reading of a value."""

    start: tuple
    end: tuple
    factor: str = ""  # that the cotangent takes on: a slope on the tape, a gate's weights, or none


def uses_of_step(t, x=False):
    """Return all uses that end in step t and the reading of its hidden state by the loss.

    Parameters
    ----------
    t : int
        The step.
    x : bool, optional
        Whether the input is among the values.

    Returns
    -------
    tuple of Use
    """
    into_cell = (Use((gate, t), ("c", t), f"dc_dz_{gate}") for gate in GATES if gate != "o")
    return (
        Use(("h", t - 1), ("row", t)),
        *([Use(("x", t), ("row", t))] if x else []),
        *(Use(("row", t), (gate, t), f"W.{gate}") for gate in GATES),
        *into_cell,
        Use(("c", t - 1), ("c", t), "dc_dc_prev"),
        Use(("o", t), ("h", t), "dh_dz_o"),
        Use(("c", t), ("h", t), "dh_dc"),
        Use(("h", t), ("loss", t)),
    )


def uses_through(steps, x=False):
    """Return all uses of the given steps, and those out of the last one into the next."""
    last = steps[-1]
    onward = Use(("h", last), ("row", last + 1)), Use(("c", last), ("c", last + 1), "dc_dc_prev")
    return tuple(use for t in steps for use in uses_of_step(t, x)) + onward


def merges(uses):
    """Return the values with several readers: there backward adds."""
    return {value for value, readers in Counter(use.start for use in uses).items() if readers > 1}


def uses_back(uses, value):
    """Return all uses that a cotangent which enters at a value takes from there."""
    found, reached = [], [value]
    for end in reached:
        for use in uses:
            if use.end == end and use not in found:
                found.append(use)
                reached.append(use.start)
    return tuple(found)


def is_carried(use):
    """Say whether a use leads from one step into the next."""
    return use.start[1] < use.end[1]


PARTS = {
    "step": lambda uses: tuple(
        w for w in uses if w.start[1] == w.end[1] == 2 and w.end[0] != "loss"
    ),
    "carried": lambda uses: tuple(filter(is_carried, uses)),
    "injected": lambda uses: tuple(w for w in uses if w.end[0] == "loss"),
    "cell path": lambda uses: (
        Use(("h", 3), ("loss", 3)),
        Use(("c", 3), ("h", 3), "dh_dc"),
        *(w for w in uses if w.start[0] == w.end[0] == "c" and w.end[1] <= 3),
    ),
    "one term": lambda uses: uses_back(uses, ("loss", 3)),
    "readers": lambda uses: tuple(w for w in uses if w.start == ("h", 2)),
}
"""What a drawing of steps 1 to 3 can show alone: the uses, by the part's name."""
