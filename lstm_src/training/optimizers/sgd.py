"""Gradient descent: plain, with momentum, and with Nesterov's momentum."""

from dataclasses import KW_ONLY, dataclass

from lstm_src.training.optimizers.base import Optimizer
from lstm_src.validation import check_bool


@dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent.

    Parameters
    ----------
    lr : float
        The learning rate, at least 0.
    momentum : float
        At least 0 and below 1; at 0 the state holds nothing but the number of steps. The new
        gradient enters the velocity undamped, with the factor 1.
    nesterov : bool
        Whether the step looks ahead by one momentum; needs a momentum above 0.
    weight_decay : float
        λ, at least 0: λ times the parameters is added to their gradient.

    Raises
    ------
    TypeError, ValueError
        If a setting is not what is described here.

    Notes
    -----
    A factor a > 0 on all gradients of all steps is the same as lr · a with weight_decay / a. A
    factor that changes from step to step is a learning rate that changes only where the momentum is
    0: the learning rate multiplies the whole velocity, as in PyTorch, a factor what enters it.
    Polyak (1964); Sutskever, Martens, Dahl and Hinton (2013). Used as every `Optimizer`.
    """

    lr: float = 1e-3
    _: KW_ONLY
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0

    def __post_init__(self):
        """Check the settings and make floats of them."""
        super().__post_init__()
        check_bool("nesterov", self.nesterov)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov: expected a momentum above 0 with it, got momentum 0")

    @property
    def keeps(self):
        """The velocity, if there is a momentum."""
        return ("velocity",) if self.momentum else ()

    def rule(self, steps, param, gradient, velocity=None):
        """Return one array after the step, and its velocity; see `Optimizer.rule`."""
        gradient = gradient + self.weight_decay * param
        if not self.momentum:
            return (param - self.lr * gradient,)
        velocity = self.momentum * velocity + gradient
        ahead = gradient + self.momentum * velocity if self.nesterov else velocity
        return param - self.lr * ahead, velocity
