"""Long sequences in little memory: keep the states between segments, and run each segment twice."""

from typing import NamedTuple

import numpy as np

from lstm_src.lstm import backward, forward
from lstm_src.structures import Gradients, Params, State, Tape
from lstm_src.validation import check_array, check_params, check_size, check_state


class SegmentedForward(NamedTuple):
    """Result of `forward_in_segments`: all ``h`` (T, B, H), the final ``state``, and ``starts``.

    ``starts`` holds the State that each segment began with.
    """

    h: np.ndarray
    state: State
    starts: tuple


def forward_in_segments(params, x, state=None, *, length):
    """Run the layer as `forward` does, but keep only the states between segments, and no tape.

    Parameters
    ----------
    params, x, state
        As for `lstm_src.lstm.forward`.
    length : int
        Steps in a segment, at least 1; the last segment may be shorter. Memory is least near √T.

    Returns
    -------
    SegmentedForward

    Raises
    ------
    TypeError, ValueError
        As `lstm_src.lstm.forward`, or if ``length`` is not an integer of at least 1.
    """
    length = check_size("length", length)
    D, H, dtype = check_params(params)
    T, B, _ = check_array("x", x, ("T", "B", D), dtype).shape
    state = check_state("state", state, B, H, dtype)
    h, starts, tape = np.empty((T, B, H), dtype), [], None
    for first in range(0, T, length):
        starts.append(state)
        part = x[first : first + length]
        run = forward(params, part, state, out=_shorten(tape, len(part)))
        h[first : first + length], state, tape = run.h, run.state, tape or run.tape
    return SegmentedForward(h, state, tuple(starts))


def backward_in_segments(params, x, starts, dh, dstate=None, *, length):
    """Pull cotangents back as `backward` does, running each segment forward again to get its tape.

    Parameters
    ----------
    params, x
        As `forward_in_segments` was given them.
    starts : tuple of State
        What `forward_in_segments` returned.
    dh, dstate
        As for `lstm_src.lstm.backward`.
    length : int
        As `forward_in_segments` was given it.

    Returns
    -------
    Gradients
        Those of `lstm_src.lstm.backward`, up to rounding, for one more forward pass of work.

    Raises
    ------
    TypeError, ValueError
        As `lstm_src.lstm.backward`, or if ``starts`` does not have one State for each segment,
        the one in which the segment before it ends.
    """
    length = check_size("length", length)
    D, H, dtype = check_params(params)
    T, B, _ = check_array("x", x, ("T", "B", D), dtype).shape
    check_array("dh", dh, (T, B, H), dtype)
    firsts = range(0, T, length)
    if not isinstance(starts, tuple | list):
        raise TypeError(f"starts: expected a tuple of State, got {type(starts).__name__}")
    if len(starts) != len(firsts):
        raise ValueError(f"starts: expected {len(firsts)} states, got {len(starts)}")
    total = Params(*(np.zeros_like(array) for array in params))
    dx, tape, then = np.empty_like(x), None, None
    for k, first in reversed([*enumerate(firsts)]):
        start = check_state(f"starts[{k}]", starts[k], B, H, dtype)
        steps = slice(first, first + length)
        run = forward(params, x[steps], start, out=_shorten(tape, len(x[steps])))
        _check_joins(k, run.state, then)
        part, then = backward(params, run.tape, dh[steps], dstate), start
        for whole, share in zip(total, part.params, strict=True):
            np.add(whole, share, out=whole)
        dx[steps], dstate = part.x, part.state
        tape = run.tape if len(run.tape.inputs) == length else None
    return Gradients(total, dx, dstate)


def _check_joins(k, ends, then):
    """Raise unless segment k ends in the state that the next one starts with."""
    for came, wanted in zip(ends, then or (), strict=False):
        if came.dtype.hasobject:
            apart = came != wanted
        else:
            rounding = np.finfo(came.dtype).eps ** 0.75
            apart = abs(came - wanted) > rounding * max(1, abs(wanted).max())
        if apart.any():
            raise ValueError(
                f"starts[{k + 1}]: expected the state in which segment {k} ends, got another one: "
                "is length what forward_in_segments was given, and x, params and starts as it had?"
            )


def _shorten(tape, steps):
    return tape and Tape(*(array[:steps] for array in tape))
