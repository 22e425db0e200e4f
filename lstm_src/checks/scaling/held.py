"""One array under several factors: which of them its terms hold, and whether the terms are added.

Powers of two change no rounding as long as they stand on all factors; on one of them they do, for
terms of another size are then added. How large roundings inside the code are, 11/16 of all factors
tell: what holds each factor once is then 11/16 of itself, but for roundings.
"""

from dataclasses import replace

import numpy as np

from lstm_src.checks.scaling.verdicts import MORE, NEVER, NOT_KNOWN, ONCE, OTHER, Finding

ADDING = 4096
"""Roundings of the largest entry within which sums of terms count as equal: they cancel."""

HIDDEN = 6
"""Multiple of what roundings inside the code make within which they may hide more."""

UNSEEN = "once for all factors together; roundings, {:.0e} of the largest entry, hide if terms add"
"""Where the parts miss the whole by no more than what roundings make."""


def held_by(finding, names, array, along, crossed, noise, rounding):
    """Return the finding on one array with the factors that its terms hold.

    Parameters
    ----------
    finding : Finding
        What all factors together told.
    names : tuple of str
    array : ndarray
        At the first scale.
    along : list of dict of float to ndarray
        For each factor the samples along it alone, by multiples of the first scale.
    crossed : dict of (int, int) to ndarray
        Where two factors are four times the others.
    noise : float
        The largest difference of two calls at one scale.
    rounding : callable
        Returns what roundings inside the code make, at the most; it calls the code.
    """
    if any(4.0 not in line for line in along):
        return replace(
            finding, detail=f"{finding.detail}; one factor alone was refused, or not finite"
        )
    slopes = [(line[4.0] - array) / 3 for line in along]
    largest = float(max(abs(part).max() for part in (array, *slopes)))
    allowed = ADDING * np.finfo(array.dtype).eps * largest + 8 * noise

    def off(one, other):
        return float(abs(one - other).max())

    sizes = [float(abs(s).sum()) if off(s, 0) > allowed else 0.0 for s in slopes]
    held = tuple((n, size / sum(sizes)) for n, size in zip(names, sizes, strict=True) if size)
    finding = replace(finding, held=held)
    bends = [
        max(off(found, array + (m - 1) * slope) for m, found in line.items())
        for line, slope in zip(along, slopes, strict=True)
    ]
    if finding.verdict == ONCE:
        missed = max(*bends, off(sum(slopes), array))
        if missed <= allowed:
            return finding
        if missed <= HIDDEN * rounding():
            return replace(finding, verdict=NOT_KNOWN, detail=UNSEEN.format(missed / largest))
        bent = [name for name, bend in zip(names, bends, strict=True) if bend > allowed]
        where = f"not a straight line in {' and '.join(bent)}" if bent else "the parts do not add"
        return Finding(OTHER, detail=f"{where}: terms are chosen or mixed, not added", held=held)
    if finding.verdict == NEVER and held:
        detail = "one factor over another: together they cancel"
        return replace(finding, verdict=OTHER, powers="?", detail=detail, unscaled_share=0.0)
    if finding.verdict not in (MORE, OTHER) and max(bends) > allowed:
        allowed += HIDDEN * rounding()
    both = [
        f"{names[j]} and {names[k]} on one term"
        for (j, k), found in crossed.items()
        if off(found + array, along[j][4.0] + along[k][4.0]) > allowed
    ]
    bent = [name for name, bend in zip(names, bends, strict=True) if bend > allowed]
    seen = both or [f"{name} is on a term more than once, or bent" for name in bent]
    return replace(finding, detail="; ".join([finding.detail, *seen]))
