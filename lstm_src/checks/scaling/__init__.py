"""Is the factor 1/N applied exactly once to every term of a gradient? For code of any kind."""

from lstm_src.checks.scaling.audit import assert_scaled_once, audit_scaling
from lstm_src.checks.scaling.report import ScalingReport
from lstm_src.checks.scaling.verdicts import Finding

__all__ = ["Finding", "ScalingReport", "assert_scaled_once", "audit_scaling"]
