"""Checks that know nothing of our LSTM: point them at any code. They need NumPy alone."""

from lstm_src.checks.derivatives import (
    adjoint_gap,
    complex_step_gradient,
    finite_difference_gradient,
)
from lstm_src.checks.distances import angle, relative_errors
from lstm_src.checks.gradients import (
    TOLERANCES,
    GradientReport,
    assert_gradients,
    check_gradients,
    held_fixed,
)
from lstm_src.checks.invariance import (
    Comparison,
    InvarianceReport,
    assert_same_gradients,
    compare_gradients,
)
from lstm_src.checks.scaling import Finding, ScalingReport, assert_scaled_once, audit_scaling
from lstm_src.checks.trees import (
    named_arrays,
    named_leaves,
    times,
    tree_leaves,
    tree_map,
    tree_vector,
)
from lstm_src.checks.weights import WeightReport, assert_mean, audit_probe, audit_weights

__all__ = [
    "TOLERANCES",
    "Comparison",
    "Finding",
    "GradientReport",
    "InvarianceReport",
    "ScalingReport",
    "WeightReport",
    "adjoint_gap",
    "angle",
    "assert_gradients",
    "assert_mean",
    "assert_same_gradients",
    "assert_scaled_once",
    "audit_probe",
    "audit_scaling",
    "audit_weights",
    "check_gradients",
    "compare_gradients",
    "complex_step_gradient",
    "finite_difference_gradient",
    "held_fixed",
    "named_arrays",
    "named_leaves",
    "relative_errors",
    "times",
    "tree_leaves",
    "tree_map",
    "tree_vector",
]
