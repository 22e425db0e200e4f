"""Is the gradient right at all? `check_gradients` compares anyone's gradient with their loss."""

from lstm_src.checks.gradients.check import (
    TOLERANCES,
    GradientReport,
    assert_gradients,
    check_gradients,
)

__all__ = ["TOLERANCES", "GradientReport", "assert_gradients", "check_gradients"]
