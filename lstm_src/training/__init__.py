"""What stands around the LSTM in training: losses, reductions, clipping, segments, tasks."""

from lstm_src.training.losses import StepLoss, squared_error
from lstm_src.training.optim import clip_by_norm, clip_by_value
from lstm_src.training.reductions import REDUCTIONS, reduction_weights
from lstm_src.training.segments import (
    SegmentedForward,
    backward_in_segments,
    forward_in_segments,
)
from lstm_src.training.tasks import running_minimum

__all__ = [
    "REDUCTIONS",
    "SegmentedForward",
    "StepLoss",
    "backward_in_segments",
    "clip_by_norm",
    "clip_by_value",
    "forward_in_segments",
    "reduction_weights",
    "running_minimum",
    "squared_error",
]
