"""In which powers of a scale is an array? Judged from a few samples of it, at powers of four.

Multiplying by a power of two is exact in binary floating point, and so is the root of a power of
four. So for code that scales every term once, the samples at two scales differ by exactly that
factor, in every bit, as long as no number leaves the range of its type.
"""

from dataclasses import dataclass, replace

import numpy as np

from lstm_src.checks.scaling.bends import (
    NARROW,
    constant_part,
    few_digits,
    fixed_errors,
    guard,
    undone_scale,
)
from lstm_src.checks.scaling.verdicts import MORE, NEVER, ONCE, OTHER, PARTLY, ZERO, Finding

ROUNDINGS = 16
"""Roundings of an array's largest entry within which two samples count as equal."""

UNDERFLOWS = 1024
"""Smallest numbers of the type within which they do: what a sum of underflows may lose."""

NOISE = 8
"""Multiple of the difference of two calls at one scale within which they do."""


@dataclass(frozen=True, eq=False)
class Samples:
    """An array at several scales: ``at[multiple]`` is that at ``multiple * base``.

    ``at`` holds the multiples 1 and 4; 0, -1, ``low`` and ``high``, ``4 * low`` and ``high / 4``
    where the code took them. ``low`` and ``high`` are the powers of two down to which and up to
    which it was sampled; ``noise`` is the largest difference of two samples at ``base``.
    """

    at: dict
    base: float
    low: float
    high: float
    noise: float

    @property
    def first(self):
        """The sample that others are compared with."""
        return self.at[1]

    @property
    def info(self):
        """The limits of the array's type."""
        return np.finfo(self.first.dtype)

    def agrees(self, multiple, degree):
        """Whether a sample is the first times a power of the multiple.

        True as well where that product overflows, or the code took no such scale: neither tells.
        """
        if multiple not in self.at:
            return True
        with np.errstate(all="ignore"):
            factor = np.longdouble(multiple) ** degree
            expected = self.first * factor
            largest = abs(expected).max()
        if not largest <= self.info.max:
            return True
        lost = UNDERFLOWS * self.info.smallest_subnormal * max(1, abs(factor))
        allowed = ROUNDINGS * self.info.eps * largest + lost + NOISE * self.noise * abs(factor)
        return bool((abs(self.at[multiple] - expected) <= allowed).all())

    def growth(self, low, high):
        """Return by which power of the scale the array grows between two multiples of ``base``.

        It is NaN where the lower of them is zero or in the last numbers of its type, and where
        there is no sample.
        """
        if low not in self.at or high not in self.at:
            return np.nan
        small, large = (float(abs(self.at[multiple]).max()) for multiple in (low, high))
        if not UNDERFLOWS * self.info.smallest_subnormal < small or not large:
            return np.nan
        return float(np.log2(large / small) / np.log2(high / low))


def homogeneous_degree(samples):
    """Return d if the array is a multiple of the scale to the power of d at positive scales.

    None if it is not. d is at least 1; a degree of 0 needs more than this to be told from a
    normalised gradient.
    """
    growth = samples.growth(1, 4)
    if (0 in samples.at and samples.at[0].any()) or not growth > 0.5:
        return None
    degree = round(growth)
    scales = (4, samples.high, samples.low)
    return degree if all(samples.agrees(scale, degree) for scale in scales) else None


def needs_more(samples):
    """Whether `judge` needs the samples at ``4 * low`` and ``high / 4``."""
    seen = any(array.any() for array in samples.at.values())
    return seen and homogeneous_degree(samples) is None


def judge(samples):
    """Say in which powers of the scale an array is.

    Parameters
    ----------
    samples : Samples
        At more scales if `needs_more`.

    Returns
    -------
    Finding
    """
    at, first = samples.at, samples.first
    if not any(array.any() for array in at.values()):
        return Finding(ZERO, "none", "zero at every scale")
    tiny = UNDERFLOWS * samples.info.smallest_subnormal
    if 0 < abs(first).max() <= tiny and not (0 in at and at[0].any()):
        return Finding(ZERO, detail=f"at the very end of the range of {first.dtype}")
    degree = homogeneous_degree(samples)
    if degree is not None and not samples.agrees(-1, degree):
        return Finding(OTHER, detail="a multiple at positive scales alone, not at -1")
    if degree == 1:
        return Finding(ONCE, "1", _closeness(samples))
    if degree is not None:
        return Finding(MORE, str(degree), f"the power {degree} on every term")
    return _no_single_power(samples)


def _closeness(samples):
    """Return how nearly the samples of right code are multiples of each other."""
    if np.array_equal(samples.at[4], 4 * samples.first):
        return "in every bit"
    rounding = ROUNDINGS * samples.info.eps * abs(samples.first).max()
    return "but for what two calls differ by" if samples.noise > rounding else "but for rounding"


def _no_single_power(samples):
    at, zero = samples.at, samples.at.get(0)
    falls = round(min(0.0, np.nan_to_num(samples.growth(1, 4))))
    if falls and all(samples.agrees(scale, falls) for scale in (4, samples.high)):
        return Finding(OTHER, str(falls), "falls as the scale grows: N in the place of 1/N?")
    if all(samples.agrees(scale, 0) for scale in (4, samples.low, samples.high)):
        if -1 not in at and zero is None:
            return Finding(OTHER, "0", "the scale changes nothing: never applied, or normalised")
        if samples.agrees(-1, 0) and samples.agrees(0, 0):
            return Finding(NEVER, "0", "the scale changes nothing", 1.0)
        return Finding(OTHER, detail="normalised: the scale does not change the size")
    if undone := undone_scale(samples):
        return undone
    if zero is None:  # from two small scales, exact for a constant and a first power
        small = samples.low if samples.low in at and 4 * samples.low in at else 1
        wide = np.result_type(np.float64, at[1])  # four times an entry may leave float16
        zero = (4 * at[small].astype(wide) - at[4 * small]) / 3
        zero = np.where(abs(zero) > abs(at[1]).max() * min(small, samples.info.eps**0.5), zero, 0)
        if small == 1 and guard(samples):
            zero = np.zeros_like(zero)
    if zero.any():
        found = _with_unscaled_terms(samples, zero)
        return found if found.verdict == PARTLY else constant_part(samples) or found
    bent = guard(samples) or constant_part(samples) or fixed_errors(samples)
    return bent or _without(samples)


def _with_unscaled_terms(samples, zero):
    """Judge an array that is not zero where the scale is."""
    zero = zero.astype(np.result_type(np.float64, zero))  # differences may leave float16
    rest = replace(samples, at={scale: array - zero for scale, array in samples.at.items()})
    first = rest.first
    sizes = abs(zero).sum(), abs(first).sum()
    share = float(sizes[0] / sum(sizes))
    where = f"unscaled terms in {np.count_nonzero(zero)} of {zero.size} entries"
    eps = NARROW if few_digits(samples) else samples.info.eps
    slack = ROUNDINGS * eps * max(abs(zero).max(), abs(first).max())
    slack += NOISE * samples.noise
    linear = all(
        (abs(rest.at[s] - np.float64(s) * first) <= slack * max(1, abs(s))).all()
        for s in (4, -1, rest.high)
        if s in rest.at and np.isfinite(rest.at[s]).all()
    )
    if linear:
        return Finding(PARTLY, "0, 1", where, share)
    highest = rest.growth(rest.high / 4, rest.high)
    if highest > 1.05:
        return Finding(MORE, f"0 to {_top(highest, 1)}", where, share)
    return Finding(OTHER, detail=f"{where}; the others level off", unscaled_share=share)


def _without(samples):
    """Judge an array that vanishes with the scale and is no single power of it."""
    at, base, low, high = samples.at, samples.base, samples.low, samples.high
    first = samples.first
    lowest, highest = samples.growth(low, 4 * low), samples.growth(high / 4, high)
    if first.any() and (highest < 0.05 or highest < lowest - 0.05):
        now = "" if samples.agrees(4, 1) else ", already at the scales 1 and 4"
        return Finding(OTHER, detail=f"levels off at large scales{now}")
    lost = abs(first).max() * low > UNDERFLOWS * samples.info.smallest_subnormal
    if not first.any() or (lost and low in at and not at[low].any()):
        degree = round(np.nan_to_num(samples.growth(1, 4)))
        if degree > 1 and samples.agrees(4, degree) and samples.agrees(high, degree):
            return Finding(MORE, str(degree), f"the power {degree}; small scales vanish")
        small = base * low if first.any() else base
        return Finding(OTHER, detail=f"vanishes at a scale of 2^{np.log2(small):.0f}")
    if abs(lowest - max(1, np.round(lowest))) > 0.05:  # false for NaN
        return Finding(OTHER, detail="grows by no whole power of the scale")
    if highest > 1.05:
        start = 1 if np.isnan(lowest) else round(lowest)
        return Finding(MORE, f"{start} to {_top(highest, start)}", "several powers of the scale")
    return Finding(OTHER, detail="some entries are not multiples of the scale")


def _top(growth, start):
    about = "" if abs(growth - round(growth)) < 0.02 else "about "
    return f"{about}{max(round(growth), start + 1)}"
