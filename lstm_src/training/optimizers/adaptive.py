"""RMSprop and Adagrad: each entry's gradient is divided by the root of its own squares."""

from dataclasses import KW_ONLY, dataclass

import numpy as np

from lstm_src.training.optimizers.base import Optimizer


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """RMSprop, which divides by the root of a running mean of the squared gradients.

    Parameters
    ----------
    lr : float
        The learning rate, at least 0.
    alpha : float
        How much of the mean of the squares is kept in a step; at least 0 and below 1.
    eps : float
        Added to the root of the squares, at least 0.
    momentum : float
        Of the gradients after they were divided; at least 0 and below 1.
    weight_decay : float
        λ, at least 0: λ times the parameters is added to their gradient.

    Raises
    ------
    TypeError, ValueError
        If a setting is not what is described here.

    Notes
    -----
    A factor a > 0 on all gradients of all steps is the same as eps / a with weight_decay / a.
    Tieleman and Hinton (2012), with eps outside of the root, as in PyTorch: inside, it would be
    eps / a². Used as every `Optimizer`.
    """

    lr: float = 1e-2
    _: KW_ONLY
    alpha: float = 0.99
    eps: float = 1e-8
    momentum: float = 0.0
    weight_decay: float = 0.0

    @property
    def keeps(self):
        """The mean of the squares, and the velocity, if there is a momentum."""
        return ("mean_square", "velocity") if self.momentum else ("mean_square",)

    def rule(self, steps, param, gradient, squares, velocity=None):
        """Return one array after the step, its squares and velocity; see `Optimizer.rule`."""
        gradient = gradient + self.weight_decay * param
        squares = self.alpha * squares + (1 - self.alpha) * gradient**2
        direction = gradient / (np.sqrt(squares) + self.eps)
        if not self.momentum:
            return param - self.lr * direction, squares
        velocity = self.momentum * velocity + direction
        return param - self.lr * velocity, squares, velocity


@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Adagrad, which divides by the root of the sum of all squared gradients so far.

    Parameters
    ----------
    lr : float
        The learning rate, at least 0.
    eps : float
        Added to the root of the squares, at least 0.
    weight_decay : float
        λ, at least 0: λ times the parameters is added to their gradient.

    Raises
    ------
    TypeError, ValueError
        If a setting is not what is described here.

    Notes
    -----
    A factor a > 0 on all gradients of all steps is the same as eps / a with weight_decay / a, as
    the sum begins at 0; where it begins at another number, that would be divided by a², too.
    Duchi, Hazan and Singer (2011). Used as every `Optimizer`.
    """

    lr: float = 1e-2
    _: KW_ONLY
    eps: float = 1e-10
    weight_decay: float = 0.0
    keeps = ("square_sum",)

    def rule(self, steps, param, gradient, squares):
        """Return one array after the step, and its squares; see `Optimizer.rule`."""
        gradient = gradient + self.weight_decay * param
        squares = squares + gradient**2
        direction = gradient / (np.sqrt(squares) + self.eps)
        return param - self.lr * direction, squares
