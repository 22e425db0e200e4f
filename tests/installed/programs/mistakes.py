"""Every mistake of the catalogue gives its wrong gradients."""

import math

from lstm_src.placements.mistakes import MISTAKES, small_problem

assert MISTAKES
for name, entry in MISTAKES.items():
    gradients = entry.gradients(small_problem(), 0.25)
    assert gradients, name
    assert all(math.isfinite(abs(array).sum()) for array in gradients.values()), name
