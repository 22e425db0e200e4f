"""A clip that fires, told by its bound: by value, by the norm of one array, or of all together.

Below the bound a clip leaves a multiple of the scale, above it one bound, and nothing in between.
What follows that at every scale that was sampled is called a clip; nothing else is.
"""

from dataclasses import replace

import numpy as np

from lstm_src.checks.scaling.verdicts import OTHER

CLOSE = 1e-5
"""How near samples must be to what a clip makes of them: torch adds 1e-6 to the norm."""

MOST_CALLS = 8
"""Calls just below a bound; what would take more is not named."""

WHOLE = 1e-6
"""How near to a whole number the scale is at which max(N, n) levels off, in the place of a clip."""


def with_bounds(findings, probes, ask):
    """Return findings to whose details the bound of a clip is added, and the scales asked for that.

    Parameters
    ----------
    findings : dict of str to Finding
    probes : Probes
    ask : callable
        Of a scale, returns a `lstm_src.checks.scaling.calls.Call`: once more just below a bound,
        where what bends before it, as a tanh, shows.
    """
    names = [n for n, f in findings.items() if f.verdict == OTHER and f.detail.startswith("levels")]
    calls, told = {}, {}

    def straight(names, bound, size):
        """Tell whether just below the bound there is a multiple of the scale."""
        multiple = 2.0 ** np.floor(np.log2(bound / size))
        if multiple not in calls and len(calls) < MOST_CALLS:
            calls[multiple] = ask(multiple * probes.base)
        if multiple not in calls or not calls[multiple].finite:
            return False
        slope, _ = _samples(probes, names)
        found = np.concatenate([calls[multiple].arrays[n].ravel() for n in names]).astype(float)
        return abs(found - multiple * slope).max() <= CLOSE * abs(multiple * slope).max()

    def named(names, told_of, where):
        found = told_of(probes, names)
        if found is not None and straight(names, *found):
            told.update(dict.fromkeys(names, where.format(found[0])))
        return names[0] in told

    together = f"a clip by the norm of {len(names)} arrays together, at {{:.6g}}"
    if len(names) < 2 or not named(names, _norm_of, together):
        for name in names:
            if not named([name], _value_of, "a clip by value, at ±{:.6g}"):
                named([name], _norm_of, "a clip by its norm, at {:.6g}")
    found = findings | {n: _with(findings[n], text) for n, text in told.items()}
    return found, tuple(multiple * probes.base for multiple in calls)


def _with(finding, text):
    before = finding.detail.removesuffix(" or a clip")  # a guard on N levels off alike
    before = before.replace("at large scales, already", "already")
    return replace(
        finding, detail=f"{before} or {text}" if before.endswith(",") else f"{before}: {text}"
    )


def _value_of(probes, names):
    slope, samples = _samples(probes, names)
    if slope is None:
        return None
    bound = abs(samples[max(samples)]).max()
    clipped = np.count_nonzero(abs(samples[max(samples)]) >= bound * (1 - CLOSE))
    if clipped < 2 or clipped < slope.size / 2:
        return None  # one entry at a bound is what a clip by the norm makes as well
    fits = _fits(samples, lambda m: np.clip(m * slope, -bound, bound))
    return (bound, abs(slope).max()) if fits else None


def _norm_of(probes, names):
    slope, samples = _samples(probes, names)
    if slope is None:
        return None
    size, bound = np.linalg.norm(slope), np.linalg.norm(samples[max(samples)])
    count = size * probes.base / bound  # above the scale 1 / count it is the bound
    if abs(count - np.round(count)) <= WHOLE * count or slope.size == 1:
        return None
    fits = _fits(samples, lambda m: m * slope * min(1, bound / (abs(m) * size or 1)))
    return (bound, size) if fits else None


def _samples(probes, names):
    """Return the slope at small scales, and all samples as one array each; None if that is zero."""
    first = [probes.samples(name) for name in names]
    shared = set.intersection(*(set(s.at) for s in first))
    if not {probes.low, 4 * probes.low, probes.high, probes.high / 4, 4} <= shared:
        return None, {}
    joined = {m: np.concatenate([s.at[m].ravel() for s in first]).astype(float) for m in shared}
    slope = joined[probes.low] / probes.low
    return (slope, joined) if slope.any() else (None, {})


def _fits(samples, model):
    """Tell whether all samples are what a model makes of their scales."""
    wanted = {m: model(m) for m in samples}
    return all(
        (abs(sample - wanted[m]) <= CLOSE * abs(wanted[m]).max()).all()
        for m, sample in samples.items()
    )
