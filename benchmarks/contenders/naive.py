"""The textbook's way in NumPy, kept as a peer: one step at a time, forward and backward.

Lists of what each step leaves, a logistic function for each gate, and the weights' gradients added
up step by step. No chapter uses this code.
"""

import numpy as np

from benchmarks.problem import Work
from lstm_src import GATES, Gradients, Params, State


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def step_forward(params, x, h_prev, c_prev):
    z = x @ params.W_x + h_prev @ params.W_h + params.b
    z = dict(zip(GATES, np.split(z, 4, axis=1), strict=True))
    i, f, o, g = sigmoid(z["i"]), sigmoid(z["f"]), sigmoid(z["o"]), np.tanh(z["g"])
    c = f * c_prev + i * g
    tanh_c = np.tanh(c)
    h = o * tanh_c
    return h, c, (x, h_prev, c_prev, i, f, o, g, tanh_c)


def step_backward(params, dh, dc, cache):
    x, h_prev, c_prev, i, f, o, g, tanh_c = cache
    do = dh * tanh_c
    dc = dc + dh * o * (1 - tanh_c**2)
    di, df, dg = dc * g, dc * c_prev, dc * i
    dz = {
        "i": di * i * (1 - i),
        "f": df * f * (1 - f),
        "o": do * o * (1 - o),
        "g": dg * (1 - g**2),
    }
    dz = np.concatenate([dz[gate] for gate in GATES], axis=1)
    weights = Params(x.T @ dz, h_prev.T @ dz, dz.sum(axis=0))
    return weights, dz @ params.W_x.T, dz @ params.W_h.T, dc * f


def prepare(problem):
    params, x, state, dh = problem

    def run():
        h, c = state
        hidden, caches = [], []
        for x_t in x:
            h, c, cache = step_forward(params, x_t, h, c)
            hidden.append(h)
            caches.append(cache)
        hidden = np.stack(hidden)

        total = [np.zeros_like(array) for array in params]
        dx, dh_next, dc = [], np.zeros_like(h), np.zeros_like(c)
        for dh_t, cache in zip(dh[::-1], caches[::-1], strict=True):
            weights, dx_t, dh_next, dc = step_backward(params, dh_t + dh_next, dc, cache)
            for array, share in zip(total, weights, strict=True):
                array += share
            dx.append(dx_t)
        return Gradients(Params(*total), np.stack(dx[::-1]), State(dh_next, dc))

    return Work(run, lambda gradients: gradients)
