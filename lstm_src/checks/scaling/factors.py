"""Several factors at once: which term holds which, and whether the terms are added up.

If every term holds one of the factors, once, an array is s_1 G_1 + s_2 G_2 + …: a straight line
along each factor with the others held, and its slopes add up to the array itself. A term that holds
two of them, or the larger of two parts in the place of their sum, breaks one or the other.
"""

import inspect
from functools import partial
from itertools import combinations, takewhile

import numpy as np

from lstm_src.checks.scaling.calls import call
from lstm_src.checks.scaling.held import held_by
from lstm_src.checks.scaling.verdicts import MORE, NOT_KNOWN, ONCE, OTHER, UNSTABLE
from lstm_src.validation import check_callable, check_size

ALONG = (4.0, 0.0, -1.0)
"""Where a line along one factor is sampled, in multiples of the first scale."""

ROUNDED = (0.6875, 0.8125, 1.1875, 1.4375, 1.6875)
"""Multiples of all factors together at which every rounding inside the code is another."""


def factor_names(gradients, factors):
    """Return the names of the factors that ``gradients`` takes.

    Raises
    ------
    TypeError, ValueError
        If it cannot be called, or ``factors`` is no number of at least 1 and no names.
    """
    check_callable("gradients", gradients)
    if factors is None:
        return _required(gradients) or ("scale",)
    if isinstance(factors, list | tuple) and factors and all(isinstance(f, str) for f in factors):
        if len(set(factors)) < len(factors):
            raise ValueError(f"factors: expected different names, got {', '.join(factors)}")
        return tuple(factors)
    count = check_size("factors", factors)
    return ("scale", *(f"scale_{k}" for k in range(2, count + 1)))


def holders(gradients, names, probes, findings):
    """Return the findings with what each factor holds, and the scales and refusals of the calls.

    Parameters
    ----------
    gradients : callable
        Of as many scales as there are ``names``.
    probes : Probes
        With one value for all factors.
    findings : dict of str to Finding
        What those told.
    """
    calls = {}

    def ask(*multiples):
        scale = tuple(multiple * probes.base for multiple in multiples)
        if scale not in calls:
            calls[scale] = call(gradients, scale, probes.at[1])
        return calls[scale]

    count = len(names)
    lines = []
    for k in range(count):
        points = {m: ask(*(m if j == k else 1.0 for j in range(count))) for m in ALONG}
        lines.append({m: c.arrays for m, c in points.items() if c.finite})
    pairs = {}
    if any(finding.verdict in (MORE, OTHER) for finding in findings.values()):
        for j, k in combinations(range(count), 2):
            pairs[j, k] = ask(*(4.0 if i in (j, k) else 1.0 for i in range(count)))

    def rounding(name):
        """Return how far the array, all factors times no power of two, is off a straight line."""
        array = probes.at[1][name].astype(np.result_type(np.float64, probes.at[1][name]))
        slope = (probes.at[4][name] - array) / 3
        came = {m: ask(*[m] * count) for m in ROUNDED}
        off = [c.arrays[name] - array - (m - 1) * slope for m, c in came.items() if c.finite]
        for k in range(count) if findings[name].verdict in (ONCE, NOT_KNOWN) else ():
            ratio = [4.0 if j == k else 1.0 for j in range(count)]
            for m in ROUNDED[:2]:
                c = ask(*(m * one for one in ratio))
                off += [c.arrays[name] - m * lines[k][4.0][name]] if c.finite else []
        return max((float(abs(one).max()) for one in off), default=0.0)

    found = {}
    for name, finding in findings.items():
        array, size = probes.at[1][name], probes.difference(name)
        along = [{m: arrays[name] for m, arrays in line.items()} for line in lines]
        crossed = {pair: c.arrays[name] for pair, c in pairs.items() if c.finite}
        inside = partial(rounding, name)
        if array.any() and finding.verdict != UNSTABLE:
            finding = held_by(finding, names, array, along, crossed, size, inside)
        found[name] = finding
    refused = {
        f"({', '.join(f'{s:g}' for s in scale)})": f"{type(c.error).__name__}: {c.error}"
        for scale, c in calls.items()
        if c.error is not None and not isinstance(c.error, ZeroDivisionError)
    }
    return found, tuple(calls), refused


def unnamed(gradients):
    """Return how to name the factors where all parameters have defaults; "" where it is plain."""
    parameters = _positional(gradients)
    if len(parameters) < 2 or _required(gradients):
        return ""
    names = [p.name for p in parameters]
    return (
        f"{' and '.join(names)} have defaults, so gradients was given one factor. If more of them "
        f"are factors, name these, as in factors={names[:2]}"
    )


def kept(gradients, count):
    """Return the names of the parameters that were given, and of those that kept a default.

    The latter are those right behind the ``count`` that were given whose default is a fraction:
    each may be a factor that was meant to be replaced.
    """
    parameters = _positional(gradients)
    given, rest = parameters[:count], parameters[count:]
    fractions = takewhile(lambda p: isinstance(p.default, float | np.floating), rest)
    return tuple(p.name for p in given), tuple(p.name for p in fractions)


def _required(gradients):
    return tuple(p.name for p in _positional(gradients) if p.default is p.empty)


def _positional(gradients):
    try:
        parameters = inspect.signature(gradients).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p for p in parameters if p.kind in kinds]
