"""Experiments that tell the causes of a wrong gradient apart, run on a reader's own problem."""

import inspect

from lstm_src.checks.gradients.causes import ALREADY, MANY, SWITCHES, WITHIN
from lstm_src.checks.gradients.words import ENOUGH_STEPS, listed
from lstm_src.checks.leaves import returned
from lstm_src.validation import check_callable

STOPPED = "stopped by"
"""How the verdict of a run that raised begins."""


HOLDERS = {"steps": ("windows",), "sequences": ("micro_batches", "workers")}
"""One step is in one window; one sequence is in one micro-batch, on one worker."""


def check_problem(problem):
    """Return which of `SWITCHES` a problem takes.

    Raises
    ------
    TypeError
        If it is no callable, or takes none of them.
    """
    check_callable("problem", problem)
    try:
        taken = inspect.signature(problem).parameters
    except (TypeError, ValueError):
        raise TypeError(
            f"problem: expected a function with named parameters, got {problem!r}"
        ) from None
    rest = any(p.kind is p.VAR_KEYWORD for p in taken.values())
    names = {*taken, "steps", "sequences"} if rest else taken
    known = tuple(name for name in SWITCHES if name in names)
    if not known:
        raise TypeError(
            f"problem: expected a parameter called {' or '.join(SWITCHES)}, got "
            f"{', '.join(taken) or 'none'}"
        )
    return known


def run_experiments(problem, switches, steps, check):
    """Run a problem with several of everything, with one of each, and with one of all.

    Parameters
    ----------
    problem : callable
        ``problem(steps=..., sequences=...)`` returns (loss, params, gradients).
    switches : tuple of str
        What it takes.
    steps : int or None
        How many steps several are.
    check : callable
        ``check(loss, params, gradients, steps=...)`` returns whether that is right.

    Yields
    ------
    str
        What was seen, and what it means.
    """
    several = dict.fromkeys(switches, 2)
    if "steps" in several:
        several["steps"] = max(steps or 0, ENOUGH_STEPS)

    def verdict(changes):
        wanted = several | changes
        try:
            made = returned("problem", problem(**wanted), "(loss, params, gradients)")
            found = check(*made, steps=wanted.get("steps"))
        except Exception as error:
            return f"{STOPPED} {type(error).__name__}: {error}"
        return {True: "right", False: "wrong", None: "not known"}[found]

    base = verdict({})
    told = listed(f"{name}={number}" for name, number in several.items())
    if base != "wrong":
        if base.startswith(STOPPED):
            yield f"problem({told}) told nothing: it was {base}"
            return
        yield (
            f"problem({told}) is not wrong but {base}: it is another case than the one above, so "
            "nothing was concluded from it."
        )
        return
    single = {name: verdict(_one(name, switches)) for name in switches}
    least = (
        verdict(dict.fromkeys(switches, 1)) if len(switches) > 1 else next(iter(single.values()))
    )
    seen = listed(f"{found} with one {SWITCHES[name]}" for name, found in single.items())
    more = f", {least} with one of each" if len(switches) > 1 else ""
    yield f"The problem was run: wrong with {told}; {seen}{more}."
    yield from _concluded(single, least)


def _one(name, switches):
    """Return the sizes of a run with one of a kind, and of what that is one of."""
    return dict.fromkeys({name, *HOLDERS.get(name, ())} & set(switches), 1)


def _concluded(single, least):
    """Say what the runs with one of a kind, and of each kind, mean."""
    hides = [name for name, found in single.items() if found == "right"]
    if hides and least == "wrong":
        with_one = listed(f"one {SWITCHES[name]}" for name in hides)
        yield (
            f"Right with {with_one} and wrong with one of each do not go together, unless the runs "
            "differ in more than their sizes, as in seeds, data or loss terms, or a mistake shows "
            "at some sizes only. Nothing was concluded."
        )
        return
    hides = [name for name in hides if not set(HOLDERS.get(name, ())) & set(hides)]
    hides.sort(key=tuple(HOLDERS).__contains__)  # the parts that become one gradient come first
    if {"steps", "sequences"} <= set(hides):
        yield (
            "It takes several steps and several sequences: look first at the counts, masks and "
            "means over both, then at how both are laid out (axes exchanged, T · B read as B · T)."
        )
    for name in hides:
        yield f"It takes more than one {SWITCHES[name]} to see it: look at {MANY[name]}."
    if not hides and least == "right":
        yield (
            "It takes more than one of something, and not of one thing alone: look at "
            + listed(MANY[name] for name in single)
            + "."
        )
    if least == "wrong":
        yield f"{ALREADY}: look at {WITHIN}."
    untold = {name: found for name, found in single.items() if found not in ("right", "wrong")}
    if untold:
        which = listed(f"one {SWITCHES[name]}" for name in untold)
        stopped = any(found.startswith(STOPPED) for found in untold.values())
        way = (
            "Let problem return a loss with at least one term at that size."
            if stopped
            else "Let that loss compute in float64, or hold more terms."
        )
        yield f"Whether {which} would be right is open: that run told nothing. {way}"
