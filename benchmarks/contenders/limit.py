"""The least that the task takes in NumPy: its matrix products and 5·T·B·H tanh, nothing else.

Forward, each step multiplies [h, x] with the weights; backward, each step sends the gates'
cotangents through W_h. One product for the weights and one for x follow. The numbers in them mean
nothing, and no gradient comes out.
"""

import numpy as np

from benchmarks.problem import Work


def prepare(problem):
    (T, B, D), H, dtype = problem.x.shape, problem.params.W_h.shape[0], problem.x.dtype
    W = np.concatenate([problem.params.W_h, problem.params.W_x])
    W_h_T, W_x_T = problem.params.W_h.T.copy(), problem.params.W_x.T.copy()
    rows = np.concatenate([problem.dh, problem.x], axis=2)
    flat_rows = rows.reshape(T * B, H + D)
    dz = np.random.default_rng(1).standard_normal((T, B, 4 * H)).astype(dtype)
    flat_dz = dz.reshape(T * B, 4 * H)
    z, before = dz[0].copy(), np.resize(dz[0], (B, 5 * H))
    after, dh, dW, dx = (
        np.empty_like(before),
        problem.dh[0].copy(),
        np.empty_like(W),
        np.empty_like(problem.x),
    )
    flat_dx = dx.reshape(T * B, D)

    def run():
        for t in range(T):
            np.matmul(rows[t], W, out=z)
            np.tanh(before, out=after)
        for t in reversed(range(T)):
            np.matmul(dz[t], W_h_T, out=dh)
        np.matmul(flat_rows.T, flat_dz, out=dW)
        np.matmul(flat_dz, W_x_T, out=flat_dx)

    return Work(run, None)
