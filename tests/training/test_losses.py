"""Losses: their terms by hand, their cotangents by complex step."""

import numpy as np

from lstm_src.checks.derivatives import complex_step_gradient, relative_errors
from lstm_src.training.losses import squared_error


def test_squared_error_by_hand():
    prediction = np.array([[[1.0, 2.0]], [[0.0, -1.0]]])
    terms, cotangent = squared_error(prediction, np.array([[[0.0, 4.0]], [[0.0, 2.0]]]))
    np.testing.assert_array_equal(terms, [[2.5], [4.5]])
    np.testing.assert_array_equal(cotangent, [[[1.0, -2.0]], [[0.0, -3.0]]])


def test_the_cotangent_is_the_derivative_of_the_terms():
    prediction, target = np.random.default_rng(0).standard_normal((2, 3, 2, 4))

    def total(y):
        return squared_error(y, target.astype(complex)).terms.sum()

    expected = complex_step_gradient(total, prediction)
    assert relative_errors(squared_error(prediction, target).cotangent, expected)["array"] <= 1e-15
