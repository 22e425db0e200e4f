"""The verdict on the weights in one line, and their table."""

import numpy as np

from lstm_src.checks.gradients.words import listed, share
from lstm_src.checks.weights.naming import ARRAY, NAMED, NONE
from lstm_src.checks.weights.rows import LONG
from lstm_src.checks.weights.solve import FEW

MOST, ALIKE = 4, 2
"""How many names a line holds: of what is not told apart, and of what is the same."""


def is_one(factor, precision):
    """Tell whether a factor is 1, as far as it is known."""
    return factor is not None and abs(factor - 1) <= max(precision, 1e-6)


def figure(value):
    """Return four digits of a number; a tie, as 17/32, does not hang on its last bit."""
    return f"{float(f'{value:.12g}'):.4g}"


def shown_factor(factor, precision):
    """Return the digits of a factor; "" if it is 1, as far as it is known."""
    shown = figure(factor)
    return "" if shown == "1" or is_one(factor, precision) else shown


def weigh(count):
    """Return "weighs" or "weigh"."""
    return "weighs" if count == 1 else "weigh"


def verdict(naming, meant, fit, terms, clip=None):
    """Return the verdict.

    Parameters
    ----------
    naming : Naming
    meant : Mean or None
    fit : Fit
        Of all arrays.
    terms : int
        K.
    clip : str, optional
        The name of the bound that the gradient's norm just has.
    """
    if not fit.residual and not fit.sums.any():
        return "Not known: the gradient is zero everywhere."
    left = f"{share(fit.residual)} of the gradient's length is no weighting of the terms"
    rest = f"; besides, {left}" if fit.unexplained else ""
    if naming.status == NAMED:
        return _named(naming, meant, terms, rest, clip)
    against = "" if meant is None else f"Not as meant, the {meant.name}: "
    if naming.status == NONE and naming.nearest is not None:
        few = int(naming.exceptions.sum())
        name = f"the {naming.nearest.name}{_times(naming.times, naming.precision)}"
        if meant is not None and naming.nearest.name == meant.name:
            against = "Not as meant: "
        gone = f", which {weigh(few)} nothing" if naming.gone else ""
        seen = _seen(naming, terms)
        return _upper(f"{against}{name}{seen}, but for {few} of {terms} terms{gone}{rest}.")
    if naming.status == NONE:
        within = f"; the {naming.within}" if naming.within else ""
        return _upper(f"{against}none of the means that the groups can name{within}{rest}.")
    return _unknown(naming, fit, terms, left, rest)


def _unknown(naming, fit, terms, left, rest):
    if len(naming.rivals) > 1 and naming.told is not None:
        names = [group[0].name for group in naming.rivals]
        return f"Not known: these data do not tell the {listed(names, MOST)} apart{rest}."
    if fit.unexplained:
        return f"Not known: {left}."
    if terms == 1:
        return "Not known: there is one term, and one term is a mean of any kind."
    if naming.told is not None and fit.spare < FEW:
        return "Not known: no mean that the groups can name, but too few parameters to be sure."
    if naming.told is not None:
        return "Not known: noise hides the common factor."
    return f"Not known: these data tell the weights of too few of the {terms} terms."


def _named(naming, meant, terms, rest, clip):
    left = bool(rest)
    seen = _seen(naming, terms)
    name = f"the {naming.mean.name}"
    if naming.alike:
        rest = f"; here also the {listed(naming.alike, ALIKE)}{rest}"
    if naming.free == ARRAY:
        rest = rest.partition("; besides")[0]
        seen += ", with a factor of its own in each array"
    elif naming.free and meant is not None and not naming.whole:
        seen += ", with a factor of its own for each"
    if naming.free:
        start = (
            "The weights of "
            if meant is None
            else _against(None if naming.mean is meant else meant)
        )
        return _upper(f"{start}{name}{seen}{rest}.")
    if clip and not is_one(naming.factor, naming.precision):
        hidden = f"{name} up to a factor, which the clip to {clip} hides{seen}{rest}."
        if meant is None:
            return f"The weights of {hidden}"
        return _upper(hidden if naming.mean is meant else f"{_against(meant)}{hidden}")
    name += _times(naming.factor, naming.precision)
    if naming.sharp > 1e-3:
        seen += f", each to within {share(naming.sharp)}"
    if meant is None:
        return f"The weights of {name}{seen}{rest}."
    if naming.mean is meant and is_one(naming.factor, naming.precision):
        return f"{'Not as meant' if left else 'Weighed as meant'}: {name}{seen}{rest}."
    return _upper(f"{_against(None if naming.mean is meant else meant)}{name}{seen}{rest}.")


def _seen(naming, terms):
    """Return by how many terms a mean is told, if not by all."""
    told = int(naming.told.sum())
    return "" if told == terms else f" (told by {told} of {terms} terms)"


def _against(meant):
    """Return the start of a line on another mean, or on the one that was meant, if None."""
    return "Not as meant: " if meant is None else f"Not as meant, the {meant.name}: "


def _times(factor, precision):
    shown = shown_factor(factor, precision)
    return f" times {shown}" if shown else ""


def _upper(text):
    return text[0].upper() + text[1:]


def table(rows, meant):
    """Return the heads and the rows of the table.

    Parameters
    ----------
    rows : list of Row
    meant : str or None
        The name of what was meant.
    """
    total = float(np.nansum([abs(row.weight) * row.count for row in rows]))
    headers = ("terms", "how many", "weight of one", "share of all")
    if meant is not None:
        headers += ("meant", "found / meant")
    shown = [_cells(row, meant, total) for row in rows[:LONG]]
    if len(rows) > LONG:
        rest = sum(row.count for row in rows[LONG:])
        shown.append((f"and {rest:,} more", *[""] * (len(headers) - 1)))
    return headers, tuple(shown)


def _cells(row, meant, total):
    known = np.isfinite(row.weight)
    close = known and row.most - row.least <= 1e-3 * max(abs(row.most), abs(row.least))
    spread = figure(row.weight) if close else f"{figure(row.least)} to {figure(row.most)}"
    part = f"{abs(row.weight) * row.count / total:.1%}" if known and total else "-"
    cells = (row.label, f"{row.count:,}", spread if known else "not known", part)
    if meant is None:
        return cells
    return (*cells, figure(row.meant), figure(row.ratio) if np.isfinite(row.ratio) else "-")
