"""In which powers of a scale is an array? Judged from a few samples of it, at powers of two.

Multiplying by a power of two is exact in binary floating point. So for code that scales every
term once, the samples at two scales differ by exactly that factor, in every bit, as long as no
number leaves the range of its type.
"""

from dataclasses import dataclass, replace

import numpy as np

from lstm_src.checks.scaling.report import MORE, NEVER, ONCE, OTHER, PARTLY, ZERO, Finding

ROUNDINGS = 16
"""Roundings of an array's largest entry within which two samples count as equal."""

UNDERFLOWS = 1024
"""Smallest numbers of the type within which they do: what a sum of underflows may lose."""

NOISE = 8
"""Multiple of the difference of two calls at one scale within which they do."""


@dataclass(frozen=True, eq=False)
class Samples:
    """An array at several scales: ``at[scale]``; ``base`` is the scale that others refer to.

    ``low`` and ``high`` are the powers of two down to which and up to which it was sampled, in
    units of ``base``; ``noise`` is the largest difference of two samples at ``base``.
    """

    at: dict
    base: float
    low: float
    high: float
    noise: float

    def agrees(self, scale, degree):
        """Whether the sample at ``base * scale`` is the one at ``base`` times a power of the scale.

        True as well where that product overflows, which tells nothing.
        """
        first, found = self.at[self.base], self.at[self.base * scale]
        info = np.finfo(first.dtype)
        with np.errstate(all="ignore"):
            factor = np.longdouble(scale) ** degree
            expected = first * factor
            largest = abs(expected).max()
        if not largest <= info.max:
            return True
        lost = UNDERFLOWS * info.smallest_subnormal * max(1, abs(factor))
        allowed = ROUNDINGS * info.eps * largest + lost + NOISE * self.noise * abs(factor)
        return bool((abs(found - expected) <= allowed).all())

    def growth(self, low, high):
        """Return by which power of the scale the array grows between two multiples of ``base``.

        It is NaN where the lower of them is zero, not finite, or in the last numbers of its type.
        """
        small, large = (float(abs(self.at[self.base * scale]).max()) for scale in (low, high))
        info = np.finfo(self.at[self.base].dtype)
        if not UNDERFLOWS * info.smallest_subnormal < small < np.inf or not large:
            return np.nan
        return float(np.log2(large / small) / np.log2(high / low))


def homogeneous_degree(samples):
    """Return d if the array is a multiple of the scale to the power of d at all samples, or None.

    d is at least 1; a degree of 0 needs more than this to be told from a normalised gradient.
    """
    zero = samples.at[0.0]
    growth = samples.growth(1, 2)
    if (np.isfinite(zero).all() and zero.any()) or not growth > 0.5:
        return None
    degree = round(growth)
    scales = (2, samples.high, samples.low)
    return degree if all(samples.agrees(scale, degree) for scale in scales) else None


def needs_more(samples):
    """Whether `judge` needs the samples at ``base`` times -1, ``2 * low`` and ``high / 2``."""
    seen = any(array.any() for array in samples.at.values())
    return seen and homogeneous_degree(samples) is None


def judge(samples):
    """Say in which powers of the scale an array is.

    Parameters
    ----------
    samples : Samples
        At 0, and at ``base`` times 1, 2, ``low`` and ``high``; more if `needs_more`.

    Returns
    -------
    Finding
    """
    at, base = samples.at, samples.base
    if not any(array.any() for array in at.values()):
        return Finding(ZERO, "none", "zero at every scale")
    tiny = UNDERFLOWS * np.finfo(at[base].dtype).smallest_subnormal
    if 0 < abs(at[base]).max() <= tiny and not at[0.0].any():
        return Finding(ZERO, detail=f"at the very end of the range of {at[base].dtype}")
    degree = homogeneous_degree(samples)
    if degree == 1:
        exact = np.array_equal(at[2 * base], 2 * at[base])
        return Finding(ONCE, "1", "in every bit" if exact else "but for rounding")
    if degree is not None:
        return Finding(MORE, str(degree), f"the power {degree} on every term")

    zero = at[0.0]
    known = bool(np.isfinite(zero).all())
    falls = round(min(0.0, np.nan_to_num(samples.growth(1, 2))))
    if falls and all(samples.agrees(scale, falls) for scale in (2, samples.high)):
        return Finding(OTHER, str(falls), "falls as the scale grows: N in the place of 1/N?")
    if all(samples.agrees(scale, 0) for scale in (2, samples.low, samples.high)):
        if samples.agrees(-1, 0) and (not known or samples.agrees(0, 0)):
            return Finding(NEVER, "0", "the scale changes nothing", 1.0)
        return Finding(OTHER, detail="normalised: the scale does not change the size")
    if not known:  # from two small scales, exact for a constant and a first power
        zero = 2 * at[base * samples.low] - at[2 * base * samples.low]
        zero = np.where(abs(zero) > abs(at[base]).max() * samples.low, zero, 0)
    return _with_unscaled_terms(samples, zero) if zero.any() else _without(samples)


def _with_unscaled_terms(samples, zero):
    """Judge an array that is not zero where the scale is."""
    with np.errstate(all="ignore"):
        rest = replace(samples, at={scale: array - zero for scale, array in samples.at.items()})
    first = rest.at[rest.base]
    sizes = abs(zero).sum(), abs(first).sum()
    share = float(sizes[0] / sum(sizes))
    where = f"unscaled terms in {np.count_nonzero(zero)} of {zero.size} entries"
    slack = ROUNDINGS * np.finfo(first.dtype).eps * max(abs(zero).max(), abs(first).max())
    slack += NOISE * samples.noise
    linear = all(
        (abs(rest.at[rest.base * s] - np.float64(s) * first) <= slack * max(1, abs(s))).all()
        for s in (2, -1, rest.high)
        if np.isfinite(rest.at[rest.base * s]).all()
    )
    if linear:
        return Finding(PARTLY, "0, 1", where, share)
    highest = rest.growth(rest.high / 2, rest.high)
    if highest > 1.05:
        return Finding(MORE, f"0 to {_top(highest, 1)}", where, share)
    return Finding(OTHER, detail=f"{where}; the others level off", unscaled_share=share)


def _without(samples):
    """Judge an array that vanishes with the scale and is no single power of it."""
    at, base, low, high = samples.at, samples.base, samples.low, samples.high
    lowest, highest = samples.growth(low, 2 * low), samples.growth(high / 2, high)
    info = np.finfo(at[base].dtype)
    lost = abs(at[base]).max() * low > UNDERFLOWS * info.smallest_subnormal
    if not at[base].any() or (lost and not at[base * low].any()):
        small = base * low if at[base].any() else base
        return Finding(OTHER, detail=f"vanishes at a scale of 2^{np.log2(small):.0f}")
    if highest < 0.05 or highest < lowest - 0.05:
        now = "" if samples.agrees(2, 1) else ", already at the scales 1 and 2"
        return Finding(OTHER, detail=f"levels off at large scales{now}")
    if abs(lowest - max(1, np.round(lowest))) > 0.05:  # false for NaN
        return Finding(OTHER, detail="grows by no whole power of the scale")
    if highest > 1.05:
        start = 1 if np.isnan(lowest) else round(lowest)
        return Finding(MORE, f"{start} to {_top(highest, start)}", "several powers of the scale")
    return Finding(OTHER, detail="some entries are not multiples of the scale")


def _top(growth, start):
    about = "" if abs(growth - round(growth)) < 0.02 else "about "
    return f"{about}{max(round(growth), start + 1)}"
