"""The scales at which a reader's code is called, and which of them it takes."""

import textwrap
from dataclasses import dataclass

import numpy as np

from lstm_src.checks.scaling.calls import call, same_memory
from lstm_src.checks.scaling.powers import Samples

BASES = (1.0, 2.0**-2, 2.0**-8, 2.0**-16, 2.0**-24)
"""Scales to start from; the first that is finite, four times it too."""

LOWS = (2.0**-24, 2.0**-12, 2.0**-6, 2.0**-2)
"""How far below the first scale to look: the first that the code takes, and is finite."""

HIGHS = (2.0**24, 2.0**12, 2.0**6, 4.0)
"""How far above it to look: the same."""


@dataclass(frozen=True, eq=False)
class Probes:
    """What the code returned: ``at[multiple]`` holds the arrays at ``multiple * base`` by name.

    ``again`` holds the other calls at ``base``, in their order, and ``piled`` by what the first of
    them would be larger if every call added to the one before; ``scales`` all scales in their
    order; ``refused`` what the code said where it took no such scale; ``one_memory`` the names of
    the arrays that lay at the same place at every call.
    """

    at: dict
    base: float
    low: float
    high: float
    again: tuple
    piled: float
    scales: tuple
    refused: dict
    one_memory: set

    def difference(self, name):
        """Return the largest difference of two calls at ``base``; infinity if one is not finite."""
        first, others = self.at[1][name], [arrays[name] for arrays in self.again]
        if not all(np.isfinite(other).all() for other in others):
            return np.inf
        return max(float(abs(other - first).max(initial=0)) for other in others)

    def noise(self, name):
        """Return that difference relative to the array's largest entry."""
        return self.difference(name) / (float(abs(self.at[1][name]).max(initial=0)) or 1)

    def samples(self, name):
        """Return the `Samples` of one array: only those that are finite."""
        found = {multiple: arrays[name] for multiple, arrays in self.at.items()}
        finite = {m: array for m, array in found.items() if np.isfinite(array).all()}
        return Samples(finite, self.base, self.low, self.high, self.difference(name))


class Prober:
    """Calls code at scales, and remembers every call."""

    def __init__(self, gradients):
        self.gradients, self.calls, self.refused = gradients, [], {}

    def ask(self, scale):
        """Call the code; return the `Call`."""
        first = next((c.arrays for c in self.calls if c.arrays is not None), None)
        came = call(self.gradients, scale, first)
        self.calls.append(came)
        if came.error is not None and not _divides_by(scale, came.error):
            text = f"{type(came.error).__name__}: {came.error}".removesuffix(": ")
            self.refused[f"{scale:g}"] = textwrap.shorten(text, 120, placeholder=" …")
        return came

    def must(self, scale):
        """Call the code; raise its error, or that its numbers are not finite."""
        came = self.ask(scale)
        if came.error is not None:
            raise came.error
        return came

    def first_of(self, multiples, base):
        """Return the first multiple that the code takes and is finite, and its arrays."""
        for multiple in multiples:
            came = self.ask(multiple * base)
            if came.finite:
                return multiple, came.arrays
        return multiples[0], None

    def start(self):
        """Return the first of `BASES` that is finite, fourfold and once more too, with its calls.

        The call at four times the scale stands between the two: what it leaves behind shows.
        """
        last = None
        for base in BASES:
            first = self.must(base) if last is None else self.ask(base)
            if not first.finite:
                last = first
                continue
            once = self.total
            fourfold, again = self.ask(4 * base), self.ask(base)
            if again.error is not None:
                raise again.error
            if fourfold.finite and again.finite:
                return base, first, fourfold, again, self.total / once
            last = fourfold if fourfold.error is not None else last
        if last is not None and last.error is not None:
            raise last.error
        raise ValueError(f"gradients: {_not_finite(self.calls[0].arrays)}")

    @property
    def total(self):
        """The sum of all scales asked so far."""
        return sum(call.scale for call in self.calls)


def probe(gradients, needs_more):
    """Call code at the scales that an audit needs.

    Parameters
    ----------
    gradients : callable
        Of one scale.
    needs_more : callable
        Whether the `Probes` so far call for more of them.

    Returns
    -------
    Probes

    Raises
    ------
    TypeError, ValueError
        As `lstm_src.checks.scaling.audit_scaling`.
    """
    prober = Prober(gradients)
    base, first, fourfold, again, piled = prober.start()
    at, repeats = {1: first.arrays, 4: fourfold.arrays}, [again.arrays]
    for multiple in (0.0, -1.0):
        came = prober.ask(multiple * base)
        if came.arrays is not None:
            at[multiple] = came.arrays
        if multiple and came.arrays is not None and not came.finite:
            prober.refused[f"{-base:g}"] = "NaN or infinity"
    low, found = prober.first_of(LOWS, base)
    at |= {low: found} if found else {}
    high, found = prober.first_of(HIGHS[:-1], base)
    high = high if found else HIGHS[-1]
    at |= {high: found} if found else {}

    if any(came.arrays is not None and not came.finite for came in prober.calls):
        repeats.append(prober.must(base).arrays)  # a code that keeps it returns NaN from now on

    def probes():
        memory = same_memory(prober.calls)
        scales = tuple(call.scale for call in prober.calls)
        again = tuple(repeats)
        return Probes(at, base, low, high, again, piled, scales, dict(prober.refused), memory)

    if needs_more(probes()):
        for multiple in (4 * low, high / 4):
            came = None if multiple in at else prober.ask(multiple * base)
            if came and came.finite:
                at[multiple] = came.arrays
        repeats.append(prober.must(base).arrays)
    return probes()


def _divides_by(scale, error):
    return scale == 0 and isinstance(error, ZeroDivisionError)  # code that divides by N = 1/scale


def _not_finite(first):
    name = next((n for n, a in first.items() if not np.isfinite(a).all()), None)
    came = "infinity" if name is None else f"{name} with NaN or infinity"
    return f"expected finite numbers, got {came} at a scale of 1, and no better down to {BASES[-1]}"
