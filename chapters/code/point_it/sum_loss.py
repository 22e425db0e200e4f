"""A loop written by hand whose loss is a sum, so that it divides nowhere."""

import numpy as np

from lstm_src import audit_scaling

rng = np.random.default_rng(0)
STEPS = 5
W = rng.standard_normal((3, 3)) / 2
x, target = rng.standard_normal((2, STEPS, 3))


# Recipe
def gradients(scale):  # the code as it is: scale = 1
    h = [np.zeros(3)]
    for t in range(STEPS):
        h.append(np.tanh(h[t] @ W + x[t]))
    dW, dh_next = np.zeros_like(W), np.zeros(3)
    for t in reversed(range(STEPS)):
        dh = scale * (h[t + 1] - target[t]) + dh_next  # the loss enters here
        dz = dh * (1 - h[t + 1] ** 2)
        dW += np.outer(h[t], dz)
        dh_next = dz @ W.T
    return {"W": dW, "h_0": dh_next}


report = audit_scaling(gradients)
