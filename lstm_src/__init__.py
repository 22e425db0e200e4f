"""The LSTM that every proof, figure and test of the book runs, and checks for anyone's code."""

from importlib import import_module

from lstm_src.lstm import backward, forward, init_params
from lstm_src.structures import GATES, SLOPES, Forward, Gradients, Params, State, Tape

_CHECKS = (
    "GradientReport",
    "InvarianceReport",
    "ScalingReport",
    "WeightReport",
    "assert_gradients",
    "assert_mean",
    "assert_same_gradients",
    "assert_scaled_once",
    "audit_probe",
    "audit_scaling",
    "audit_weights",
    "check_gradients",
    "compare_gradients",
)

__all__ = [
    "GATES",
    "SLOPES",
    "Forward",
    "GradientReport",
    "Gradients",
    "InvarianceReport",
    "Params",
    "ScalingReport",
    "State",
    "Tape",
    "WeightReport",
    "assert_gradients",
    "assert_mean",
    "assert_same_gradients",
    "assert_scaled_once",
    "audit_probe",
    "audit_scaling",
    "audit_weights",
    "backward",
    "check_gradients",
    "compare_gradients",
    "forward",
    "init_params",
]


def __getattr__(name):
    """Load a check when it is first asked for: a program that only trains never needs it."""
    if name in _CHECKS:
        return getattr(import_module("lstm_src.checks"), name)
    raise AttributeError(f"module 'lstm_src' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
