"""Checks of what the passes take: parameters, states, tapes, and functions that write."""

import numpy as np

from lstm_src.structures import Params, State, Tape
from lstm_src.validation.arrays import check_array, check_layout
from lstm_src.validation.values import check_callable, check_like


def check_params(params):
    """Return ``(D, H, dtype)`` of ``params`` after checking shapes, and that there is one dtype."""
    check_like("params", params, Params)
    width = check_array("params.b", params.b, ("4H",)).size
    if width % 4:
        raise ValueError(f"params.b: expected shape (4H,), got {params.b.shape}")
    check_array("params.W_h", params.W_h, (width // 4, width), params.b.dtype)
    check_array("params.W_x", params.W_x, ("D", width), params.b.dtype)
    return len(params.W_x), width // 4, params.b.dtype


def check_state(name, state, B, H, dtype):
    """Return ``state`` after checking its arrays, or zeros where it is ``None``."""
    if state is None:
        return State(np.zeros((B, H), dtype), np.zeros((B, H), dtype))
    check_like(name, state, State)
    return State(
        *(
            check_array(f"{name}.{part}", array, (B, H), dtype)
            for part, array in zip(State._fields, state, strict=True)
        )
    )


def check_tape(name, tape, sizes, dtype):
    """Return ``tape`` after checking it against ``sizes``: T and B (or names for any), D, H."""
    check_like(name, tape, Tape)
    T, B, D, H = sizes
    T, B, _ = check_layout(f"{name}.inputs", tape.inputs, (T, B, H + D + 1), dtype).shape
    check_layout(f"{name}.slopes", tape.slopes, (T, 6, B, H), dtype)
    return tape


def check_out(name, tape, sizes, dtype, read=()):
    """Return ``tape`` after checking that it fits and that each entry can be written on its own.

    ``read`` holds the arrays that are still read when the tape is written.
    """
    for field, array in check_tape(name, tape, sizes, dtype)._asdict().items():
        if not (array.flags.c_contiguous and array.flags.writeable):
            raise ValueError(f"{name}.{field}: expected a writeable, C-contiguous array")
        if any(np.may_share_memory(array, other) for other in read):
            raise ValueError(f"{name}.{field}: expected memory of its own, got that of an argument")
    if np.may_share_memory(*tape):  # exact for contiguous arrays
        raise ValueError(f"{name}: expected two arrays that do not overlap, got one memory")
    return tape


def check_writes(name, function):
    """Return ``function``, made to raise where it does not write into ``out``.

    Raises
    ------
    TypeError
        If it cannot be called, and in a call that returns another array than ``out``.
    """
    if isinstance(function, np.ufunc):
        return function
    check_callable(name, function)

    def checked(values, *, out):
        result = function(values, out=out)
        if result is not None and result is not out:
            raise TypeError(
                f"{name}: expected a function that writes into out= and returns it, as a ufunc "
                f"does, got one that returns another {type(result).__name__}"
            )
        return result

    return checked
