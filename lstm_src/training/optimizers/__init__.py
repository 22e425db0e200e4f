"""Optimizers whose state is given and returned: SGD, Adam, AdamW, RMSprop, Adagrad.

Formulas and default values are those of PyTorch's optimizers of the same names.
"""

from lstm_src.training.optimizers.adam import Adam, AdamW
from lstm_src.training.optimizers.adaptive import Adagrad, RMSprop
from lstm_src.training.optimizers.base import Optimizer, OptimizerState
from lstm_src.training.optimizers.sgd import SGD

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "OptimizerState",
    "RMSprop",
]
