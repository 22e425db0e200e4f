"""Where a factor such as 1/N may stand: placements that all give the same gradient, as data.

Each way from the loss back to a weight, an input or the initial state has to meet the factor once.
So every cut through the graph that separates the loss from them is a place for it.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lstm_src.checks.trees import tree_map
from lstm_src.lstm import backward
from lstm_src.placements.lines import (
    ARRIVE,
    ARRIVE_SCALED,
    INPUT,
    RETURN,
    RETURN_SCALED,
    START,
    SUM,
)
from lstm_src.placements.rewriting import Variant, everywhere
from lstm_src.structures import Gradients, tape_between
from lstm_src.validation import check_size


@dataclass(frozen=True)
class Placement:
    """One place for the factor, around the shipped `backward` or in its lines.

    ``place(params, tape, dh, dstate, scale)`` returns ``scale`` times the gradients of ``dh`` and
    ``dstate``: a function, or a `Variant` of `backward`. ``title`` and ``story`` are for readers.
    """

    kind: ClassVar = "right"
    final_term: ClassVar = True  # right whatever the loss reads, the final state as well

    name: str
    title: str
    story: str
    place: Callable

    def __call__(self, params, tape, dh, dstate=None, scale=1):
        """Return ``scale`` times the gradients of ``dh`` and ``dstate``.

        Parameters
        ----------
        params, tape, dh, dstate
            As for `lstm_src.lstm.backward`.
        scale : number, symbol or ring element, optional
            The factor.

        Returns
        -------
        Gradients

        Raises
        ------
        TypeError, ValueError
            As `lstm_src.lstm.backward`.
        """
        return self.place(params, tape, dh, dstate, scale)

    @property
    def rewritten(self):
        """Whether the place is rewritten lines of `backward`."""
        return isinstance(self.place, Variant)

    @staticmethod
    def degrees(T):
        """Return the degrees of each gradient in the scale: 1 alone, as of every right place."""
        return everywhere({1})


def at_cut(step):
    """Return the placement at the cut before a step.

    Parameters
    ----------
    step : int
        Loss terms of earlier steps meet the factor where they enter. Those of this step and of
        later ones meet it where they are carried across the cut, or in what their steps add to the
        weights' gradient. 0 is the very end, T the very beginning.

    Returns
    -------
    callable
        As ``place`` of a `Placement`. It raises ValueError if the tape has fewer steps.

    Raises
    ------
    TypeError, ValueError
        If the step is no integer of at least 0.
    """
    check_size("step", step, least=0)

    def place(params, tape, dh, dstate, scale):
        T = len(tape.inputs)
        if step > T:
            raise ValueError(f"step: expected 0 to {T}, got {step}")
        if step == T:
            return on_the_loss(params, tape, dh, dstate, scale)
        late = backward(params, tape_between(tape, step, T), dh[step:], dstate)
        late = _times(late, scale)
        if step == 0:
            return late
        early = backward(params, tape_between(tape, 0, step), dh[:step] * scale, late.state)
        both = tree_map(operator.add, early.params, late.params)
        return Gradients(both, np.concatenate([early.x, late.x]), early.state)

    return place


def on_the_loss(params, tape, dh, dstate, scale):
    """Multiply all cotangents before the backward pass sees them: the loss was multiplied."""
    return backward(params, tape, *_times((dh, dstate), scale))


def at_the_end(params, tape, dh, dstate, scale):
    """Multiply the finished gradients."""
    return _times(backward(params, tape, dh, dstate), scale)


def on_the_tape(params, tape, dh, dstate, scale):
    """Multiply the input rows that the weights' gradients are made with, and the other two ends."""
    rows = tape._replace(inputs=tape.inputs * scale)
    gradients = backward(params, rows, dh, dstate)
    return Gradients(gradients.params, gradients.x * scale, _times(gradients.state, scale))


def split(params, tape, dh, dstate, first, second):
    """Multiply the cotangents by one factor and the finished gradients by another.

    Parameters
    ----------
    params, tape, dh, dstate
        As for `lstm_src.lstm.backward`.
    first, second : number, symbol or ring element
        Their product is the whole factor.

    Returns
    -------
    Gradients

    Raises
    ------
    TypeError, ValueError
        As `lstm_src.lstm.backward`.
    """
    return at_the_end(params, tape, *_times((dh, dstate), first), second)


def in_halves(params, tape, dh, dstate, scale):
    """Split the factor into two square roots, one on the loss and one at the end."""
    return split(params, tape, dh, dstate, scale**0.5, scale**0.5)


def halfway(params, tape, dh, dstate, scale):
    """Put the factor at the cut in the middle of the sequence."""
    return at_cut(len(tape.inputs) // 2)(params, tape, dh, dstate, scale)


def _times(tree, scale):
    return tree_map(lambda array: array * scale, tree)


_ALL = (
    Placement(
        name="on_the_loss",
        title="On the loss",
        story="The loss is multiplied, so all its cotangents are, before the backward pass begins.",
        place=on_the_loss,
    ),
    Placement(
        name="on_entry",
        title="On every gradient that enters",
        story="The factor goes on each injected cotangent: those of all steps, and of the final "
        "state.",
        place=Variant(
            backward,
            (
                (START, START.replace("part.copy()", "part * scale")),
                (ARRIVE, ARRIVE_SCALED),
            ),
        ),
    ),
    Placement(
        name="halfway",
        title="At a cut in the middle",
        story="Loss terms of the earlier half meet the factor where they enter. Those of the later "
        "half meet it where they are carried across the cut, and in the later steps' share of the "
        "weights' gradients.",
        place=halfway,
    ),
    Placement(
        name="on_each_share",
        title="On each step's share of the sum",
        story="The factor goes on what each step adds to the weights' gradient and sends to its "
        "input. It stands inside the loop, but no term meets it twice, for what is carried is left "
        "alone.",
        place=Variant(
            backward,
            (
                (SUM, "dW += rows.T @ dz_rows * scale"),
                (INPUT, INPUT.replace("params.W_x.T", "params.W_x.T * scale")),
                (RETURN, RETURN.replace("dh_next, dc", "dh_next * scale, dc * scale")),
            ),
        ),
    ),
    Placement(
        name="on_the_tape",
        title="On the tape",
        story="The factor goes on the input rows that the forward pass recorded, with which the "
        "weights' gradients are made. The gradients of the inputs and of the initial state do not "
        "pass those rows, and are multiplied at the end.",
        place=on_the_tape,
    ),
    Placement(
        name="at_the_end",
        title="At the end",
        story="The backward pass knows nothing of the factor. It goes on all finished gradients.",
        place=Variant(backward, ((RETURN, RETURN_SCALED),)),
    ),
    Placement(
        name="in_halves",
        title="Half now, half later",
        story="The square root of the factor goes on the loss, and once more on the finished "
        "gradients. It takes a factor that has a root: no negative number.",
        place=in_halves,
    ),
)

PLACEMENTS = {placement.name: placement for placement in _ALL}
"""The right places, by name, from the loss to the finished gradients."""
