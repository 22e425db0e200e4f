"""A run: its state before and after each step, and nothing that is hidden."""

from typing import NamedTuple

import numpy as np

from lstm_src.structures import GATES
from lstm_src.training.clipping import clip_by_norm
from lstm_src.training.model import ModelParams, init_model
from lstm_src.training.optimizers import OptimizerState
from lstm_src.training.runs.dividing import DIVISIONS
from lstm_src.training.runs.problems import PROBLEMS
from lstm_src.training.runs.settings import OPTIMIZERS, RunSettings
from lstm_src.validation import check_callable, check_like


class RunState(NamedTuple):
    """Where a run stands: its next step depends on this and on its settings alone.

    ``params``, the ``optimizer``'s OptimizerState, whose ``steps`` are those made, and the
    ``generator``'s bit state, as ``Generator.bit_generator.state`` gives it.
    """

    params: ModelParams
    optimizer: OptimizerState
    generator: dict

    @property
    def steps(self):
        """The steps made."""
        return int(self.optimizer.steps)


class Run(NamedTuple):
    """The ``losses`` of a run's steps, float64, each before its update, and its last ``state``."""

    losses: np.ndarray
    state: RunState


def begin_run(settings):
    """Return the state before the first step.

    Parameters
    ----------
    settings : RunSettings

    Returns
    -------
    RunState

    Raises
    ------
    TypeError
        If the settings are none.
    """
    check_like("settings", settings, RunSettings)
    K, V = PROBLEMS[settings.task].sizes
    rng = np.random.default_rng(settings.seed)
    D = 2 if V is None else settings.words
    params = init_model(D, settings.hidden, K, rng, words=V, dtype=settings.dtype)
    forget, b = GATES.index("f") * settings.hidden, params.lstm.b.copy()
    b[forget : forget + settings.hidden] += settings.forget_bias
    params = params._replace(lstm=params.lstm._replace(b=b))
    return RunState(params, _optimizer(settings).begin(params), rng.bit_generator.state)


def run_step(settings, state, gradients=None):
    """Draw a batch, and make one update.

    Parameters
    ----------
    settings : RunSettings
    state : RunState
        From `begin_run` or the last step; it is left as it is.
    gradients : callable, optional
        ``gradients(params, task, loss)`` returns a loss and its gradients, in the place of
        `gradients_of` the settings.

    Returns
    -------
    state : RunState
    loss : float
        Before the update.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here, and as `loss_and_gradients`, `clip_by_norm`
        and the optimizer.
    """
    check_like("settings", settings, RunSettings)
    check_like("state", state, RunState)
    if gradients is None:
        gradients = gradients_of(settings)
    check_callable("gradients", gradients)
    problem = PROBLEMS[settings.task]
    rng = np.random.Generator(np.random.PCG64(0))
    rng.bit_generator.state = state.generator
    task = problem.draw(settings.size, settings.batch, rng, settings.dtype)
    loss, found = _pair(gradients(state.params, task, problem.loss))
    if settings.clip is not None:
        found = clip_by_norm(found, settings.clip)
    params, kept = _optimizer(settings).step(state.params, found, state.optimizer)
    return RunState(params, kept, rng.bit_generator.state), float(loss)


def train(settings, state=None, *, gradients=None):
    """Make all steps that are left.

    Parameters
    ----------
    settings : RunSettings
    state : RunState, optional
        Where to go on; the beginning if omitted.
    gradients : callable, optional
        As for `run_step`.

    Returns
    -------
    Run

    Raises
    ------
    TypeError, ValueError
        As `run_step`.
    """
    check_like("settings", settings, RunSettings)
    state, losses = begin_run(settings) if state is None else state, []
    check_like("state", state, RunState)
    while state.steps < settings.steps:
        state, loss = run_step(settings, state, gradients)
        losses.append(loss)
    return Run(np.array(losses), state)


def gradients_of(settings):
    """Return ``gradients(params, task, loss)``, which divides where the settings say.

    Parameters
    ----------
    settings : RunSettings
        Its ``divide``, ``parts`` and ``scale`` are read.

    Returns
    -------
    callable
        Takes ModelParams, a `Task` and a loss such as `squared_error`; returns the token mean and
        its gradients.

    Raises
    ------
    TypeError
        If the settings are none.
    """
    check_like("settings", settings, RunSettings)
    return lambda params, task, loss: DIVISIONS[settings.divide](params, task, loss, settings)


def _pair(found):
    """Return the loss and the gradients that a function of the caller's returned."""
    if not isinstance(found, tuple) or len(found) != 2:
        raise TypeError(
            "gradients: expected a callable that returns a loss and its gradients, got one that "
            f"returns {type(found).__name__}"
        )
    return found


def _optimizer(settings):
    return OPTIMIZERS[settings.optimizer](settings.lr)
