"""The ways of values through the steps of an LSTM: the one description behind several drawings.

Forward, a way leads from a value to one that reads it. Backward, the same way leads the cotangent
of the reader to the value that it read. So where a value has several readers, the forward drawing
forks, and the backward drawing adds.

A value is a pair of a name and a step: "h" and "c" are the states after the step, "row" is
[h_{t-1}, x_t, 1], which all four gates read, and a gate's letter is its pre-activation.
"""

from collections import Counter
from typing import NamedTuple

from lstm_src.structures import GATES


class Way(NamedTuple):
    """One reading of a value."""

    start: tuple
    end: tuple
    factor: str = ""  # that the cotangent takes on: a slope on the tape, a gate's weights, or none


def ways_of_step(t, x=False):
    """Return all ways that end in step t and the reading of its hidden state by the loss.

    Parameters
    ----------
    t : int
        The step.
    x : bool, optional
        Whether the input is among the values.

    Returns
    -------
    tuple of Way
    """
    into_cell = (Way((gate, t), ("c", t), f"dc_dz_{gate}") for gate in GATES if gate != "o")
    return (
        Way(("h", t - 1), ("row", t)),
        *([Way(("x", t), ("row", t))] if x else []),
        *(Way(("row", t), (gate, t), f"W.{gate}") for gate in GATES),
        *into_cell,
        Way(("c", t - 1), ("c", t), "dc_dc_prev"),
        Way(("o", t), ("h", t), "dh_dz_o"),
        Way(("c", t), ("h", t), "dh_dc"),
        Way(("h", t), ("loss", t)),
    )


def ways_through(steps, x=False):
    """Return all ways of the given steps, and those out of the last one into the next."""
    last = steps[-1]
    onward = Way(("h", last), ("row", last + 1)), Way(("c", last), ("c", last + 1), "dc_dc_prev")
    return tuple(way for t in steps for way in ways_of_step(t, x)) + onward


def merges(ways):
    """Return the values with several readers: there backward adds."""
    return {value for value, readers in Counter(way.start for way in ways).items() if readers > 1}


def ways_back(ways, value):
    """Return all ways that a cotangent which enters at a value takes from there."""
    found, reached = [], [value]
    for end in reached:
        for way in ways:
            if way.end == end and way not in found:
                found.append(way)
                reached.append(way.start)
    return tuple(found)


def is_carried(way):
    """Say whether a way leads from one step into the next."""
    return way.start[1] < way.end[1]


PARTS = {
    "step": lambda ways: tuple(
        w for w in ways if w.start[1] == w.end[1] == 2 and w.end[0] != "loss"
    ),
    "carried": lambda ways: tuple(filter(is_carried, ways)),
    "injected": lambda ways: tuple(w for w in ways if w.end[0] == "loss"),
    "cell path": lambda ways: (
        Way(("h", 3), ("loss", 3)),
        Way(("c", 3), ("h", 3), "dh_dc"),
        *(w for w in ways if w.start[0] == w.end[0] == "c" and w.end[1] <= 3),
    ),
    "one term": lambda ways: ways_back(ways, ("loss", 3)),
    "readers": lambda ways: tuple(w for w in ways if w.start == ("h", 2)),
}
"""What a drawing of steps 1 to 3 can show alone: the ways, by the part's name."""
