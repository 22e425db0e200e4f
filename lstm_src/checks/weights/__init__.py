"""How much does each loss term weigh in a gradient, and which mean is that? For any code."""

from lstm_src.checks.weights.audit import assert_mean, audit_weights
from lstm_src.checks.weights.probe import audit_probe
from lstm_src.checks.weights.report import WeightReport

__all__ = ["WeightReport", "assert_mean", "audit_probe", "audit_weights"]
