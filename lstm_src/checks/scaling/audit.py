"""Is the factor 1/N applied exactly once to every term of a gradient? For code of any kind.

The checks call the code at a few scales and look at how its gradients follow. They know nothing of
what computes them, in NumPy, PyTorch, JAX or anything else.
"""

from dataclasses import replace

import numpy as np

from lstm_src.checks.scaling.calls import call
from lstm_src.checks.scaling.clips import with_bounds
from lstm_src.checks.scaling.factors import factor_names, holders, kept, unnamed
from lstm_src.checks.scaling.many import MOST, plain_findings, together
from lstm_src.checks.scaling.powers import judge, needs_more
from lstm_src.checks.scaling.probes import probe
from lstm_src.checks.scaling.report import ScalingReport
from lstm_src.checks.scaling.verdicts import NEVER, UNSTABLE, ZERO, Finding
from lstm_src.validation import check_names

UNREPEATABLE = 0.01
"""Relative difference of two calls at one scale beyond which nothing can be compared."""


def audit_scaling(gradients, *, factors=None):
    """See whether a common factor is applied exactly once to every term of every gradient.

    Parameters
    ----------
    gradients : callable
        ``gradients(scale)`` computes the gradients with the factor ``scale``, a float, in the place
        of *every* 1/N: on the loss, at the end, or wherever the code has it. Each call does the
        same work on the same data and parameters. It returns a mapping, a sequence or an array,
        nested as you like, of NumPy, PyTorch or JAX; see `lstm_src.checks.trees.named_arrays`.

        Where the code divides by several counts, give each a factor of its own:
        ``gradients(scale, scale_2)``, with `scale` for 1/N and `scale_2` for the 1/M of an
        auxiliary loss. Counts that divide one mean together, T and B, are one factor.
    factors : int or sequence of str, optional
        How many factors, or their names. By default the parameters of ``gradients`` that have no
        default; a callable that does not say takes one. Where all of several have a default, name
        them: ``factors=["scale", "scale_2"]``.

    Returns
    -------
    ScalingReport
        With a verdict on each gradient: once (right), never, partly (terms were left out; with
        their share), more than once (in which powers), not a polynomial (clipped, normalised, out
        of range), not known (small scales are lost, or roundings hide whether the terms of several
        factors are added), no information (zero), or not repeatable. With
        several factors also which share of its terms holds which. It prints as a table with advice,
        and shows as HTML in a notebook.

    Raises
    ------
    TypeError, ValueError
        If ``gradients`` cannot be called; if what comes back is no tree of real floating-point
        arrays, is masked, holds ``None``, has other names or shapes than at the first call, or is
        finite at no scale. An exception at the first scale passes, with a note on the scale at
        which it came, and one on ``factors`` where parameters that all have defaults were given
        one; at another scale the code is judged by the scales that it takes, and the report quotes
        it.

    Notes
    -----
    For code that scales every term once, g(4s) = 4 g(s) in every bit, since a power of two changes
    exponents alone, and the root of 4 is one. So no tolerance has to be guessed, and an unscaled
    term shows at the scale 0 however small it is. Differences of a few roundings of the largest
    entry are let pass and named: they arise where numbers fall out of the range of their type.

    Right code is called seven times: at 1, 4, 1 again, 0, -1, 2^-24 and 2^24; other code up to
    three times more, at 2^-22, 2^22 and 1, and just below the bounds of clips. Several factors add
    three calls for each, and more for other code or for coarse roundings. Where numbers overflow,
    or the code raises, nearer scales are tried. An update of the parameters inside the callable
    would be made at all of them. All samples are kept, with temporary arrays: count on twenty times
    the memory of the gradients.

    What it cannot see. A count that was not replaced. A gradient that is linear and wrong, such as
    one with a forgotten path, or a mean over the wrong count: use
    `lstm_src.checks.check_gradients`. With one factor: terms that are not added up, where code
    keeps the largest of two, say; that is a multiple of the scale, and shows when the terms have
    two factors. Clipping that happens before the factor is applied; for the factor it is a
    constant. A threshold more than 2^24 times beyond the present gradients. Terms of a higher power
    that are smaller than a rounding. A factor that is rounded to something else at other scales
    than powers of two.

    Gradients that are got back from an update, ``(before - after) / lr``, hold the rounding of the
    parameters. Multiply the scale by 2^60, ``audit_scaling(lambda s: step(s * 2.0**60))``, and the
    update dwarfs the parameters, whatever the learning rate. Code that computes in float16 loses
    small scales: audit it in float32 or bfloat16; with several factors in float32 or float64
    throughout, since roundings of bfloat16 hide whether terms are added.
    """
    names = factor_names(gradients, factors)

    def along(scale):
        return gradients(*[scale] * len(names))

    try:
        probes = probe(along, lambda so_far: _needs_more(so_far))
    except Exception as error:
        if factors is None and (others := unnamed(gradients)):
            error.add_note(others)
        raise
    findings, noise = _findings(probes)
    findings, below = with_bounds(findings, probes, lambda s: call(along, s, probes.at[1]))
    refused = probes.refused
    scales = probes.scales + below
    if len(names) > 1 and {f.verdict for f in findings.values()} != {UNSTABLE}:
        findings, more_scales, more_refused = holders(gradients, names, probes, findings)
        scales, refused = scales + more_scales, refused | more_refused
    left = kept(gradients, len(names)) if factors is None else ((), ())
    return ScalingReport(findings, scales, noise, names, refused, left)


def assert_scaled_once(gradients, *, factors=None, zero=()):
    """Raise unless `audit_scaling` finds every gradient scaled exactly once: for a test suite.

    Parameters
    ----------
    gradients, factors
        As for `audit_scaling`.
    zero : sequence of str, optional
        Names of gradients that may be zero. A test in which others are knows nothing of them.

    Raises
    ------
    AssertionError
        With the whole report.
    TypeError, ValueError
        As `audit_scaling`, or if ``zero`` names no gradient.
    """
    report = audit_scaling(gradients, factors=factors)
    allowed = check_names("zero", zero)
    if unknown := allowed - report.findings.keys():
        raise ValueError(f"zero: expected names of gradients, got {', '.join(sorted(unknown))}")
    if not report.scaled_once:
        raise AssertionError(str(report))
    unseen = [n for n, verdict in report.verdicts.items() if verdict == ZERO and n not in allowed]
    if unseen:
        few = ", ".join(unseen[:5]) + ", …" * (len(unseen) > 5)
        raise AssertionError(
            f"Not known of {len(unseen)} of {len(report.findings)} gradients, which are zero: "
            f"{few}. Choose data that reach them, or name them in zero=.\n\n{report}"
        )


def _needs_more(probes):
    plain = plain_findings(probes)
    others = [name for name in probes.at[1] if name not in plain][:MOST]
    return any(needs_more(probes.samples(name)) for name in others)


def _findings(probes):
    """Return a Finding for each array, and the largest relative noise of those that were judged."""
    plain = plain_findings(probes)
    others = [name for name in probes.at[1] if name not in plain]
    found = {name: _finding(probes, name) for name in others[:MOST]}
    noise = [probes.noise(name) for name in found if found[name].verdict != UNSTABLE]
    if rest := others[MOST:]:

        def judged(at, again):
            joined = replace(probes, at=at, again=tuple(again), one_memory=set())
            noise.append(joined.noise("all"))
            return _finding(joined, "all")

        one = together(probes, rest, judged)
        one = replace(
            one, detail=f"{one.detail}; judged as one array with {len(rest) - 1:,} others"
        )
        found |= dict.fromkeys(rest, one)
    findings = {name: plain.get(name) or found[name] for name in probes.at[1]}
    findings = {name: _about_memory(f, name, probes) for name, f in findings.items()}
    if [array.ndim for array in probes.at[1].values()] == [0] and "array" in findings:
        one = findings["array"]
        findings = {"array": replace(one, detail=f"{one.detail}; one number: is it the loss?")}
    return findings, max(noise, default=0.0)


def _finding(probes, name):
    if probes.noise(name) <= UNREPEATABLE:
        return judge(probes.samples(name))
    first, again = probes.at[1][name], probes.again[0][name]
    if not all(np.isfinite(arrays[name]).all() for arrays in probes.again):
        detail = "finite at first, not after a call that overflowed: kept, as weights are, even at "
        detail += "a rate of 0"
        return Finding(UNSTABLE, detail=detail)
    if first.any() and np.array_equal(again, 4 * probes.base**2 * first):
        detail = "a call multiplies what the call before left: the code writes into its own input"
    elif first.any() and np.allclose(again, probes.piled * first, atol=0):
        detail = "a call adds to the gradients of the call before"
    elif np.array_equal(again, first):
        detail = "a call at another scale changes what a later one returns"
    elif ratio := _multiple(first, again):
        detail = f"a later call returns {ratio:.6g} times the first: it holds what was left"
    else:
        detail = f"two calls at one scale differ by {probes.noise(name):.0e} of the largest entry"
    return Finding(UNSTABLE, detail=detail)


def _multiple(first, again):
    """Return what a later call is times the first, or None where it is no multiple."""
    square = float((first * first).sum()) if first.size > 2 else 0.0
    ratio = float((first * again).sum()) / square if square else 0.0
    off = float(abs(again - ratio * first).max(initial=0.0))
    return ratio if ratio and off <= 1e-6 * float(abs(again).max()) else None


def _about_memory(finding, name, probes):
    """Add that an array is the same memory at every call, where nothing new stands in it."""
    if name not in probes.one_memory or finding.verdict not in (ZERO, NEVER):
        return finding
    return replace(finding, detail=f"{finding.detail}; the same memory at every call: not written?")
