"""The named tuples that carry parameters, states, tapes and gradients.

A cotangent has the type of what it belongs to: the gradient of a ``Params`` is a ``Params``.
"""

from collections import namedtuple
from typing import NamedTuple

import numpy as np

GATES = ("g", "f", "i", "o")
"""Order of the four blocks of H columns: candidate, forget, input and output gate."""

SLOPES = ("dc_dc_prev", "dc_dz_g", "dc_dz_f", "dc_dz_i", "dh_dz_o", "dh_dc")
"""Order of the local slopes along the second axis of ``Tape.slopes``."""


Gates = namedtuple("Gates", GATES)
Gates.__doc__ = "One thing for each gate, by its name."

Slopes = namedtuple("Slopes", SLOPES)
Slopes.__doc__ = "The local slopes of one step, each (B, H), by their names."


class Params(NamedTuple):
    """Weights of a layer: ``W_x`` (D, 4H), ``W_h`` (H, 4H), ``b`` (4H,), in blocks as `GATES`."""

    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray


class State(NamedTuple):
    """Hidden state ``h`` and cell state ``c`` at one step, each (B, H)."""

    h: np.ndarray
    c: np.ndarray


class Tape(NamedTuple):
    """What ``backward`` needs to know about one forward pass.

    ``inputs`` (T, B, H+D+1) holds the rows ``[h_{t-1}, x_t, 1]`` that the weights multiplied;
    ``slopes`` (T, 6, B, H) holds the derivatives named in `SLOPES`, at the values of that pass.
    """

    inputs: np.ndarray
    slopes: np.ndarray


def empty_tape(T, B, D, H, dtype):
    """Return a tape to be written on, with both arrays in one piece of memory.

    A C library tends to keep a freed piece that is larger than all others together for the next
    pass. Where it gives memory back to the system instead, a small pass can take half as long
    again.
    """
    inputs, slopes = (T, B, H + D + 1), (T, 6, B, H)
    memory, end = np.empty(T * B * (7 * H + D + 1), dtype), T * B * (H + D + 1)
    return Tape(memory[:end].reshape(inputs), memory[end:].reshape(slopes))


def tape_between(tape, start, stop):
    """Return the part of a tape that covers the steps ``start`` to ``stop - 1``.

    Raises
    ------
    ValueError
        If there is no such part.
    """
    if not 0 <= start < stop <= len(tape.inputs):
        steps = len(tape.inputs)
        raise ValueError(f"start, stop: expected 0 <= start < stop <= {steps}, got {start}, {stop}")
    return Tape(*(array[start:stop] for array in tape))


class Forward(NamedTuple):
    """Result of `forward`: hidden states ``h`` (T, B, H), the final ``state`` and the ``tape``."""

    h: np.ndarray
    state: State
    tape: Tape


class Gradients(NamedTuple):
    """Result of `backward`: gradients of ``params``, ``x`` (T, B, D) and the initial ``state``."""

    params: Params
    x: np.ndarray
    state: State
