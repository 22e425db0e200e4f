"""Where the factor goes: right placements, and a catalogue of mistakes with what the checks show.

A wrong backward pass is the shipped one with one line rewritten, or as few as it takes. A mistake
outside of it is a short function that calls the shipped passes. To add one, write an entry with
its story and with what each check should say; the tests compare.
"""

from lstm_src.mistakes.batches import BATCHES
from lstm_src.mistakes.counting import COUNTING
from lstm_src.mistakes.entries import Mistake, Shows, from_rewritten
from lstm_src.mistakes.linear import CARRIED
from lstm_src.mistakes.nonlinear import NONLINEAR
from lstm_src.mistakes.one_step import ONE_STEP
from lstm_src.mistakes.problem import Problem, claimed_loss, small_problem
from lstm_src.mistakes.scaling import SCALING
from lstm_src.mistakes.windows import WINDOWS
from lstm_src.scaling import PLACEMENTS

KINDS = {
    "scaling": "The factor in the wrong place",
    "carried": "What is handed from step to step",
    "one step": "One step, and the layout",
    "counting": "The wrong N",
    "batches": "Micro-batches, workers and branches",
    "left out": "Windows and terms left out",
    "nonlinear": "A nonlinear step in between",
}
"""What each kind of mistake is about."""

RIGHT_PLACES = {name: PLACEMENTS[name] for name in ("on_entry", "at_the_end", "on_each_share")}
"""Placements of the factor that are rewritten lines as well, and give the right gradient."""

MISTAKES = {entry.name: entry for entry in (*SCALING, *CARRIED)}
"""The wrong backward passes about the factor and about what is carried, `Rewritten`, by name."""

CATALOGUE = {
    entry.name: entry
    for entry in (
        *(from_rewritten("scaling", entry) for entry in SCALING),
        *(from_rewritten("carried", entry) for entry in CARRIED),
        *ONE_STEP,
        *COUNTING,
        *BATCHES,
        *WINDOWS,
        *NONLINEAR,
    )
}
"""All mistakes, each a `Mistake`, by name."""

__all__ = [
    "CATALOGUE",
    "KINDS",
    "MISTAKES",
    "RIGHT_PLACES",
    "Mistake",
    "Problem",
    "Shows",
    "claimed_loss",
    "from_rewritten",
    "small_problem",
]
