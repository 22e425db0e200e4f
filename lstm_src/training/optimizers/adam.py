"""Adam and AdamW, which differ in where the weight decay goes."""

from dataclasses import KW_ONLY, dataclass

import numpy as np

from lstm_src.training.optimizers.base import Optimizer
from lstm_src.validation import check_at_least_zero


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam, whose weight decay is *coupled*: a part of the gradient, and divided with it.

    Parameters
    ----------
    lr : float
        The learning rate, at least 0.
    betas : pair of float
        How much of the mean gradient, and of the mean squared one, is kept in a step; at least 0
        and below 1. Both means are divided by what they lack at first, 1 − β^t.
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
    A factor a > 0 on all gradients of all steps is the same as eps / a with weight_decay / a: it
    changes nothing if both are 0. A factor that changes from step to step does. Kingma and Ba
    (2015). Used as every `Optimizer`.
    """

    lr: float = 1e-3
    _: KW_ONLY
    betas: tuple = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    keeps = ("mean", "mean_square")

    def __post_init__(self):
        """Check the settings and make floats of them."""
        super().__post_init__()
        if not isinstance(self.betas, tuple | list) or len(self.betas) != 2:
            raise TypeError(f"betas: expected a pair of numbers, got {self.betas!r}")
        betas = [check_at_least_zero(f"betas[{k}]", b, below=1) for k, b in enumerate(self.betas)]
        object.__setattr__(self, "betas", tuple(betas))

    def rule(self, steps, param, gradient, mean, squares):
        """Return one array after the step, its mean and its squares; see `Optimizer.rule`."""
        return self._adapted(steps, param, gradient + self.weight_decay * param, mean, squares)

    def _adapted(self, steps, param, gradient, mean, squares):
        beta, beta_2 = self.betas
        mean = beta * mean + (1 - beta) * gradient
        squares = beta_2 * squares + (1 - beta_2) * gradient**2
        unbiased, unbiased_squares = mean / (1 - beta**steps), squares / (1 - beta_2**steps)
        direction = unbiased / (np.sqrt(unbiased_squares) + self.eps)
        return param - self.lr * direction, mean, squares


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam, whose weight decay is *decoupled*: taken off the parameters, whatever the gradient.

    Parameters
    ----------
    lr, betas, eps
        As of `Adam`.
    weight_decay : float
        λ, at least 0: the parameters are multiplied by 1 − lr · λ.

    Raises
    ------
    TypeError, ValueError
        If a setting is not what is described here.

    Notes
    -----
    A factor a > 0 on all gradients of all steps is the same as eps / a; the decay stays as it is.
    Loshchilov and Hutter (2019), with the decay times the learning rate, as in PyTorch. Used as
    every `Optimizer`.
    """

    _: KW_ONLY
    weight_decay: float = 1e-2

    def rule(self, steps, param, gradient, mean, squares):
        """Return one array after the step, its mean and its squares; see `Optimizer.rule`."""
        shrunk = (1 - self.lr * self.weight_decay) * param
        return self._adapted(steps, shrunk, gradient, mean, squares)
