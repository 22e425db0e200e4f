"""The backward pass one step at a time, so that what passes between steps can be seen or changed.

Each step is the shipped `backward` on a tape of length one.
"""

import numpy as np

from lstm_src.lstm import backward
from lstm_src.structures import GATES, Gradients, Params, State, tape_between
from lstm_src.validation import check_array, check_like, check_params, check_tape


def backward_in_steps(params, tape, dh, dstate=None, *, between=None):
    """Pull cotangents back as `backward` does, handing the state's cotangent from step to step.

    Parameters
    ----------
    params, tape, dh, dstate
        As for `lstm_src.lstm.backward`.
    between : callable, optional
        ``between(t, carried)`` is called after step t with the State of cotangents, h and c each
        (B, H), that step t hands to the step before it (for t = 0, to the initial state). What it
        returns is handed on instead.

    Returns
    -------
    Gradients
        Equal to those of `backward` up to rounding where ``between`` changes nothing.

    Raises
    ------
    TypeError, ValueError
        As `lstm_src.lstm.backward`.
    """
    T, B, D, _ = _sizes(params, tape, dh)
    total, dx, carried = None, np.empty((T, B, D), dh.dtype), dstate
    for t in reversed(range(T)):
        step = backward(params, tape_between(tape, t, t + 1), dh[t : t + 1], carried)
        carried = step.state
        if between is not None:
            carried = check_like("between(t, carried)", between(t, carried), State)
        dx[t] = step.x[0]
        total = (
            step.params
            if total is None
            else Params(*(a + b for a, b in zip(total, step.params, strict=True)))
        )
    return Gradients(total, dx, carried)


def arrivals_by_origin(params, tape, dh):
    """Split the cotangent that arrives at each hidden state by the loss term that it came from.

    Parameters
    ----------
    params, tape, dh
        As for `lstm_src.lstm.backward`.

    Returns
    -------
    ndarray, shape (T, T, B, H)
        Entry ``[s, t]`` is the part of ∂L/∂h_t that the cotangent injected at step s is
        responsible for: what was injected where s = t, what was carried back where s > t, and
        zero where s < t.

    Raises
    ------
    TypeError, ValueError
        As `lstm_src.lstm.backward`.
    """
    T, B, _, H = _sizes(params, tape, dh)
    shares = np.zeros((T, T, B, H), dh.dtype)
    for s in range(T):
        alone = np.zeros_like(dh)
        alone[s] = shares[s, s] = dh[s]

        def record(t, carried, share=shares[s]):
            if t > 0:
                share[t - 1] += carried.h
            return carried

        backward_in_steps(params, tape, alone, between=record)
    return shares


def carried_by_gate(params, tape, dh, dstate=None):
    """Split the cotangent that each step hands to the hidden state before it by gate.

    A step reads h_{t-1} in four places, the pre-activations of its four gates, so what it hands
    back is a sum of four shares. The share of one gate is what the shipped `backward` hands back
    when W_h keeps that gate's columns and is zero in the others.

    Parameters
    ----------
    params, tape, dh, dstate
        As for `lstm_src.lstm.backward`.

    Returns
    -------
    ndarray, shape (T, 4, B, H)
        Entry ``[t, k]`` is the share of gate ``GATES[k]`` in what step t hands to the hidden state
        before it, to the initial one for t = 0. The sum over the gates is what `backward_in_steps`
        hands on, up to rounding.

    Raises
    ------
    TypeError, ValueError
        As `lstm_src.lstm.backward`.

    Notes
    -----
    z_t = h_{t-1} W_h + ..., so the share of a gate is its z̄_t times the transpose of its columns
    of W_h (Werbos 1990).
    """
    T, B, _, H = _sizes(params, tape, dh)
    alone = []
    for columns in (slice(k * H, (k + 1) * H) for k in range(len(GATES))):
        W_h = np.zeros_like(params.W_h)
        W_h[:, columns] = params.W_h[:, columns]
        alone.append(params._replace(W_h=W_h))

    shares, carried = np.empty((T, len(GATES), B, H), dh.dtype), dstate
    for t in reversed(range(T)):
        arriving = tape_between(tape, t, t + 1), dh[t : t + 1], carried
        for k, one_gate in enumerate(alone):
            shares[t, k] = backward(one_gate, *arriving).state.h
        carried = backward(params, *arriving).state
    return shares


def _sizes(params, tape, dh):
    D, H, dtype = check_params(params)
    T, B = check_tape("tape", tape, ("T", "B", D, H), dtype).inputs.shape[:2]
    check_array("dh", dh, (T, B, H), dtype)
    return T, B, D, H
