"""What stands around the LSTM in training: losses, a model, sums, windows, segments, optimizers.

Runs are in `lstm_src.training.runs`, what they learn in `lstm_src.training.tasks`, and the workers,
which need Dask, in `lstm_src.training.workers`.
"""

from lstm_src.training.clipping import clip_by_norm, clip_by_value
from lstm_src.training.complete import (
    Batch,
    CompleteStep,
    Means,
    complete_step,
    mean_gradients,
)
from lstm_src.training.losses import StepLoss, cross_entropy, squared_error
from lstm_src.training.masks import IGNORED, label_mask, length_mask
from lstm_src.training.model import (
    LossAndGradients,
    ModelParams,
    init_model,
    loss_and_gradients,
    model_outputs,
)
from lstm_src.training.optimizers import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Optimizer,
    OptimizerState,
    RMSprop,
)
from lstm_src.training.reductions import REDUCTIONS, reduction_weights
from lstm_src.training.segments import (
    SegmentedForward,
    backward_in_segments,
    forward_in_segments,
)
from lstm_src.training.sums import Sums, add_sums, add_up_here, divide_once, sums_of
from lstm_src.training.tasks import running_minimum
from lstm_src.training.windows import truncated_bptt

__all__ = [
    "IGNORED",
    "REDUCTIONS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Batch",
    "CompleteStep",
    "LossAndGradients",
    "Means",
    "ModelParams",
    "Optimizer",
    "OptimizerState",
    "RMSprop",
    "SegmentedForward",
    "StepLoss",
    "Sums",
    "add_sums",
    "add_up_here",
    "backward_in_segments",
    "clip_by_norm",
    "clip_by_value",
    "complete_step",
    "cross_entropy",
    "divide_once",
    "forward_in_segments",
    "init_model",
    "label_mask",
    "length_mask",
    "loss_and_gradients",
    "mean_gradients",
    "model_outputs",
    "reduction_weights",
    "running_minimum",
    "squared_error",
    "sums_of",
    "truncated_bptt",
]
