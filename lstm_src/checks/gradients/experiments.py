"""Which experiment tells the causes of a wrong gradient apart: named, or run on a problem.

No sentence here says where a mistake is because of its kind: each says what was seen, or what each
outcome of an experiment would mean.
"""

import inspect

from lstm_src.checks.gradients.words import ENOUGH_STEPS, listed
from lstm_src.checks.leaves import returned
from lstm_src.validation import check_callable

SWITCHES = {
    "steps": (
        "time step",
        "what is carried from step to step (a sum, a state, a window's border), what multiplies "
        "the state before, if that is zero at the start (the forget gate's slope, W_h and its "
        "layout), what the loop over the steps does (a factor inside it, = for +=, weights updated "
        "before it ends), or what is counted over them (a mask, lengths, an N that holds T, "
        "micro-batches of unequal counts, a clip that one step leaves idle)",
    ),
    "sequences": (
        "sequence",
        "what is counted over the sequences (a mask, padding, an N per sequence, a mean of means), "
        "how they become one gradient (a sum for a mean, = for +=, a clip or a loss scale for "
        "each, as micro-batches and workers are put together), or how they are laid out (axes "
        "exchanged, T · B read as B · T)",
    ),
    "micro_batches": (
        "micro-batch",
        "how micro-batches become one gradient: a sum for a mean, a mean of means, = for +=, a "
        "count of each in the place of the count of all, a gradient that was not cleared, a clip "
        "or a loss scale for each of them",
    ),
    "workers": (
        "worker",
        "how workers become one gradient: a sum for a mean, a mean over workers where each "
        "divided by the count of all, or of means over different counts",
    ),
}
"""What a problem may take one or several of: the word for one, and what needs several."""

WITHIN = (
    "a derivative within the step (a slope, an index, one that occurs twice and is written once, "
    "the layout), a factor, a term of the loss or a direction whose gradient is not added, an "
    "array that is overwritten while it is still read, or what changes the finished gradient (a "
    "clip, a norm, a decay, float16, a loss scale)"
)

STOPPED = "stopped by"
"""How the verdict of a run that raised begins."""


def named(steps=None):
    """Return what to try where no problem was given, a paragraph each.

    Parameters
    ----------
    steps : int or None
        Of the run that was wrong; with one step that experiment is done.
    """
    yield (
        "To find the cause, take one thing away at a time and see what makes it right. Pass "
        "problem= to have such experiments run."
    )
    if steps == 1:
        yield (
            "It is wrong with one time step, where nothing is carried but what enters at the ends: "
            "the initial state, the final state's cotangent."
        )
    else:
        yield f"Right with one time step: look at {SWITCHES['steps'][1]}."
    yield f"Right with one sequence, without padding: look at {SWITCHES['sequences'][1]}."
    yield (
        "Right with one micro-batch and one worker: look at how their gradients become one (a sum "
        "for a mean, a mean of means, = for +=, a mean over workers of what was divided by the "
        "count of all, a clip or a loss scale for each of them)."
    )
    yield (
        "Right with one term of the loss, or without a clip, weight decay or mixed precision: what "
        "was left out has another factor, or none, or came in another order than the division."
    )
    yield f"Wrong with all that taken away: look at {WITHIN}."


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
    if any(p.kind is p.VAR_KEYWORD for p in taken.values()):
        return ("steps", "sequences")
    known = tuple(name for name in SWITCHES if name in taken)
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
    single = {name: verdict({name: 1}) for name in switches}
    least = (
        verdict(dict.fromkeys(switches, 1)) if len(switches) > 1 else next(iter(single.values()))
    )
    seen = listed(f"{found} with one {SWITCHES[name][0]}" for name, found in single.items())
    more = f", {least} with one of each" if len(switches) > 1 else ""
    yield f"The problem was run: wrong with {told}; {seen}{more}."
    hides = [name for name, found in single.items() if found == "right"]
    if {"steps", "sequences"} <= set(hides):
        yield (
            "It takes several steps and several sequences: look first at how both are laid out "
            "(axes exchanged, T · B read as B · T), then at the counts, masks and means over both."
        )
    for name in hides:
        yield f"It takes more than one {SWITCHES[name][0]} to see it: look at {SWITCHES[name][1]}."
    if not hides and least == "right":
        yield (
            "It takes more than one of something, and not of one thing alone: look at "
            + listed(SWITCHES[name][1] for name in switches)
            + "."
        )
    if least == "wrong":
        yield f"It shows where there is one of each already: look at {WITHIN}."
