"""Generated tasks: what they ask for, and that a seed fixes them."""

import numpy as np
import pytest

from lstm_src.training.tasks import running_minimum


def test_the_running_minimum_is_the_smallest_so_far():
    x, target = running_minimum(6, 2, 3, np.random.default_rng(0))
    assert x.shape == target.shape == (6, 2, 3)
    assert abs(x).max() <= 1
    for t in range(6):
        np.testing.assert_array_equal(target[t], x[: t + 1].min(axis=0))


def test_a_seed_fixes_the_task():
    one, other = (running_minimum(4, 1, 2, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="T: expected at least 1, got 0"):
        running_minimum(0, 1, 1, np.random.default_rng(0))
    with pytest.raises(TypeError, match=r"rng: expected numpy.random.Generator, got int"):
        running_minimum(1, 1, 1, 0)
