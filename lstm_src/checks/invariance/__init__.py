"""Do the gradients stay the same when what must not matter is changed? Compared array by array."""

from lstm_src.checks.invariance.arrays import Comparison
from lstm_src.checks.invariance.compare import assert_same_gradients, compare_gradients
from lstm_src.checks.invariance.report import InvarianceReport

__all__ = ["Comparison", "InvarianceReport", "assert_same_gradients", "compare_gradients"]
