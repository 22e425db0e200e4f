"""The verdict of a check in one line, and its table."""

import numpy as np

from lstm_src.checks.gradients.words import (
    ENOUGH_STEPS,
    FADED,
    RIGHT,
    TELLING,
    UNKNOWN,
    UNREAD,
    WRONG,
    ZERO,
    listed,
    share,
)

DEAF = (
    "The loss stays the same, to the last bit, wherever the parameters are moved. It may read "
    "others than those it is given, such as a model's own: copy the given ones into the model, or "
    "call it with them (torch.func.functional_call). Or it holds fixed (detach) all that they "
    "enter: see held_fixed."
)
"""What to do where nothing can be seen."""

FEW_DIGITS = (
    "The loss is {value:.3g}, next to the smallest numbers of {kind}, which have few digits. Take "
    "its logarithm, as of a likelihood, or multiply it and the gradient by a large power of two."
)
"""What to do where the loss underflows."""

HEADERS = ("array", "relative error", "allowed", "entries checked", "verdict")

MOST_ROWS = 40
"""A longer table shows some arrays of each verdict, and counts the others."""

EACH = 12
"""How many of them."""


def verdict(checked, unsteady, steps):
    """Return whether the gradient is right, and that in one line.

    Parameters
    ----------
    checked : dict of str to Comparison
    unsteady : str or None
        What is not repeatable.
    steps : int or None
    """
    where = "" if steps is None else f" at T = {steps}"
    if unsteady == "loss":
        return False, "Not repeatable: the loss returns another number when it is called again."
    if unsteady == "gradient":
        return False, "Not repeatable: the gradient is another when it is computed again."
    if unsteady == UNREAD:
        return False, f"Not known{where}: the loss does not change when the parameters are moved."
    if unsteady == FADED:
        return False, f"Not known{where}: the loss is too small for its type to tell slopes."
    by = {v: [p for p, c in checked.items() if c.verdict == v] for v in (WRONG, UNKNOWN, ZERO)}
    if by[WRONG]:
        return False, f"Wrong{where}: {listed(by[WRONG], 12)}."
    if by[UNKNOWN]:
        return False, _not_known({p: checked[p] for p in by[UNKNOWN]}, where)
    if len(by[ZERO]) == len(checked):
        return False, (
            f"Not known{where}: the gradient is zero everywhere, found and expected, so there is "
            "nothing to compare."
        )
    if steps is not None and steps < ENOUGH_STEPS:
        hides = "hides" if steps == 1 else "can hide"
        return True, (
            f"Right{where}, which {hides} mistakes in what is carried: run again with T ≥ 3."
        )
    loosest = max(c.allowed for c in checked.values() if c.verdict == RIGHT)
    within = f", to within {share(loosest)}" if loosest > TELLING / 10 else ""
    return True, f"Right{where}{within}."


def _not_known(unknown, where):
    if any(c.cut for c in unknown.values()):
        cut = [path for path, c in unknown.items() if c.cut]
        return f"Not known{where}: most_evaluations ended the check before {listed(cut, 12)}."
    if any(c.kinks for c in unknown.values()):
        kinks = [path for path, c in unknown.items() if c.kinks]
        return (
            f"Not known{where}: the loss has kinks, or short and long steps tell different slopes, "
            f"at {listed(kinks)}."
        )
    loosest = max(c.allowed for c in unknown.values())
    if loosest < 0.5 and all(c.error <= c.allowed for c in unknown.values()):
        return (
            f"Not known{where} below {share(loosest)}: no larger mistake was seen in "
            f"{listed(unknown, 12)}."
        )
    return f"Not known{where}: the noise of the loss hides {listed(unknown, 12)}."


def rows(checked, paths):
    """Return a row of the table for each array, or for some of each verdict if they are many."""
    if not checked:
        return tuple((path, "-", "-", "none", "not checked") for path in paths[:EACH])
    if len(checked) <= MOST_ROWS:
        return tuple(_row(path, c) for path, c in checked.items())
    found = []
    for kind in (WRONG, UNKNOWN, RIGHT, ZERO):
        alike = [path for path, c in checked.items() if c.verdict == kind]
        found += [_row(path, checked[path]) for path in alike[:EACH]]
        if len(alike) > EACH:
            found.append((f"{len(alike) - EACH:,} more", "", "", "", kind))
    return tuple(found)


def _row(path, c):
    # What is below the bound is rounding: it would differ from machine to machine.
    bound = c.allowed
    return (
        path,
        f"{c.error:.1e}" if c.error > bound else f"below {bound:.0e}",
        f"{bound:.0e}",
        f"{len(c.indices)} of {int(np.prod(c.shape))}"
        + (f", {c.directions} directions" if c.directions else ""),
        c.verdict,
    )
