"""What is said of factors that groups have of their own: their sums, and whence they come."""

import numpy as np

from lstm_src.checks.gradients.words import listed
from lstm_src.checks.weights.labels import LABELS
from lstm_src.checks.weights.naming import ARRAY
from lstm_src.checks.weights.told import counted

MOST = 6
"""Factors that are listed in a sentence."""

NOTHING = 1e-9
"""What is this much smaller than the largest factor is nothing."""

WHENCE = {
    "micro_batch": "A clip of each does that, a loss scale that changed between them, a division "
    "that not all get, or a count that the groups do not hold.",
    "worker": "A clip on each does that, a division that not all get, or a count that the groups "
    "do not hold.",
    "window": "A clip of each does that, or a count that the groups do not hold.",
    "sequence": "A weight of each does that, or a count that the groups do not hold.",
    "step": "A division that is done again at every step does that, or a weight that depends on "
    "time.",
}
"""Where factors that make no mean may come from, by the key of the groups."""

GONE = (
    "What weighs nothing was cleared before the step (a zero_grad inside the loop), overwritten (= "
    "for +=), or never added."
)
"""The same where some of them are nothing."""


def factors(seen):
    """Say what the factors of groups, or of arrays, are, and what they may be."""
    naming = seen.naming
    word = f"{LABELS[naming.free]} " if naming.within else ""
    told = listed(_each(naming.factors, word), MOST)
    if naming.free == ARRAY:
        yield (
            f"The factor is {told}. A clip of each array by its own norm does that, or a division "
            "that is done again in some; so do learning rates that differ, where the gradient was "
            "taken from an update."
        )
    elif naming.free and naming.factors:
        alike = len({f"{each:.6g}" for each in naming.factors.values()}) == 1
        own = "" if alike else f"Each {LABELS[naming.free]} has a factor of its own. "
        its = f"of each {LABELS[naming.free]}" if alike else "of its terms"
        yield f"{own}The weights {its} add up to {told}. {_wanted(seen)}"


def _each(factors, word=""):
    """Return the factors of groups as texts."""
    least = NOTHING * max(map(abs, factors.values()), default=0.0)
    sizes = {label: f"{f:.4g}" if abs(f) > least else "nothing" for label, f in factors.items()}
    return [f"{size} for {word}{label}" for label, size in sizes.items()]


def _wanted(seen):
    """Return what factors of groups are held against, or may come from."""
    naming, read = seen.naming, seen.read
    if naming.within:
        least = NOTHING * max(map(abs, naming.factors.values()))
        gone = any(abs(factor) <= least for factor in naming.factors.values())
        return GONE if gone else WHENCE[naming.free]
    if read.meant is None:
        return "Whether these are the ones that you want, no gradient says."
    meant = meant_sums(naming, seen.fit, read)
    if as_a_whole(naming, meant):
        return "As a whole each weighs as meant; inside, the mean is another."
    return f"Meant were {listed(_each(meant), MOST)}."


def meant_sums(naming, fit, read):
    """Return what each group as a whole was meant to weigh, by label."""
    silent = ~counted(fit, read.labels) & (naming.mean.weights == 0)
    sums = np.bincount(read.labels.codes[naming.free], read.meant.weights * ~silent)
    return dict(zip(read.labels.names[naming.free], sums.tolist(), strict=True))


def as_a_whole(naming, meant):
    """Tell whether each group as a whole has the factor that was meant."""
    found = np.array([naming.factors[label] for label in meant])
    wanted = np.array([*meant.values()])
    return np.allclose(found, wanted, rtol=1e-4, atol=0)
