"""The words of a verdict, and how a number or a list is said."""

RIGHT, ZERO, UNKNOWN, WRONG = "right", "zero", "not known", "wrong"

UNREAD = "unread"
"""What is not steady about a loss that reads nothing of what it is given."""

FADED = "faded"
"""What is not steady about a loss next to 0, where numbers of its type have few digits."""

TELLING = 0.01
"""A check that lets more than this pass, relative to the largest entry, has not seen enough."""

ENOUGH_STEPS = 3
"""Fewer time steps can hide mistakes in what is carried from step to step."""

MOST_NAMES = 6
"""A longer list of names is cut short."""


def listed(names, most=MOST_NAMES):
    """Return names as in a sentence."""
    names = list(names)
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def are(names):
    """Return "is" or "are"."""
    return "is" if len(list(names)) == 1 else "are"


def share(part):
    """Return a relative error in per cent, or as a power of ten where it is small."""
    if part >= 0.0095:
        return f"{part:.0%}"
    return f"{part:.1%}" if part >= 0.0009 else f"{part:.0e}"
