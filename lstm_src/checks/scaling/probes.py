"""Is the factor 1/N applied exactly once to every term of a gradient? For code of any kind.

The checks call the code at a few scales and look at how its gradients follow. They know nothing of
what computes them, in NumPy, PyTorch, JAX or anything else.
"""

import numpy as np

from lstm_src.checks.scaling.powers import Samples, judge, needs_more
from lstm_src.checks.scaling.report import UNSTABLE, Finding, ScalingReport
from lstm_src.checks.trees import named_arrays

LOW, HIGHS = 2.0**-24, (2.0**24, 2.0**12, 2.0**6, 2.0**3, 2.0)
"""How far below and above the first scale to look; above, the first that overflows nowhere."""

BASES = (1.0, 2.0**-8, 2.0**-16, 2.0**-24)
"""Scales to start from; the first that is finite, doubled too."""

UNREPEATABLE = 0.01
"""Relative difference of two calls at one scale beyond which nothing can be compared."""


def audit_scaling(gradients):
    """See whether a common factor is applied exactly once to every term of every gradient.

    Parameters
    ----------
    gradients : callable
        ``gradients(scale)`` computes the gradients with the factor ``scale``, a float, in the place
        of the 1/N: on the loss, at the end, or wherever the code has it. Each call does the same
        work on the same data and parameters. It returns a mapping, a sequence or an array, nested
        as you like, of NumPy, PyTorch or JAX; see `lstm_src.checks.trees.named_arrays`.

    Returns
    -------
    ScalingReport
        With a verdict on each gradient: once (right), never, partly (terms were left out; with
        their share), more than once (in which powers), not a polynomial (clipped, normalised, out
        of range), no information (zero), or not repeatable. It prints as a table with advice, and
        shows as HTML in a notebook.

    Raises
    ------
    TypeError, ValueError
        If what comes back is no tree of real floating-point arrays, holds ``None``, has other names
        or shapes than at the first call, or is finite at no scale. An exception of the callable
        itself passes, with a note on the scale at which it came.

    Notes
    -----
    For code that scales every term once, g(2s) = 2 g(s) in every bit, since a power of two changes
    exponents alone. So no tolerance has to be guessed, and an unscaled term shows at the scale 0
    however small it is. Differences of a few roundings of the largest entry are let pass and named:
    they arise where numbers fall out of the range of their type.

    Right code is called six times: twice at 1, and at 2, 0, 2^24 and 2^-24; other code up to three
    times more, at -1, 2^23 and 2^-23. Where numbers overflow, nearer scales are tried. An update of
    the parameters inside the callable would be made at all of them. All samples are kept, with
    temporary arrays: count on twenty times the memory of the gradients.

    What it cannot see. A gradient that is linear and wrong, such as one with a forgotten path, or
    a mean over the wrong count: use `lstm_src.checks.check_gradients`. Clipping that happens before
    the factor is applied; for the factor it is a constant. A threshold more than 2^24 times beyond
    the present gradients. Terms of a higher power that are smaller than a rounding. A factor that
    is rounded to something else at other scales than powers of two.

    Right code that computes in float16, as mixed precision does, is called not a polynomial: at
    2^-24 its numbers vanish. Audit it in float32 or bfloat16.
    """
    scales, seen = [], {}

    def ask(scale):
        scales.append(scale)
        arrays = _call(gradients, scale)
        _check_same(seen.setdefault("first", arrays), arrays, scale)
        return arrays

    for base in BASES:
        first, again, double = ask(base), ask(base), ask(2 * base)
        if _finite(first) and _finite(again) and _finite(double):
            break
    else:
        raise ValueError(f"gradients: {_not_finite(seen['first'])}")

    at = {base: first, 2 * base: double, 0.0: _at_zero(ask, first)}
    at[base * LOW] = ask(base * LOW)
    for high in HIGHS:
        at[base * high] = double if high == 2 else ask(base * high)
        if _finite(at[base * high]):
            break

    differences = {name: abs(first[name] - again[name]).max(initial=0) for name in first}
    noise = {n: float(d / (abs(first[n]).max(initial=0) or 1)) for n, d in differences.items()}
    stable = [name for name in first if noise[name] <= UNREPEATABLE]

    def samples(name):
        arrays = {scale: arrays[name] for scale, arrays in at.items()}
        return Samples(arrays, base, LOW, high, float(differences[name]))

    if any(needs_more(samples(name)) for name in stable):
        more = (-base, 2 * base * LOW, base * high / 2)
        at |= {scale: ask(scale) for scale in more if scale not in at}
    findings = {
        name: judge(samples(name)) if name in stable else _unstable(first[name], again[name])
        for name in first
    }
    return ScalingReport(findings, tuple(scales), max([noise[n] for n in stable], default=0.0))


def assert_scaled_once(gradients):
    """Raise unless `audit_scaling` finds every gradient scaled exactly once: for a test suite.

    Raises
    ------
    AssertionError
        With the whole report.
    TypeError, ValueError
        As `audit_scaling`.
    """
    report = audit_scaling(gradients)
    if not report.scaled_once:
        raise AssertionError(str(report))


def _call(gradients, scale):
    try:
        with np.errstate(all="ignore"):  # leaving the range of numbers is part of the test
            return named_arrays("gradients", gradients(scale))
    except Exception as error:
        error.add_note(f"audit_scaling called gradients(scale={scale!r})")
        raise


def _check_same(first, arrays, scale):
    if arrays.keys() != first.keys():
        changed = ", ".join(sorted(arrays.keys() ^ first.keys()))
        raise ValueError(
            f"gradients({scale!r}): expected the names of the first call, got others: {changed}"
        )
    for name, array in arrays.items():
        if array.shape != first[name].shape or array.dtype != first[name].dtype:
            raise ValueError(
                f"gradients({scale!r}): {name}: expected {first[name].dtype} of shape "
                f"{first[name].shape} as at the first call, got {array.dtype} of {array.shape}"
            )


def _at_zero(ask, first):
    try:
        return ask(0.0)
    except ZeroDivisionError:  # code that divides by N = 1 / scale; judged without this sample
        return {name: np.full_like(array, np.nan) for name, array in first.items()}


def _finite(arrays):
    return all(np.isfinite(array).all() for array in arrays.values())


def _not_finite(first):
    name = next((n for n, a in first.items() if not np.isfinite(a).all()), None)
    came = "infinity" if name is None else f"{name} with NaN or infinity"
    return f"expected finite numbers, got {came} at a scale of 1, and no better down to {BASES[-1]}"


def _unstable(first, again):
    if first.any() and np.allclose(again, 2 * first, atol=0):
        return Finding(UNSTABLE, detail="a call adds to the gradients of the call before")
    return Finding(UNSTABLE, detail="two calls at one scale differ")
