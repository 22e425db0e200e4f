"""Checks that know nothing of our LSTM: point them at any code. They need NumPy alone."""

from lstm_src.checks.derivatives import (
    adjoint_gap,
    complex_step_gradient,
    finite_difference_gradient,
    relative_errors,
)
from lstm_src.checks.gradients import (
    TOLERANCES,
    GradientReport,
    assert_gradients,
    check_gradients,
)
from lstm_src.checks.scaling import Finding, ScalingReport, assert_scaled_once, audit_scaling
from lstm_src.checks.trees import named_arrays, named_leaves, tree_leaves, tree_map

__all__ = [
    "TOLERANCES",
    "Finding",
    "GradientReport",
    "ScalingReport",
    "adjoint_gap",
    "assert_gradients",
    "assert_scaled_once",
    "audit_scaling",
    "check_gradients",
    "complex_step_gradient",
    "finite_difference_gradient",
    "named_arrays",
    "named_leaves",
    "relative_errors",
    "tree_leaves",
    "tree_map",
]
