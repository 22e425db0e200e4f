"""A catalogue of mistakes, each with its story and with what the checks show of it.

A wrong backward pass is the shipped one with one line rewritten, or as few as it takes. A mistake
outside of it is a short function that calls the shipped passes. To add one, write an entry with
its story and with what each check should say; the tests compare.
"""

from lstm_src.placements.mistakes.auxiliary import AUXILIARY
from lstm_src.placements.mistakes.batches import BATCHES
from lstm_src.placements.mistakes.bidirectional import BIDIRECTIONAL
from lstm_src.placements.mistakes.carried import CARRIED
from lstm_src.placements.mistakes.clips import CLIPS
from lstm_src.placements.mistakes.counting import COUNTING
from lstm_src.placements.mistakes.factor import FACTOR
from lstm_src.placements.mistakes.loss_scale import LOSS_SCALES
from lstm_src.placements.mistakes.mistake import Mistake, Shows
from lstm_src.placements.mistakes.nonlinear import NONLINEAR
from lstm_src.placements.mistakes.one_step import ONE_STEP
from lstm_src.placements.mistakes.problem import Problem, claimed_loss, pull, small_problem
from lstm_src.placements.mistakes.state import STATE
from lstm_src.placements.mistakes.windows import WINDOWS

KINDS = {
    "scaling": "The factor in the wrong place",
    "carried": "What is handed from step to step",
    "one step": "One step, and the layout",
    "counting": "The wrong N",
    "batches": "Micro-batches, workers and branches",
    "loss": "A loss in several parts",
    "left out": "Windows, steps and terms left out",
    "state": "Written too early, or kept too long",
    "bidirectional": "Two directions",
    "nonlinear": "A nonlinear step in between",
    "loss scale": "The loss scale of mixed precision",
}
"""What each kind of mistake is about."""

MISTAKES = {
    entry.name: entry
    for entry in (
        *FACTOR,
        *CARRIED,
        *ONE_STEP,
        *COUNTING,
        *BATCHES,
        *AUXILIARY,
        *WINDOWS,
        *STATE,
        *BIDIRECTIONAL,
        *NONLINEAR,
        *CLIPS,
        *LOSS_SCALES,
    )
}
"""All mistakes, by name."""

__all__ = [
    "KINDS",
    "MISTAKES",
    "Mistake",
    "Problem",
    "Shows",
    "claimed_loss",
    "pull",
    "small_problem",
]
