"""Checks of arguments: each error names the argument, what was expected and what came."""

from lstm_src.validation.arrays import (
    BFLOAT16,
    check_array,
    check_floating,
    check_layout,
)
from lstm_src.validation.extras import (
    need_extra,
)
from lstm_src.validation.passes import (
    check_out,
    check_params,
    check_state,
    check_tape,
    check_writes,
)
from lstm_src.validation.values import (
    check_above_zero,
    check_at_least_zero,
    check_bool,
    check_callable,
    check_generator,
    check_like,
    check_names,
    check_number,
    check_size,
)

__all__ = [
    "BFLOAT16",
    "check_above_zero",
    "check_array",
    "check_at_least_zero",
    "check_bool",
    "check_callable",
    "check_floating",
    "check_generator",
    "check_layout",
    "check_like",
    "check_names",
    "check_number",
    "check_out",
    "check_params",
    "check_size",
    "check_state",
    "check_tape",
    "check_writes",
    "need_extra",
]
