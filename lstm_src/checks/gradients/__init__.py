"""Is the gradient right at all? `check_gradients` compares anyone's gradient with their loss."""

from lstm_src.checks.gradients.check import assert_gradients, check_gradients
from lstm_src.checks.gradients.fixed import held_fixed
from lstm_src.checks.gradients.report import TOLERANCES, GradientReport

__all__ = ["TOLERANCES", "GradientReport", "assert_gradients", "check_gradients", "held_fixed"]
