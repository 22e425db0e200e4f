"""One small problem that every mistake is made on, and the loss that its code claims to descend.

The batch holds a sequence of 3 tokens and one of 17, so the ways to take a mean differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from lstm_src.lstm import backward, forward, init_params
from lstm_src.structures import Params, State
from lstm_src.training.losses import squared_error
from lstm_src.training.reductions import reduction_weights
from lstm_src.validation import check_array, check_like, check_size

NAMES = "W_x", "W_h", "b", "x", "h_0", "c_0"
"""What a loss depends on: the parameters, the inputs and the initial state."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A layer and a padded batch: ``x`` (T, B, D), ``mask`` (T, B), ``target`` (T, B, H).

    ``start`` is the state before the first step, which an earlier window handed on. ``decay`` is
    the coefficient of half the parameters' squared norm, where a loss holds it.
    """

    params: Params
    x: np.ndarray
    start: State
    mask: np.ndarray
    target: np.ndarray
    decay: float = 0.05

    @property
    def weights(self):
        """The weights (T, B) of the token mean."""
        return reduction_weights("token mean", self.mask)

    @property
    def ends(self):
        """The weights (B, 1) of the extra term: the mean over the sequences that reach the end."""
        return self.mask[-1:].T / self.mask[-1].sum()

    def steps(self, first, last, start=None):
        """Return the problem of the steps ``first`` to ``last - 1``."""
        part = slice(first, last)
        cut = (array[part] for array in (self.x, self.mask, self.target))
        x, mask, target = cut
        return replace(self, x=x, mask=mask, target=target, start=start or self.start)

    def micro_batches(self):
        """Return a problem for each sequence."""
        for part in (slice(b, b + 1) for b in range(self.mask.shape[1])):
            x, mask, target = (array[:, part] for array in (self.x, self.mask, self.target))
            start = State(*(array[part] for array in self.start))
            yield replace(self, x=x, mask=mask, target=target, start=start)

    def values(self, *names):
        """Return the arrays of these names, by default all of `NAMES`."""
        arrays = dict(zip(NAMES, (*self.params, self.x, *self.start), strict=True))
        return {name: arrays[name] for name in names or NAMES}

    def at(self, values):
        """Return the problem with other arrays, of one dtype, in the place of its own.

        Parameters
        ----------
        values : dict of str to ndarray
            By their `NAMES`; complex for a complex step.

        Raises
        ------
        ValueError
            If a name is none of `NAMES`.
        """
        if not isinstance(values, Mapping):
            raise TypeError(f"values: expected a dict of arrays, got {type(values).__name__}")
        if unknown := set(values) - set(NAMES):
            raise ValueError(f"values: expected names of {', '.join(NAMES)}, got {sorted(unknown)}")
        arrays = {**self.values(), **values}
        dtype = np.result_type(*arrays.values())
        *params, x, h, c = (arrays[name].astype(dtype) for name in NAMES)
        target = self.target.astype(dtype)
        return replace(self, params=Params(*params), x=x, start=State(h, c), target=target)


def small_problem(H=2):
    """Return the problem of the catalogue: T = 17, B = 2, D = 2, always the same.

    Parameters
    ----------
    H : int, optional
        Hidden units.

    Returns
    -------
    Problem

    Raises
    ------
    TypeError, ValueError
        If H is not an integer of at least 1.
    """
    rng = np.random.default_rng(0)
    T, lengths, D, H = 17, np.array([3, 17]), 2, check_size("H", H)
    mask = (np.arange(T)[:, None] < lengths).astype(float)
    params = init_params(D, H, rng)
    x = rng.standard_normal((T, 2, D)) * mask[..., None]
    target = rng.standard_normal((T, 2, H)) * mask[..., None]
    return Problem(params, x, State(*rng.standard_normal((2, 2, H))), mask, target)


def claimed_loss(problem, values, scale, *, final_term=False, decay=False):
    """Return the loss: ``scale`` times the token mean of the squared errors, and what is added.

    Parameters
    ----------
    problem : Problem
    values : dict of str to ndarray
        What stands in the place of the problem's arrays: see `Problem.at`.
    scale : float
        One factor on all terms, such as 1 over the number of rounds of gradient accumulation.
    final_term : bool, optional
        Add half the squared final cell state, a mean over the sequences that reach the end. The
        scale belongs to it as well.
    decay : bool, optional
        Add the weight decay, which the scale does not belong to.

    Returns
    -------
    float or complex

    Raises
    ------
    TypeError
        If the problem is none, or ``values`` no dict.
    ValueError
        If a name is none of `NAMES`.
    """
    check_like("problem", problem, Problem)
    at = problem.at(values)
    run = forward(at.params, at.x, at.start)
    terms = squared_error(run.h, at.target).terms
    loss = scale * (problem.weights * terms).sum()
    if final_term:
        loss += scale * (problem.ends * run.state.c**2).sum() / 2
    if decay:
        loss += problem.decay * sum((array**2).sum() for array in at.params) / 2
    return loss


def pull(problem, weights, *, final_term=False, run_by=forward, back_by=backward):
    """Return the gradients of the weighted terms, by the shipped passes.

    Parameters
    ----------
    problem : Problem
    weights : ndarray, shape (T, B)
    final_term : bool, optional
        Whether the extra term is read.
    run_by, back_by : callable, optional
        What stands in the place of the shipped `forward` and `backward`.

    Returns
    -------
    Gradients

    Raises
    ------
    TypeError, ValueError
        If the problem or the weights are not what is described here, and as the passes.
    """
    check_array("weights", weights, check_like("problem", problem, Problem).mask.shape)
    run = run_by(problem.params, problem.x, problem.start)
    dh = weights[..., None] * squared_error(run.h, problem.target).cotangent
    dstate = State(0 * run.state.h, problem.ends * run.state.c) if final_term else None
    return back_by(problem.params, run.tape, dh, dstate)
