"""One LSTM of one unit, and what arrives at its weights when 1/N stands on some of its lines.

The backward pass is laid out as lines: ``loss`` before anything branches, ``u3`` the cotangent that
enters at step 3, ``p3`` and ``q3`` what step 4 hands back to the hidden and the cell state of step
3, ``w3`` what step 3 gives to the weights, and ``end`` the finished sum. Marks say how often a
line is divided by N.
"""

from dataclasses import dataclass

import numpy as np

from lstm_src import plain
from lstm_src.lstm import init_params
from lstm_src.structures import Slopes
from lstm_src.training.losses import squared_error
from lstm_src.training.tasks import running_minimum

STEPS = 4
DIGITS = 4


@dataclass(frozen=True)
class Ways:
    """What one step's cotangents become, by `lstm_src.plain.step_back`.

    Parameters
    ----------
    injected : tuple of float
        For each step, the cotangent that the loss injects.
    steps : tuple of tuple of float
        For each step, what a cotangent 1 of its hidden state becomes: that of the hidden and the
        cell state before, and the length of its share along the true gradient, which has length 1.
        Then the same of a cotangent 1 of its cell state.
    """

    injected: tuple
    steps: tuple


def example():
    """Return the figure's run: its parameters, its tape, and the cotangents of its mean's terms.

    With most seeds some number is negative, and a bar runs backwards over another. With this one,
    and about a fifth of the others, none is.
    """
    rng = np.random.default_rng(1427)
    x, target = running_minimum(STEPS, 1, 1, rng)
    params = init_params(1, 1, rng)
    run = plain.forward(params, x)
    return params, run.tape, squared_error(run.h, target).cotangent


def ways_of(params, tape, dh):
    """Take one unit's backward pass apart: run each step back on a cotangent of 1.

    Parameters
    ----------
    params, tape, dh
        As for `lstm_src.plain.backward`, of one sequence, one input and one unit.

    Returns
    -------
    Ways
        Rounded to `DIGITS` digits after the point.
    """
    true = _joined(plain.backward(params, tape, dh).params)
    weights, steps = plain.by_gate(params), []
    for inputs, slopes in zip(tape.inputs, tape.slopes, strict=True):
        h, x, _ = np.split(inputs, 3, axis=1)
        for one in np.eye(2)[:, :, None, None]:
            back = plain.step_back(weights, x, h, Slopes(*slopes), *one)
            share = _joined(plain.joined(back.params)) @ true / (true @ true)
            steps += [*back.state, share]
    rounded = np.round([np.asarray(number).item() for number in steps], DIGITS)
    injected = np.round(dh.ravel(), DIGITS).tolist()
    return Ways(tuple(injected), tuple(map(tuple, rounded.reshape(-1, 6).tolist())))


def lines(T=STEPS):
    """Return the names of the lines, as a reader meets them from the loss to the weights."""
    names = ["loss"]
    for t in range(T, 0, -1):
        names += [f"p{t}", f"q{t}"] if t < T else []
        names += [f"u{t}", f"w{t}"]
    return [*names, "end"]


NAMED = {
    "on the loss": {"loss": 1},
    "on each gradient that enters": {f"u{t}": 1 for t in range(1, STEPS + 1)},
    "at the end": {"end": 1},
    "again at every step": {
        f"{line}{t}": 1 for line in "up" for t in range(1, STEPS + (line > "p"))
    },
    "on all terms but the last": {f"u{t}": 1 for t in range(1, STEPS)},
}
"""The places that have a button of their own, as marks."""


def followed(ways, marks, injected=None):
    """Follow cotangents along all lines, as polynomials in the factor.

    Parameters
    ----------
    ways : Ways
    marks : dict of str to int
        How often each line is divided; a line that is not named, never.
    injected : sequence of float, optional
        Other cotangents than those of ``ways``, such as one term's alone.

    Returns
    -------
    dict of str to tuple of dict
        For each line what comes in and what goes out, each a dict of power to size; for ``h3``,
        the sum at the hidden state of step 3, the same twice.
    """
    injected = ways.injected if injected is None else injected
    found, p, q, total = {}, {}, {}, {}

    def along(line, size):
        found[line] = size, {k + marks.get(line, 0): value for k, value in size.items()}
        return found[line][1]

    on_loss = along("loss", {0: 1.0})
    for t in range(len(injected), 0, -1):
        from_h, from_c = ways.steps[t - 1][:3], ways.steps[t - 1][3:]
        entering = along(f"u{t}", _times(injected[t - 1], on_loss))
        if t < len(injected):
            p, q = along(f"p{t}", p), along(f"q{t}", q)
        h = _plus(entering, p)
        found[f"h{t}"] = h, h
        p, q, share = (
            _plus(_times(a, h), _times(b, q)) for a, b in zip(from_h, from_c, strict=True)
        )
        total = _plus(total, along(f"w{t}", share))
    along("end", total)
    return found


def arrived(ways, marks):
    """Return for each loss term, the first first, what arrives: a dict of power to size."""
    T = len(ways.injected)
    alone = ([u if k == t else 0.0 for k, u in enumerate(ways.injected)] for t in range(T))
    return [followed(ways, marks, one)["end"][1] for one in alone]


def _plus(one, other):
    return {k: one.get(k, 0) + other.get(k, 0) for k in sorted({*one, *other})}


def _times(number, size):
    return {k: number * value for k, value in size.items() if number}


def _joined(params):
    return np.concatenate([leaf.ravel() for leaf in params])
