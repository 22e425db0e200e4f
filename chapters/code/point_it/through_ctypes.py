"""Code in C: a loss and its gradient behind a shared library."""

import ctypes

import numpy as np

from lstm_src import audit_scaling, check_gradients

STEPS = 6
w, x = np.array([0.7, -0.4, 0.2]), np.random.default_rng(0).normal(size=STEPS)

# Recipe
code = ctypes.CDLL("./librecurrence.so")
array = np.ctypeslib.ndpointer(np.float64, flags="C")  # refuses other types
long, double = ctypes.c_long, ctypes.c_double
code.loss.argtypes, code.loss.restype = [array, array, array, long], double
code.backward.argtypes = [array, array, array, long, double, array]
code.backward.restype = None


def loss(w):
    return code.loss(w, x, np.empty(STEPS + 1), STEPS)


def gradients(scale):
    h, dw = np.empty(STEPS + 1), np.zeros(3)  # zeros: the code adds to dw
    code.loss(w, x, h, STEPS)
    code.backward(w, x, h, STEPS, scale, dw)
    return dw


report = audit_scaling(gradients)
checked = check_gradients(loss, w, gradients(1 / STEPS), steps=STEPS)
