"""What all optimizers share: a state that is given and returned, and arguments that are checked."""

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import NamedTuple

import numpy as np

from lstm_src.training.optimizers.arrays import (
    check_not_tied,
    refill,
    take_arrays,
    take_like,
    take_steps,
)
from lstm_src.validation import check_at_least_zero, check_like

KEPT = ("velocity", "mean", "mean_square", "square_sum")
"""What an optimizer may keep for each parameter."""

BELOW = {"momentum": 1, "alpha": 1, "lr": None, "weight_decay": None, "eps": None}
"""The settings that are numbers of at least 0, and what each must stay below."""


class OptimizerState(NamedTuple):
    """What an optimizer remembers: the ``steps`` made, and for each parameter what it keeps.

    ``velocity`` is the running sum that momentum makes of what moves the parameters; ``mean`` the
    running mean of the gradients, ``mean_square`` that of their squares, ``square_sum`` the sum of
    these. Each is a tree of arrays in the containers of the parameters, or None if the optimizer
    keeps none. It is all there is: stored and read back, it continues to the same bits.
    """

    steps: int
    velocity: object = None
    mean: object = None
    mean_square: object = None
    square_sum: object = None


class Optimizer(ABC):
    """The interface of every optimizer, whose settings are frozen and whose state is outside.

    ::

        state = optimizer.begin(params)
        params, state = optimizer.step(params, gradients, state)

    For another learning rate in the next step: ``dataclasses.replace(optimizer, lr=0.01)``, with
    the same state. For a part of the parameters, give a tree of that part: one without the biases
    for a weight decay that spares them.
    """

    keeps = ()
    """What the state holds beside the steps: some of the other fields of `OptimizerState`."""

    def __post_init__(self):
        """Check the settings and make floats of them."""
        for name in (field.name for field in fields(self) if field.name in BELOW):
            value = check_at_least_zero(name, getattr(self, name), below=BELOW[name])
            object.__setattr__(self, name, value)

    def begin(self, params):
        """Return the state before the first step.

        Parameters
        ----------
        params : tree of floating-point ndarray
            ``None`` is a parameter that is left out.

        Returns
        -------
        OptimizerState
            All zeros, in the types and containers of the parameters.

        Raises
        ------
        TypeError, ValueError
            If an array is not plain, floating-point and finite, or stands in the tree twice.
        """
        arrays = take_arrays("params", params)
        check_not_tied(arrays)
        zeros = {n: refill(params, map(np.zeros_like, arrays.values())) for n in self.keeps}
        return OptimizerState(0, **zeros)

    def step(self, params, gradients, state):
        """Return the parameters and the state after one step.

        Parameters
        ----------
        params : tree of floating-point ndarray
        gradients : tree of ndarray
            For every parameter one of its shape and type, at the same path.
        state : OptimizerState
            From `begin` or the last step, of an optimizer that keeps the same.

        Returns
        -------
        params : tree of ndarray
            New arrays of the same types, in the same containers.
        state : OptimizerState
            New arrays, too.

        Raises
        ------
        TypeError, ValueError
            If an argument is not what is described here, or a number is not finite, or the step
            leads to one that is not: where the squares overflow, or the divisor is 0.
        """
        check_like("state", state, OptimizerState)
        arrays = take_arrays("params", params)
        slopes = take_like("gradients", gradients, arrays)
        held = {name: self._kept(name, state, arrays) for name in KEPT}
        steps = take_steps("state.steps", state.steps) + 1
        moved = [
            self._moved(path, steps, array, slopes[path], *(held[n][path] for n in self.keeps))
            for path, array in arrays.items()
        ]
        new, *kept = (refill(params, column) for column in zip(*moved, strict=True))
        return new, OptimizerState(steps, **dict(zip(self.keeps, kept, strict=True)))

    @abstractmethod
    def rule(self, steps, param, gradient, *kept):
        """Return one array after the step, and what is kept of it.

        Parameters
        ----------
        steps : int
            With this one, so at least 1.
        param, gradient : ndarray
        *kept : ndarray
            In the order of `keeps`.

        Returns
        -------
        tuple of ndarray
            The parameter, and what is kept, in the order of `keeps`.
        """

    def _kept(self, name, state, arrays):
        tree = getattr(state, name)
        if (name in self.keeps) != (tree is not None):
            wanted = "arrays like params" if name in self.keeps else "None"
            came = "None" if tree is None else type(tree).__name__
            raise ValueError(
                f"state.{name}: expected {wanted}, as {self} begins, got {came}: "
                "another kind of optimizer began this state"
            )
        kept = {} if tree is None else take_like(f"state.{name}", tree, arrays)
        for path, array in kept.items():
            if name in ("mean_square", "square_sum") and (low := array[array < 0]).size:
                raise ValueError(
                    f"state.{name}: {path}: expected numbers of at least 0, got {low[0]}"
                )
        return kept

    def _moved(self, path, steps, param, *given):
        with np.errstate(all="ignore"):  # told below, by name
            found = self.rule(steps, param, *given)
            found = [np.asarray(array, param.dtype) for array in found]
        for name, array in zip(("params", *self.keeps), found, strict=True):
            if not np.isfinite(array).all():
                bad, dtype = array[~np.isfinite(array)][0], param.dtype
                eps = getattr(self, "eps", None)
                hint = "" if eps is None else f"; eps is {eps}, in {dtype} {dtype.type(eps)}"
                raise ValueError(
                    f"gradients: {path}: expected a step that stays finite in {dtype}, "
                    f"got {bad} in {name}{hint}"
                )
        return found
