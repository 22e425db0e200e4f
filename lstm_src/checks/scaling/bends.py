"""What stands between a scale and an array that is nearly a multiple of it, where it can be named.

A guard in the place of N bends all entries alike; rounding to numbers of a fixed distance, as of
parameters or in float16, moves each by no more than that, whatever the scale.
"""

import numpy as np

from lstm_src.checks.scaling.verdicts import NOT_KNOWN, ONCE, OTHER, PARTLY, Finding

CLOSE = 1e-3
"""Relative error at the lowest scale up to which errors of a fixed size still mean "once"."""

NARROW, GRID = 2.0**-10, 2.0**-24
"""The rounding of float16, for arrays that came from there, and its smallest number."""

STEPS = 1024
"""Steps between the smallest samples that errors may be, where numbers came from float16.

A sum of them in float32 has more digits than float16, but the same steps. A loss scale that is
halved where numbers overflow can make two small samples multiples of each other.
"""


def guard(samples):
    """Return a Finding if one common factor, which is not the scale, is on all entries, or None."""
    shared = {m: _common(samples, m) for m in samples.at if m not in (0, 1)}
    if not samples.first.any() or None in shared.values():
        return None
    high, base = samples.high, samples.base
    top = shared[high]
    near = np.sqrt(samples.info.eps)

    def fits(model):
        return all(abs(found - model(m)) <= near * abs(model(m)) for m, found in shared.items())

    if fits(lambda m: m):  # one entry in float16, say: no guard is needed for that
        return None
    if abs(top - 1) > near:  # 1 / (N + ε), with e = ε times the base
        e = (high - top) / (high * (top - 1))
        if abs(1 + e) > near and fits(lambda m: m * (1 + e) / (1 + e * m)):
            sign, size = "-+"[e > 0], abs(e / base)
            return Finding(OTHER, detail=f"as with N {sign} ε in the place of N, ε = {size:.3g}")
    if shared.get(samples.low) != samples.low or not 0 < top < high:
        return None
    bound = 1 / (top * base)  # linear from the lowest scale on, then level
    steps = [m for m in shared if 0 < m < high]
    if all(abs(shared[m] - min(m, top)) <= near * m for m in steps):
        return Finding(
            OTHER,
            detail=f"levels off, all entries alike: as with max(N, {bound:.3g}), or a clip",
        )
    return None


def fixed_errors(samples):
    """Return a Finding if the array is the scale's first power but for errors of a fixed size.

    None if it is not. Differences of parameters round to the distance of two parameters, float16
    to its smallest number: the same at every scale, so that large scales are exact and small ones
    vanish.
    """
    low, high = samples.low, samples.high
    wide = np.result_type(np.float64, samples.first)  # where low times an entry of float16 is not 0
    at = {m: array.astype(wide) for m, array in samples.at.items()}
    if not {low, high, high / 4} <= at.keys() or not at[high].any():
        return None
    with np.errstate(all="ignore"):
        slope = at[high] / high
        largest = abs(slope).max()
        tail = abs(at[high] - 4 * at[high / 4]).max()
        apart = {m: abs(array - m * slope).max() for m, array in at.items() if abs(m) <= 4}
        size = max(apart.values())
        stepped = size <= STEPS * _step(at[low])
    other = apart.pop(-1, 0)
    if (
        other > largest / 64
        and max(apart.values()) <= other / 64
        and tail <= CLOSE * high * largest
    ):
        return Finding(OTHER, detail="a multiple at positive scales alone, not at -1")
    eps = NARROW if few_digits(samples) else samples.info.eps
    allowed = 8 * size + 16 * eps * high * largest
    if size > largest / 16 or high < 16:  # all that is known is that large scales have none
        allowed = CLOSE * high * largest
    smallest = 4 * low * largest  # float16 rounds up, too
    smallest += size if stepped or few_digits(samples) else 0
    if tail > allowed or abs(at[low]).max() > smallest:
        return None
    if _straight_below(samples) and not stepped:
        return None
    share = f"{size / largest:.0e} of the largest entry"
    if abs(at[low] - low * slope).max() <= CLOSE * low * largest:
        return Finding(ONCE, "1", f"but for errors of a fixed size, {share}")
    return Finding(NOT_KNOWN, "1?", f"once at large scales; small ones vanish in errors of {share}")


def constant_part(samples):
    """Return a Finding on a straight line with a part that no scale moves, or None.

    For code that refuses 0, and loses small scales in float16. The samples at 1 and -1 tell the
    part, and 4 and the large ones whether they are on the line: rounding is the same with both
    signs, and makes no such part.
    """
    at = {m: array.astype(np.float64) for m, array in samples.at.items()}
    if 0 in at or -1 not in at:
        return None
    part, slope = (at[1] + at[-1]) / 2, (at[1] - at[-1]) / 2
    sizes = abs(part).sum(), abs(slope).sum()
    largest = max(abs(part).max(), abs(slope).max())
    near = {m: 16 * NARROW * largest * m for m in at if m >= 4}
    if abs(part).max() <= largest / 16 or abs(slope).max() <= largest / 16 or not near:
        return None
    if any((abs(at[m] - part - m * slope) > room).any() for m, room in near.items()):
        return None
    where = f"unscaled terms in {np.count_nonzero(part)} of {part.size} entries"
    return Finding(
        PARTLY, "0, 1", f"{where}; float16 loses the smallest scales", sizes[0] / sum(sizes)
    )


def undone_scale(samples):
    """Return a Finding if the scale was undone behind float16, as a loss scale is, or None.

    Large scales change nothing then, nor does -1, and zero cannot be divided out. At small ones
    numbers are lost that no unscaling brings back, whatever other loss scale there is. What levels
    off is no such array: it changes its sign at -1. Where the code took no -1, little must change,
    or the array times the scale have the smallest numbers of float16 for its steps.
    """
    at, base = {m: array.astype(np.float64) for m, array in samples.at.items()}, samples.base
    largest = abs(at[1]).max()
    large = [array for m, array in at.items() if m >= 4]
    if not few_digits(samples) or not large or not largest or 0 in at:
        return None
    if any(abs(array - at[1]).max() > 16 * NARROW * largest for array in large):
        return None
    if not (samples.agrees(-1, 0) if -1 in at else any(at[m].any() for m in at if 0 < m < 1)):
        return None
    steps = [array * (m * base) / GRID for m, array in at.items()]
    lost = max(abs(array - at[1]).max() for array in at.values())
    if -1 in at or lost <= largest / 4 or all((step == np.round(step)).all() for step in steps):
        return Finding(NOT_KNOWN, "0?", "never at large scales; small ones are lost in float16")
    return None


def _straight_below(samples):
    """Whether the two lowest samples are multiples: then it is above that something bends."""
    at, low = samples.at, samples.low
    if 4 * low not in at or not at[low].any():
        return False
    allowed = 16 * samples.info.eps * abs(at[4 * low]).max()
    return bool((abs(4 * at[low] - at[4 * low]) <= allowed).all())


def _step(array):
    """Return the largest power of two of which all entries are whole multiples; 0 for zeros."""
    digits, exponents = np.frexp(array[array != 0].astype(np.float64))
    whole = (digits * 2.0**53).astype(np.int64)
    return float(min(np.ldexp((whole & -whole).astype(float), exponents - 53), default=0.0))


def few_digits(samples):
    """Whether no entry has more binary digits than float16 holds: it may come from there."""
    digits = [np.frexp(array.astype(np.float64))[0] * 2.0**11 for array in samples.at.values()]
    return all((part == np.round(part)).all() for part in digits)


def _common(samples, multiple):
    """Return the number that a sample is the first sample times, or None."""
    first, found = samples.first.astype(np.float64), samples.at[multiple].astype(np.float64)
    largest = abs(first).max()
    if not largest:
        return None
    place = np.unravel_index(abs(first).argmax(), first.shape)
    factor = float(found[place] / first[place])
    allowed = 16 * samples.info.eps * abs(factor) * largest
    return factor if (abs(found - factor * first) <= allowed).all() else None
