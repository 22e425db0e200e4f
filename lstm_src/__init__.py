"""The LSTM that every proof, figure and test of the book runs."""

from lstm_src.audit import assert_scaled_once, audit_scaling
from lstm_src.lstm import backward, forward, init_params
from lstm_src.structures import GATES, SLOPES, Forward, Gradients, Params, State, Tape

__all__ = [
    "GATES",
    "SLOPES",
    "Forward",
    "Gradients",
    "Params",
    "State",
    "Tape",
    "assert_scaled_once",
    "audit_scaling",
    "backward",
    "forward",
    "init_params",
]
