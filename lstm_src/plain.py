"""One LSTM layer, written to be read: a step, the same step backwards, and two loops over time.

`forward` and `backward` have the arguments, the results and the errors of those in `lstm_src.lstm`,
which are written to be fast. A tape of one can be pulled back by the other.
"""

import numpy as np

from lstm_src.structures import (
    GATES,
    Forward,
    Gates,
    Gradients,
    Params,
    Slopes,
    State,
    empty_tape,
)
from lstm_src.validation import check_array, check_out, check_params, check_state, check_tape

__all__ = ["Gates", "Slopes", "backward", "by_gate", "forward", "joined", "step", "step_back"]


def step(weights, x, h, c, tanh=np.tanh):
    """Take one step, and differentiate it where it stands.

    Parameters
    ----------
    weights : Params of Gates
        As `by_gate` returns them.
    x : ndarray, shape (B, D)
        Input.
    h, c : ndarray, shape (B, H)
        State before the step.
    tanh : callable, optional
        As for `forward`.

    Returns
    -------
    State, Slopes
        The state after the step, and the derivatives that `step_back` multiplies with.

    Notes
    -----
    Gers, Schmidhuber and Cummins (2000), without peepholes.
    """
    # z = x_t W_x + h_{t-1} W_h + b, for each gate
    z = Gates(*(x @ W_x + h @ W_h + b for W_x, W_h, b in zip(*weights, strict=True)))
    # g = tanh z_g, and σ(z) = (1 + tanh(z/2)) / 2 of the others
    g, (f, i, o) = tanh(z.g), ((1 + tanh(z_gate / 2)) / 2 for z_gate in (z.f, z.i, z.o))
    # c_t = f c_{t-1} + i g
    c_new = f * c + i * g
    # h_t = o tanh c_t
    r = tanh(c_new)
    h_new = o * r
    # ∂c_t/∂c_{t-1}; ∂c_t/∂z of g, f, i; ∂h_t/∂z_o; ∂h_t/∂c_t
    slopes = Slopes(
        dc_dc_prev=f,
        dc_dz_g=i * (1 - g * g),
        dc_dz_f=c * f * (1 - f),
        dc_dz_i=g * i * (1 - i),
        dh_dz_o=r * o * (1 - o),
        dh_dc=o * (1 - r * r),
    )
    return State(h_new, c_new), slopes


def step_back(weights, x, h, slopes, dh, dc):
    """Pull the cotangents of a step's results back to all that went in, by ``+ * @ .T`` alone.

    Parameters
    ----------
    weights, x, h
        As `step` was given them.
    slopes : Slopes
        What it returned.
    dh : ndarray, shape (B, H)
        Cotangent of h_t, the state after the step: what the loss injects there, and what the step
        after it hands back.
    dc : ndarray, shape (B, H)
        Cotangent of c_t that the step after it hands back.

    Returns
    -------
    Gradients
        Of the weights, a Params of Gates; of ``x``; and of the state before the step.
    """
    # c̄_t = q + h̄_t ∂h_t/∂c_t
    dc = dc + dh * slopes.dh_dc
    # z̄ = c̄_t ∂c_t/∂z for g, f, i, and h̄_t ∂h_t/∂z for o
    dz = Gates(
        g=dc * slopes.dc_dz_g,
        f=dc * slopes.dc_dz_f,
        i=dc * slopes.dc_dz_i,
        o=dh * slopes.dh_dz_o,
    )
    # W̄_x = x_tᵀ z̄, W̄_h = h_{t-1}ᵀ z̄, b̄ = Σ z̄ over the sequences, for each gate
    dW_x = Gates(*(x.T @ dz_gate for dz_gate in dz))
    dW_h = Gates(*(h.T @ dz_gate for dz_gate in dz))
    db = Gates(*(dz_gate.sum(axis=0) for dz_gate in dz))
    # x̄ = Σ z̄ W_xᵀ over the four gates; handed back: p = Σ z̄ W_hᵀ, q = c̄_t ∂c_t/∂c_{t-1}
    dx, dh = (
        dz.g @ W.g.T + dz.f @ W.f.T + dz.i @ W.i.T + dz.o @ W.o.T
        for W in (weights.W_x, weights.W_h)
    )
    dc = dc * slopes.dc_dc_prev
    return Gradients(Params(dW_x, dW_h, db), dx, State(dh, dc))


def forward(params, x, state=None, *, out=None, tanh=np.tanh):
    """Run the layer over a batch of sequences, as `lstm_src.lstm.forward` does.

    Parameters, result and errors are those of `lstm_src.lstm.forward`.
    """
    D, H, dtype = check_params(params)
    T, B, D = check_array("x", x, ("T", "B", D), dtype).shape
    state = check_state("state", state, B, H, dtype)
    sizes, read = (T, B, D, H), (*params, *state)
    tape = empty_tape(*sizes, dtype) if out is None else check_out("out", out, sizes, dtype, read)

    weights, ones, h = by_gate(params), np.ones((B, 1), dtype), np.empty((T, B, H), dtype)
    for t in range(T):
        tape.inputs[t] = np.concatenate([state.h, x[t], ones], axis=1)
        state, tape.slopes[t] = step(weights, x[t], *state, tanh)
        h[t] = state.h
    return Forward(h, state, tape)


def backward(params, tape, dh, dstate=None):
    """Pull cotangents back through all steps, as `lstm_src.lstm.backward` does.

    Parameters, result and errors are those of `lstm_src.lstm.backward`.
    """
    D, H, dtype = check_params(params)
    T, B = check_tape("tape", tape, ("T", "B", D, H), dtype).inputs.shape[:2]
    check_array("dh", dh, (T, B, H), dtype)
    carried = check_state("dstate", dstate, B, H, dtype)

    weights, dx = by_gate(params), np.empty((T, B, D), dtype)
    total = Params(*(np.zeros_like(array) for array in params))
    for t in reversed(range(T)):
        h_prev, x, _ = np.split(tape.inputs[t], [H, H + D], axis=1)
        back = step_back(weights, x, h_prev, Slopes(*tape.slopes[t]), dh[t] + carried.h, carried.c)
        total = Params(*(a + b for a, b in zip(total, joined(back.params), strict=True)))
        dx[t], carried = back.x, back.state
    return Gradients(total, dx, carried)


def by_gate(params):
    """Return the weights with a name for each gate's columns: a Params of Gates."""
    return Params(*(Gates(*np.split(array, len(GATES), axis=-1)) for array in params))


def joined(weights):
    """Return the weights with the gates' columns side by side, as they go through a layer."""
    return Params(*(np.concatenate(gates, axis=-1) for gates in weights))
