"""What the data do not tell of the weights, and which experiment tells more."""

import numpy as np

from lstm_src.checks.gradients.words import listed
from lstm_src.checks.weights.naming import NAMED, UNKNOWN
from lstm_src.checks.weights.solve import ALLOWED

WIDE = ("float64", "longdouble")
"""Precisions than which no wider one is advised."""

MOST = 6
"""Terms or names that are listed in a sentence."""


PARALLEL = (
    " Terms with the same input and target are like this, and other data tell them apart; so is "
    "one array that was passed again and again, as a .grad that was not copied."
)
"""What makes gradients parallel, said where a name hangs on it."""


def apart(seen):
    """Say between which means the data do not decide."""
    naming = seen.naming
    if naming.status != UNKNOWN or not naming.rivals:
        return
    names = [group[0].name for group in naming.rivals]
    if seen.fit.unexplained or len(seen.read.labels) == 1:
        return
    if naming.told is None and 2 * seen.fit.single().sum() < len(seen.read.labels):
        yield (
            f"The gradient is as it would be for the {_or(names)}, but other weights could make "
            "the same one."
        )
    elif naming.told is None:
        yield (
            f"The weights may be those of the {_or(names)}, or others: what some terms bring to "
            f"the gradient is hidden by {_hidden_by(seen)}{_tell_more(seen)}."
        )
    else:
        yield (
            f"The weights may be those of the {_or(names)}, which differ by less than "
            f"{_hidden_by(seen)}. Take groups that differ more in length{_in_float64(seen)}."
        )


def _or(names):
    return " or the ".join(names[:MOST]) + f" or {len(names) - MOST} more" * (len(names) > MOST)


def _hidden_by(seen):
    return "rounding" if seen.read.first.residual <= ALLOWED["float32"] else "the noise"


def _tell_more(seen):
    if seen.read.whole.probe:
        return _in_float64(seen)
    return (
        f", at a condition of {seen.fit.condition:.0e}. Take data or parameters at which the "
        f"gradients of all terms are about as large, or more parameters{_in_float64(seen)}"
    )


def _in_float64(seen):
    return "" if seen.read.whole.kind in WIDE else ", or compute the gradients in float64"


def untold(seen):
    """Say of which terms no weight is told."""
    fit, count = seen.fit, len(seen.read.labels)
    silent, padding = fit.members < 0, seen.read.labels.padding
    zero = np.flatnonzero(silent & ~padding)
    if len(zero):
        hint = "" if padding.any() else " If it is padding, say so in groups['padding']."
        yield (
            f"Of {_terms(zero)} the gradient is zero, and no weight can be seen. Choose data or "
            f"parameters that give it one.{hint}"
        )
    if (silent & padding).any():
        all_of = "all" if silent[padding].all() else f"{(silent & padding).sum():,} terms of"
        yield f"The gradient of {all_of} padding is zero: it adds nothing, whatever its weight."
    sizes = np.bincount(fit.members[fit.members >= 0], minlength=len(fit.sums))
    together = [np.flatnonzero(fit.members == c) for c in np.flatnonzero(sizes > 1)]
    if together:
        named = "; ".join(_terms(terms) for terms in together[:3])
        more = f"; and {len(together) - 3} more such groups" if len(together) > 3 else ""
        yield (
            f"The gradients of {named}{more} are parallel: only what they weigh together is told."
            + PARALLEL * (seen.naming.status != NAMED)
        )
    parameters = seen.read.whole.parameters
    if count > parameters and fit.rank >= parameters:
        yield (
            f"There are more terms, {count:,}, than parameters, {parameters:,}: the weights "
            "of single terms cannot be read. Take more parameters; or add the terms of a group "
            "up, pass these sums as terms, and say in groups['tokens'] how many tokens each "
            "holds."
        )
    elif fit.projector is not None:
        yield (
            f"The gradients of the terms span {fit.rank:,} directions only, so some are sums "
            "of others, and their weights are not told."
        )
    weights, margins = fit.weights()
    top = np.nanmax(abs(weights)) if np.isfinite(weights).any() else 0.0
    vague = fit.single() & ~(margins <= 0.1 * np.fmax(abs(weights), top))
    if seen.naming.told is not None:
        vague |= fit.single() & ~seen.naming.told
    if vague.any() and fit.sums.any():
        yield (
            f"The weights of {_terms(np.flatnonzero(vague))} are not known to a tenth: "
            + (
                "what is left over hides them."
                if fit.unexplained
                else f"{_hidden_by(seen)} hides them{_tell_more(seen)}."
            )
        )


def _terms(places):
    if len(places) == 1:
        return f"term {places[0]}"
    return f"terms {listed([str(k) for k in places], MOST)}"
