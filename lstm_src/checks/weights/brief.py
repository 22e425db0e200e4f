"""What the weights are in a few words, for the cell of a table: the verdict is a whole sentence."""

from lstm_src.checks.gradients.words import listed, share
from lstm_src.checks.weights.naming import ARRAY, NAMED, NONE
from lstm_src.checks.weights.verdicts import is_one, shown_factor

MOST = 2
"""How many names of means that are not told apart are listed."""


def brief(naming, fit, terms, clip=None):
    """Return what the weights are, whatever was meant; the arguments are those of `verdict`.

    Parameters
    ----------
    naming : Naming
    fit : Fit
        Of all arrays.
    terms : int
        K.
    clip : str, optional
        The name of the bound that the gradient's norm just has.

    Returns
    -------
    str
        Such as "token mean", "token mean × 0.25" or "27% left over", the share of the
        gradient's length that no weighting of the terms explains; without a capital and a full
        stop.
    """
    if not fit.residual and not fit.sums.any():
        return "not known: zero everywhere"
    left = f"{share(fit.residual)} left over" if fit.unexplained else ""
    words = _known(naming, terms, clip)
    if words is None:
        return _unknown(naming, left)
    return f"{words}; {left}" if left and naming.free != ARRAY else words


def _known(naming, terms, clip):
    """Return the name of the mean and what is known of its factor; None if nothing is known."""
    if naming.status == NAMED:
        name = naming.mean.name
        if naming.free == ARRAY:
            return f"{name}, a factor on each array"
        if naming.free:
            return name
        if clip and not is_one(naming.factor, naming.precision):
            return f"{name} up to a factor, clipped to {clip}"
        return name + _times(naming.factor, naming.precision)
    if naming.status != NONE:
        return None
    if naming.nearest is None:
        return naming.within or "no mean that has a name"
    few = int(naming.exceptions.sum())
    name = naming.nearest.name + _times(naming.times, naming.precision)
    return f"{name}, but for {few} of {terms} terms"


def _unknown(naming, left):
    if naming.told is not None and len(naming.rivals) > 1:
        names = [group[0].name for group in naming.rivals]
        return f"not known: the {listed(names, MOST)} look alike{left and f'; {left}'}"
    return left or "not known"


def _times(factor, precision):
    shown = shown_factor(factor, precision)
    return f" × {shown}" if shown else ""
