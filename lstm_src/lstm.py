"""One LSTM layer: a forward pass that records slopes, a backward pass that adds and multiplies.

``forward`` differentiates each step where it stands and writes the slopes on a tape. ``backward``
reads that tape from the last step to the first. It evaluates no tanh: whatever the dtype, it adds
cotangents and multiplies them with slopes and weights, so it is linear in them but for rounding.
"""

import numpy as np

from lstm_src.structures import GATES, Forward, Gradients, Params, State, empty_tape
from lstm_src.validation import (
    check_array,
    check_floating,
    check_generator,
    check_number,
    check_out,
    check_params,
    check_size,
    check_state,
    check_tape,
    check_writes,
)

ENTRIES = 16_384
"""Entries of a state's K steps whose slopes `forward` computes at once: they stay in the cache."""

ROWS = 512
"""Rows (steps times sequences) of one matrix product for the weights in `backward`."""


def init_params(input_size, hidden_size, rng, *, dtype=np.float64, forget_bias=1.0):
    """Draw the parameters of a layer.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H, at least 1.
    rng : numpy.random.Generator
        Source of the weights.
    dtype : dtype, optional
        Floating-point type of the arrays.
    forget_bias : float, optional
        Bias of the forget gate; the other biases are 0. A positive value keeps the cell state
        alive at the start of training (Gers, Schmidhuber and Cummins 2000).

    Returns
    -------
    Params
        Weights uniform on ±1/√H.

    Raises
    ------
    TypeError, ValueError
        If a size, the generator or the dtype is not what is described here.
    """
    D, H = check_size("input_size", input_size), check_size("hidden_size", hidden_size)
    check_generator("rng", rng)
    check_floating("dtype", dtype)
    bound = 1 / np.sqrt(H)
    W = rng.uniform(-bound, bound, (D + H, 4 * H)).astype(dtype)
    forget_bias = check_number("forget_bias", forget_bias)
    b = np.repeat([forget_bias if gate == "f" else 0 for gate in GATES], H).astype(dtype)
    return Params(W[:D], W[D:], b)


def forward(params, x, state=None, *, out=None, tanh=np.tanh):
    """Run the layer over a batch of sequences and record the slopes of every step.

    Parameters
    ----------
    params : Params
        Weights; their dtype is the dtype of the whole pass.
    x : ndarray, shape (T, B, D)
        Inputs, time first.
    state : State, optional
        State before the first step; zeros if omitted.
    out : Tape, optional
        Tape of an earlier pass over the same shapes and dtype, to be overwritten and returned. A
        training loop that hands it back spares the system new memory at every step. The earlier
        pass can no longer be pulled back.
    tanh : numpy.ufunc, optional
        Replacement for ``numpy.tanh``, for arrays of objects; for symbols of SymPy
        ``numpy.frompyfunc(sympy.tanh, 1, 1)``. Called as ``tanh(z, out=z)``; it writes there.

    Returns
    -------
    Forward
        ``h`` (T, B, H), the state after the last step, and the tape.

    Raises
    ------
    TypeError
        If dtypes differ or are not floating-point, complex or object, or ``tanh`` writes elsewhere.
    ValueError
        If a shape does not fit, an axis is empty, or an entry is NaN; if the arrays of ``out``
        overlap, each other or those of ``params`` and ``state``.

    Notes
    -----
    The LSTM with forget gates of Gers, Schmidhuber and Cummins (2000), without peepholes. One tanh
    serves all four gates: σ(z) = (1 + tanh(z/2)) / 2, and the halving is done once, in the weights.
    So a gate is exact to the rounding of 1, not of the gate: one that is closed to below the
    machine epsilon counts as 0.

    An object array must allow sums and products of its elements with the integers 0, 1 and 2.
    """
    D, H, dtype = check_params(params)
    T, B, D = check_array("x", x, ("T", "B", D), dtype).shape
    state = check_state("state", state, B, H, dtype)

    sizes = T, B, D, H
    tanh, read = check_writes("tanh", tanh), (*params, *state)
    out = empty_tape(*sizes, dtype) if out is None else check_out("out", out, sizes, dtype, read)
    inputs, slopes = out
    inputs[:, :, H:-1], inputs[:, :, -1] = x, 1

    W = np.concatenate([params.W_h, params.W_x, params.b[None]])
    W = W.reshape(-1, 4, H).swapaxes(0, 1).copy()  # a matrix for each gate
    one, two = np.array(1, dtype), np.array(2, dtype)
    W[1:] /= two
    h, h_t = np.empty((T, B, H), dtype), state.h

    # A step's c_{t-1}, g, f, i, o and tanh(c_t), and three products of them, kept for K steps.
    K = min(T, max(1, ENTRIES // (B * H)))
    block, products = np.empty((K, 6, B, H), dtype), np.empty((K, 3, B, H), dtype)
    gates, tanhs = block[:, 2:5], block[:, 1::4]
    block[0, 0] = state.c

    for t in range(T):
        k = t % K
        step, gate, product = block[k], gates[k], products[k]

        inputs[t, :, :H] = h_t
        z = np.matmul(inputs[t], W, out=step[1:5])
        tanh(z, out=z)  # g, and 2σ - 1 of the gates
        np.add(gate, one, out=gate)
        np.divide(gate, two, out=gate)

        np.multiply(step[:2], gate[:2], out=product[:2])  # f · c and i · g
        c = np.add(product[0], product[1], out=block[(k + 1) % K, 0])
        tanh(c, out=step[5])
        h_t = np.multiply(step[4], step[5], out=product[2])

        if k == K - 1 or t == T - 1:  # the slopes of these steps, all at once
            n, steps = k + 1, slice(t - k, t + 1)
            h[steps], slopes[steps, 0] = products[:n, 2], gates[:n, 0]
            by_gate, by_tanh = slopes[steps, 2:5], slopes[steps, 1::4]
            np.subtract(one, gates[:n], out=by_gate)
            np.multiply(products[:n], by_gate, out=by_gate)
            np.multiply(products[:n, 1:], tanhs[:n], out=by_tanh)
            np.subtract(gates[:n, 1:], by_tanh, out=by_tanh)

    return Forward(h, State(h_t.copy(), c.copy()), out)


def backward(params, tape, dh, dstate=None):
    """Pull cotangents of the outputs back to the parameters, the inputs and the initial state.

    Parameters
    ----------
    params : Params
        The weights that `forward` was given.
    tape : Tape
        What `forward` recorded.
    dh : ndarray, shape (T, B, H)
        Cotangents of ``h``: the derivative of the loss with respect to each step's hidden state
        where the loss reads it directly.
    dstate : State, optional
        Cotangents of the final state; zeros if omitted. They add to those of the last step.

    Returns
    -------
    Gradients
        With the types and shapes of ``params``, ``x`` and the initial state.

    Raises
    ------
    TypeError, ValueError
        As `forward`.

    Notes
    -----
    Backpropagation through time (Werbos 1990). Rounding apart, it is linear in ``(dh, dstate)``
    jointly, for a fixed forward pass: ``params`` must still hold the weights that made the tape.
    """
    D, H, dtype = check_params(params)
    T, B = check_tape("tape", tape, ("T", "B", D, H), dtype).inputs.shape[:2]
    check_array("dh", dh, (T, B, H), dtype)
    dh_next, dc = (part.copy() for part in check_state("dstate", dstate, B, H, dtype))

    W_h_T = params.W_h.T.copy()
    dW = np.zeros((H + D + 1, 4 * H), dtype)
    dx = np.empty((T, B, D), dtype)
    K = min(T, max(1, ROWS // B))
    dz = np.empty((K, B, 4 * H), dtype)
    dz_by_gate = dz.reshape(K, B, 4, H).swapaxes(1, 2)
    dh_t, share = np.empty((2, B, H), dtype)

    for t in reversed(range(T)):
        slopes, dz_t = tape.slopes[t], dz_by_gate[t % K]
        dc_dc_prev, dc_dz_gfi, dh_dz_o, dh_dc = slopes[0], slopes[1:4], slopes[4], slopes[5]

        np.add(dh[t], dh_next, out=dh_t)
        np.multiply(dh_t, dh_dc, out=share)
        np.add(dc, share, out=dc)

        np.multiply(dc, dc_dz_gfi, out=dz_t[:3])
        np.multiply(dh_t, dh_dz_o, out=dz_t[3])

        np.multiply(dc, dc_dc_prev, out=dc)  # now the cotangent of c_{t-1}
        np.matmul(dz[t % K], W_h_T, out=dh_next)

        if t % K == 0:  # the weights' share of K steps, in one matrix product
            rows = tape.inputs[t : t + K].reshape(-1, H + D + 1)
            dz_rows = dz.reshape(-1, 4 * H)[: len(rows)]
            dW += rows.T @ dz_rows
            np.matmul(dz_rows, params.W_x.T, out=dx[t : t + K].reshape(-1, D))

    return Gradients(Params(dW[H:-1], dW[:H], dW[-1]), dx, State(dh_next, dc))
