"""Runs: a model trained on a task, step by step, from settings alone; stopped and resumed at will.

From the command line: ``python -m lstm_src.training adding``.
"""

from lstm_src.training.runs.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from lstm_src.training.runs.dividing import DIVISIONS, micro_batches
from lstm_src.training.runs.measuring import figures
from lstm_src.training.runs.reached import Figure
from lstm_src.training.runs.run import Run, RunState, begin_run, gradients_of, run_step, train
from lstm_src.training.runs.settings import RunSettings, run_settings

__all__ = [
    "DIVISIONS",
    "Checkpoint",
    "Figure",
    "Run",
    "RunSettings",
    "RunState",
    "begin_run",
    "figures",
    "gradients_of",
    "load_checkpoint",
    "micro_batches",
    "run_settings",
    "run_step",
    "save_checkpoint",
    "train",
]
