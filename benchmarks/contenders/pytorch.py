"""PyTorch's own layer, ``torch.nn.LSTM``, differentiated by its autograd."""

import os

import numpy as np
import torch

from benchmarks.problem import Work
from lstm_src import GATES, Gradients, Params, State

THEIRS = "ifgo"
"""PyTorch's order of the gates."""


def reorder(array, order, wanted):
    """Put the four blocks of the last axis, which stand as in `order`, in the wanted order."""
    blocks = dict(zip(order, np.split(array, 4, axis=-1), strict=True))
    return np.concatenate([blocks[gate] for gate in wanted], axis=-1)


def prepare(problem):
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 1)))
    params, x, state, dh = problem
    W_x, W_h, b = (torch.tensor(reorder(array, GATES, THEIRS).T) for array in params)
    D, H = params.W_x.shape[0], params.W_h.shape[0]
    layer = torch.nn.LSTM(D, H, dtype=W_x.dtype)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(W_x)
        layer.weight_hh_l0.copy_(W_h)
        layer.bias_ih_l0.copy_(b)
        layer.bias_hh_l0.zero_()
    inputs = [
        torch.tensor(array, requires_grad=True) for array in (x, state.h[None], state.c[None])
    ]
    wanted, dh = [*layer.parameters(), *inputs], torch.tensor(dh)

    def run():
        h, _ = layer(inputs[0], (inputs[1], inputs[2]))
        return torch.autograd.grad(h, wanted, dh)

    def gradients(found):
        dW_x, dW_h, db, _, dx, dh_0, dc_0 = (array.numpy() for array in found)
        weights = Params(*(reorder(array.T, THEIRS, GATES) for array in (dW_x, dW_h, db)))
        return Gradients(weights, dx, State(dh_0[0], dc_0[0]))

    return Work(run, gradients)
