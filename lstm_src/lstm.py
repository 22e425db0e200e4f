"""One LSTM layer: a forward pass that records slopes, a backward pass that adds and multiplies.

``forward`` differentiates each step where it stands and writes the slopes on a tape. ``backward``
reads that tape from the last step to the first. It evaluates no tanh, so it is linear in the
cotangents it is given, for every dtype whose elements can be added and multiplied.
"""

import numpy as np

from lstm_src.structures import GATES, Forward, Gradients, Params, State, Tape
from lstm_src.validation import (
    check_array,
    check_floating,
    check_generator,
    check_params,
    check_size,
    check_state,
    check_tape,
)


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
    b = np.repeat([forget_bias if gate == "f" else 0 for gate in GATES], H).astype(dtype)
    return Params(W[:D], W[D:], b)


def forward(params, x, state=None, *, tanh=np.tanh):
    """Run the layer over a batch of sequences and record the slopes of every step.

    Parameters
    ----------
    params : Params
        Weights; their dtype is the dtype of the whole pass.
    x : ndarray, shape (T, B, D)
        Inputs, time first.
    state : State, optional
        State before the first step; zeros if omitted.
    tanh : numpy.ufunc, optional
        Replacement for ``numpy.tanh``, for arrays of objects; for symbols of SymPy
        ``numpy.frompyfunc(sympy.tanh, 1, 1)``.

    Returns
    -------
    Forward
        ``h`` (T, B, H), the state after the last step, and the tape.

    Raises
    ------
    TypeError
        If dtypes differ or are not floating-point, complex or object.
    ValueError
        If a shape does not fit, an axis is empty, or an entry is NaN.

    Notes
    -----
    The LSTM with forget gates of Gers, Schmidhuber and Cummins (2000), without peepholes. One tanh
    serves all four gates: σ(z) = (1 + tanh(z/2)) / 2, and the halving is done once, in the weights.
    """
    D, H, dtype = check_params(params)
    T, B, D = check_array("x", x, ("T", "B", D), dtype).shape
    state = check_state("state", state, B, H, dtype)

    W = np.concatenate([params.W_h, params.W_x, params.b[None]])
    W[:, H:] /= 2
    rows = np.empty((T + 1, B, H + D + 1), dtype)
    rows[0, :, :H], rows[:-1, :, H:-1], rows[:, :, -1] = state.h, x, 1
    slopes = np.empty((T, 6, B, H), dtype)

    z = np.empty((B, 4 * H), dtype)
    z_by_gate = z.reshape(B, 4, H).swapaxes(0, 1)
    block = np.empty((6, B, H), dtype)
    values, gates = block[:3], block[3:]  # three gated products: f·c, o·tanh(c), i·g
    (c, tanh_c, _), (_, o, _) = values, gates
    products, spare = np.empty((2, 3, B, H), dtype)
    c[...] = state.c

    for t in range(T):
        np.matmul(rows[t], W, out=z)
        tanh(z_by_gate, out=block[2:])
        gates += 1
        gates /= 2

        np.multiply(gates[::2], values[::2], out=products[::2])
        np.add(products[0], products[2], out=c)
        tanh(c, out=tanh_c)
        np.multiply(o, tanh_c, out=products[1])
        rows[t + 1, :, :H] = products[1]

        slopes[t, 0] = gates[0]
        np.multiply(products[1:], values[1:], out=spare[1:])
        np.subtract(gates[1:], spare[1:], out=slopes[t, 1:3])  # gate · (1 - value²)
        np.subtract(1, gates, out=spare)
        np.multiply(products, spare, out=slopes[t, 3:])  # value · gate · (1 - gate)

    h = rows[1:, :, :H].copy()
    return Forward(h, State(h[-1].copy(), c.copy()), Tape(rows[:-1], slopes))


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
    Backpropagation through time (Werbos 1990). It is linear in ``(dh, dstate)`` jointly.
    """
    D, H, dtype = check_params(params)
    T, B = check_tape(tape, D, H, dtype)
    check_array("dh", dh, (T, B, H), dtype)
    dh_next, dc = (part.copy() for part in check_state("dstate", dstate, B, H, dtype))

    W_h_T = params.W_h.T.copy()
    dz = np.empty((T, B, 4 * H), dtype)
    dz_by_gate = dz.reshape(T, B, 4, H).swapaxes(1, 2)
    dh_t, spare = np.empty((2, B, H), dtype)

    for t in reversed(range(T)):
        dc_dc_prev, dh_dc, dc_dz_g, dc_dz_f, dh_dz_o, dc_dz_i = tape.slopes[t]
        dz_g, dz_f, dz_o, dz_i = dz_by_gate[t]

        np.add(dh[t], dh_next, out=dh_t)
        np.multiply(dh_t, dh_dc, out=spare)
        np.add(dc, spare, out=dc)

        np.multiply(dc, dc_dz_g, out=dz_g)
        np.multiply(dc, dc_dz_f, out=dz_f)
        np.multiply(dh_t, dh_dz_o, out=dz_o)
        np.multiply(dc, dc_dz_i, out=dz_i)

        np.multiply(dc, dc_dc_prev, out=dc)
        np.matmul(dz[t], W_h_T, out=dh_next)

    dz = dz.reshape(T * B, 4 * H)
    dW = tape.inputs.reshape(T * B, H + D + 1).T @ dz
    dx = (dz @ params.W_x.T).reshape(T, B, D)
    return Gradients(Params(dW[H:-1], dW[:H], dW[-1]), dx, State(dh_next, dc))
