"""What a comparison of gradients in several settings says: what differs, and by which factor."""

from dataclasses import dataclass

import numpy as np

from lstm_src.checks.invariance.arrays import DIFFERS, NOT_KNOWN
from lstm_src.checks.reports import Report, Shown

SMALL = 1e-5
"""Differences that an ε or a narrow type makes, and hardly a term."""


@dataclass(frozen=True, repr=False)
class InvarianceReport(Shown):
    """What `compare_gradients` found.

    ``comparisons`` holds, by setting, a `Comparison` with ``reference`` for each array by name.
    """

    reference: str
    comparisons: dict

    @property
    def same(self):
        """Whether all arrays are the same in all settings, as far as they are known."""
        return all(map(_all_same, self.comparisons.values()))

    @property
    def report(self):
        """The `lstm_src.checks.reports.Report` that is shown."""
        names = [f"{self.reference} (compared with)", *self.comparisons]
        if self.same:
            most = max(c.difference for c in self._all() if c.same)
            within = f", to within {most:.0e}" if most > 1e-7 else ""
            unknown = len({n for n, c in self._named() if not c.same})
            some = f"; {unknown} not known" if unknown else ""
            line = f"The same gradients in {len(names)} settings{within}: {', '.join(names)}{some}."
        else:
            wrong = [k for k, found in self.comparisons.items() if not _all_same(found)]
            line = f"Other gradients than at {self.reference}: at {', '.join(wrong)}."
        rows = tuple(
            (setting, name, c.verdict, f"{c.difference:.1e}", _times(c))
            for setting, found in self.comparisons.items()
            for name, c in found.items()
        )
        headers = ("setting", "gradient", "verdict", "difference", "factor")
        return Report(line, headers, rows, tuple(self._advice()))

    def _advice(self):
        for setting, found in self.comparisons.items():
            differ = {name: c.factor for name, c in found.items() if c.verdict == DIFFERS}
            factors = set(differ.values())
            if not differ:
                continue
            some = f"{len(differ)} of {len(found)} gradients"
            if not factors.isdisjoint({0.0, np.inf}):
                zero = [name for name, factor in differ.items() if factor in {0.0, np.inf}]
                yield (
                    f"{setting}: {', '.join(zero)}: zero there or at {self.reference}, and not at "
                    "both. Nothing is written, a detach cuts them off, or small numbers vanish, as "
                    "in float16."
                )
            elif None in factors:
                most = max(c.difference for c in found.values())
                if most < SMALL:
                    yield (
                        f"{setting}: {some} differ, by {most:.0e} at most. An ε does that, as the "
                        "1e-6 that PyTorch adds to the norm of a clip, a narrower type inside, or "
                        "a term of hardly any weight. Pass tolerance= if it is meant."
                    )
                    continue
                yield (
                    f"{setting}: {some} differ by no single factor. Terms weigh differently, or "
                    "some are left out: a mean of means, padding that counts, a state that is "
                    "carried, a clip or a number format that runs out of range."
                )
            elif max(factors) - min(factors) <= _apart(factors):
                whole = "" if len(differ) == len(found) else ", the others are the same"
                text = f"{setting}: {some} are {_number(max(factors))} times those at "
                text += f"{self.reference}{whole}. "
                yield text + (
                    "The sign is turned: an update is subtracted already, or a loss is its "
                    "negative."
                    if max(factors) < 0
                    else "One factor on all terms can be a count that changes with the setting "
                    "(terms are added up where the others are averaged, divided twice or not at "
                    "all), a loss scale that was left on, or on at a clip, or gradients that "
                    "pile up from call to call."
                )
            else:
                yield (
                    f"{setting}: {some} differ by a factor each, not by one: look at where "
                    "each of these gradients is divided."
                )

        unknown = dict.fromkeys(n for n, c in self._named() if c.verdict == NOT_KNOWN)
        if unknown:
            yield (
                f"Not known: {', '.join(unknown)}. Beside the whole gradient they are as small as "
                "rounding, and may be zero. assert_same_gradients passes them if they are named "
                "in zero=."
            )

    def _named(self):
        return [pair for found in self.comparisons.values() for pair in found.items()]

    def _all(self):
        return [c for _, c in self._named()]


def _all_same(found):
    return all(c.verdict != DIFFERS for c in found.values())


def _apart(factors):
    """Return how far factors may be apart to be one: less than they are from 1."""
    return min(1e-3 * max(map(abs, factors)), min(abs(factor - 1) for factor in factors) / 2)


def _times(comparison):
    if comparison.verdict != DIFFERS:
        return ""
    if comparison.factor in {0.0, np.inf}:
        return "zero here" if not comparison.factor else "zero there"
    return "no single one" if comparison.factor is None else _number(comparison.factor)


def _number(factor):
    """Return a factor as a whole number, or 1 over one, where it is one, else as a decimal."""
    whole, parts = round(factor), round(1 / factor) if factor else 0
    near = abs(abs(factor) - 1) < 0.01
    if whole and not near and abs(factor - whole) <= 1e-6 * abs(whole):
        return str(whole)
    if parts and not near and abs(factor * parts - 1) <= 1e-6:
        return f"{'-' * (parts < 0)}1/{abs(parts)}"
    return f"{factor:.{9 if near else 4}g}"
