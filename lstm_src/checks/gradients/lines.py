"""The slope of a loss along a line, with how far it may be off: from steps of many lengths.

A central difference C(t) is off by a multiple of t² where the loss is smooth, and by noise / t. The
second difference D(t), over t, tells a bend from a kink: it shrinks as t does at a bend, and stays
at a kink. So the lengths are gone through, and the one is taken at which all this is least.
"""

from dataclasses import dataclass, replace

import numpy as np

from lstm_src.checks.gradients.levels import RATIO, levels_of

TOP, BOTTOM = 0.5, 2.0**-27
"""The longest and the shortest step, relative to the size of what is moved."""

EPS = 2.0**-52
"""The machine epsilon of float64."""

NEIGHBOURS = 3
"""How many longer steps may contradict the best one."""


@dataclass(frozen=True)
class Slope:
    """A slope, and how far it may be off; ``kink`` tells of one "at" 0 or "beside" it, or is "".

    ``doubt`` is how far the steps next in length are from it.
    """

    value: float
    uncertain: float
    step: float
    kink: str = ""
    doubt: float = 0.0


def look(
    line,
    here,
    noise,
    size,
    *,
    eps=EPS,
    position=0.0,
    smallest=None,
    anywhere=False,
    found=None,
    allowed=0.0,
):
    """Return the slope of a line at 0.

    Parameters
    ----------
    line : callable
        Maps a distance to the loss; nan where it has none.
    here : float
        The loss at 0.
    noise : float
        How far the loss may be off.
    size : float
        The size of what is moved.
    eps : float, optional
        The machine epsilon of the loss: far away, where it is larger, it is off by more.
    position : float, optional
        How far its rounding may move it.
    smallest : float, optional
        The size of the smallest thing that is moved, if below ``size``.
    found : float, optional
        The slope under test: where steps of different lengths tell different things, the shorter
        ones are believed if they bear it out, and at a kink any slope between those to the left
        and to the right.
    allowed : float, optional
        How far it may be off.

    Returns
    -------
    Slope or None
        None if the loss is finite at no pair of lengths.
    """
    low = BOTTOM * size
    if smallest and smallest < size * 1e-3:
        low = min(low, smallest * 2.0**-14)
    high = TOP * max(size, min(1.0, size * 2.0**30))
    levels = levels_of(line, here, noise, position, eps, high, low)
    valid = np.flatnonzero(np.isfinite(levels.central))
    if not valid.size:
        levels = levels_of(line, here, noise, position, eps, low, low * 2.0**-24)
        valid = np.flatnonzero(np.isfinite(levels.central))
    if valid.size and valid[0]:  # near the end of where the loss is finite
        top = levels.steps[valid[0]]
        levels = levels_of(line, here, noise, position, eps, top, top * 2.0**-20)
    slopes, errors, noises = levels.extrapolated()
    total = errors + noises
    if not np.isfinite(total).any():
        return None
    best = int(np.nanargmin(total))
    beside = slopes[max(0, best - 1) : best + 2]
    doubt = float(np.nanmax(np.abs(beside - slopes[best])))
    chosen = Slope(
        float(slopes[best]), float(total[best]), float(levels.steps[best + 1]), doubt=doubt
    )
    if found is None:
        return chosen
    gap = abs(found - chosen.value)
    if gap <= allowed + chosen.uncertain and chosen.uncertain <= max(allowed, gap):
        return chosen
    coarse = eps > 2 * EPS
    kink = _at_a_kink(levels, found, allowed)
    if kink is not None:
        gap = abs(found - kink.value)
        hidden = gap > allowed + kink.uncertain and coarse
        hidden = hidden and _between_sides(levels, kink.step, found, allowed, gap)
        return replace(kink, uncertain=gap) if hidden else kink
    if gap <= allowed + chosen.uncertain:
        return chosen
    shorter = _shorter(levels, best, found, allowed, gap)
    if shorter is None and (
        _longer(levels, best, found, allowed, gap, coarse)
        or (coarse and _between_sides(levels, chosen.step, found, allowed, gap))
    ):
        return Slope(chosen.value, gap, chosen.step)
    return shorter or chosen


def at_step(line, noise, position, step, ratio=RATIO):
    """Return the slope from two lengths alone, with the error that they show."""
    central, bound = [], 0.0
    for t in (step, step / ratio):
        right, left = line(t), line(-t)
        central.append((right - left) / (2 * t))
        bound = noise + position * abs(right - left) / (2 * t)
    slope = central[1] + (central[1] - central[0]) / (ratio * ratio - 1)
    error = abs(slope - central[1]) + bound * ratio / step
    return Slope(float(slope), float(error), step / ratio)


def _shorter(levels, best, found, allowed, gap):
    """Return the slope of shorter steps that bears out what was found, if there are such."""
    slopes, _, noises = levels.extrapolated()
    near = np.abs(levels.central[1:] - slopes)
    for k in range(best + 1, len(slopes)):
        if noises[k] <= gap / 4 and abs(found - slopes[k]) <= allowed + noises[k] + min(
            near[k], gap / 4
        ):
            step = float(levels.steps[k + 1])
            return Slope(float(slopes[k]), float(noises[k] + near[k]), step, "beside")
    return None


def _longer(levels, best, found, allowed, gap, coarse):
    """Tell whether longer steps bear out what was found: as where a cast hides the shorter ones.

    Of a loss in a ``coarse`` type all lengths count.
    """
    slopes, errors, noises = levels.extrapolated()
    total = (errors + noises)[:best]
    unseen = coarse or levels.central[best + 1] == levels.bends[best + 1] == 0  # to the last bit
    if not unseen:  # those of other lengths altogether may meet it by chance
        total[: max(0, best - NEIGHBOURS)] = np.inf
    return bool(
        (
            (total <= gap / (2 if unseen else 8))
            & (np.abs(found - slopes[:best]) <= allowed + total)
        ).any()
    )


def _between_sides(levels, step, found, allowed, gap):
    """Tell whether shorter steps, to the left and to the right, have what was found between them.

    That is a kink at 0 which another one nearby hides, as far as noise lets it be seen.
    """
    near = levels.steps < step
    noise, half = levels.noise / levels.steps, np.abs(levels.bends) / 2
    stays = half > 2 * noise
    stays[1:] &= half[1:] > half[:-1] / 2  # that of a bend is a quarter of the one before
    inside = np.abs(found - levels.central) <= half + noise + allowed
    return bool((near & stays & inside & (noise <= gap / 2)).any())


def _at_a_kink(levels, found, allowed):
    """Return what is nearest to what was found between the slopes at a kink at 0, if there is one.

    There the second difference does not shrink, down to the shortest steps that show it.
    """
    noise = levels.noise / levels.steps
    clear = np.flatnonzero(np.abs(levels.bends) > 16 * noise)
    if len(clear) < 3 or clear[-1] < len(levels.steps) // 3:
        return None
    *_, far, middle, near = np.abs(levels.bends[clear])
    seen = noise[clear[-1]] * 16 + 0.1 * middle
    if abs(far - middle) > seen or abs(middle - near) > seen:
        return None
    alike = clear[np.abs(np.abs(levels.bends[clear]) - middle) <= seen]
    sides = levels.central[alike] + np.outer([-0.5, 0.5], np.abs(levels.bends[alike]))
    drift = np.abs(np.diff(sides, axis=1)).max(axis=0)
    best = int(np.argmin(drift + 2 * noise[alike[:-1]]))
    nearest = float(np.clip(found, *sides[:, best]))
    uncertain = float(drift[best] + 2 * noise[alike[best]])
    return Slope(nearest, uncertain, float(levels.steps[alike[best]]), "at")
