"""The least that the task takes in NumPy: its matrix products and 5·T·B·H tanh, nothing else.

Forward, each step multiplies [h, x] with the weights; backward, each step sends the gates'
cotangents through W_h. Both in the layout that is fastest here. One product for the weights and one
for x follow. The numbers in them mean nothing, and no gradient comes out.
"""

import numpy as np

from benchmarks.layouts import fastest, layouts
from benchmarks.problem import Work


def prepare(problem):
    (T, B, D), H, dtype = problem.x.shape, problem.params.W_h.shape[0], problem.x.dtype
    with_weights = fastest(layouts(B, H + D, 4 * H, dtype))
    to_the_step_before = fastest(layouts(B, 4 * H, H, dtype))
    before = np.random.default_rng(1).standard_normal((B, 5 * H)).astype(dtype)
    after = np.empty_like(before)

    rows = np.concatenate([problem.dh, problem.x], axis=2).reshape(T * B, H + D)
    dz = np.random.default_rng(1).standard_normal((T * B, 4 * H)).astype(dtype)
    dW, dx = np.empty((H + D, 4 * H), dtype), np.empty((T * B, D), dtype)
    W_x_T = problem.params.W_x.T.copy()

    def run():
        for _ in range(T):
            with_weights()
            np.tanh(before, out=after)
        for _ in range(T):
            to_the_step_before()
        np.matmul(rows.T, dz, out=dW)
        np.matmul(dz, W_x_T, out=dx)

    return Work(run, None)
