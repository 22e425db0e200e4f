"""Whether a loss jumps along a line, as where something inside is rounded to a narrow type.

In float32 a cast to bfloat16 does not show in short steps: they stay within one number of it. Over
longer ones the loss jumps from number to number. A jump differs from a kink, and from a bend, in
being as large on the shortest stretch.
"""

import numpy as np

REACHES, PLACES, POWERS = (0.5, 2.0**-3, 2.0**-5), 24, 5
"""How far values are taken, relative to the size of what is moved, how many, and how many powers of
the distance are fitted to them, which leave nothing of a smooth line."""

TURN = (5**0.5 - 1) / 2
"""The places are its multiples, without whole parts: they keep step with no grid of numbers."""

CLEAR = 4
"""How many times its noise a jump must be."""

LAST = 2.0**-20
"""The shortest stretch, relative to the size of what is moved."""


def spread(line, size, noise):
    """Return by how much the values along a line are off because of jumps; 0 where it has none.

    Parameters
    ----------
    line : callable
        Maps a distance to the loss.
    size : float
        The size of what is moved.
    noise : float
        How far the loss may be off for other reasons.

    Returns
    -------
    float
        A standard deviation.
    """
    places = np.sort(2 * (TURN * np.arange(1, PLACES + 1) % 1) - 1)
    powers = places[:, None] ** np.arange(POWERS)
    found, jumped = 0.0, False
    for reach in REACHES:
        at = size * reach * places
        values = np.array([line(t) for t in at], float)
        if np.isfinite(values).all():
            left = values - powers @ np.linalg.lstsq(powers, values, rcond=None)[0]
            found = max(found, float(np.sqrt(left @ left / (PLACES - POWERS))))
            jumped = jumped or _jumps(line, at, values, left, size * LAST, noise)
    return found if jumped else 0.0


def _jumps(line, at, values, left, shortest, noise):
    """Tell whether the largest change of what is left stands on a stretch of no length."""
    moves = np.diff(left)
    k = int(np.argmax(np.abs(moves)))
    steepest = float(np.abs(np.diff(values) / np.diff(at)).max())
    least = CLEAR * (noise + steepest * shortest)
    if abs(moves[k]) <= least:
        return False
    slope = (values[k + 1] - values[k] - moves[k]) / (at[k + 1] - at[k])
    ends = (at[k], values[k]), (at[k + 1], values[k + 1])
    # Of a staircase the flat parts leave the slope, too: what changes at all tells the jump.
    return any(_at_last(line, *ends, s, shortest) > least for s in (slope, 0.0))


def _at_last(line, left, right, slope, shortest):
    """Return the change on the shortest stretch, by halving where the line leaves the slope."""
    while right[0] - left[0] > shortest:
        place = (left[0] + right[0]) / 2
        middle = place, line(place)
        halves = (left, middle), (middle, right)
        off = [abs(b[1] - a[1] - slope * (b[0] - a[0])) for a, b in halves]
        left, right = halves[int(off[1] > off[0])]
    return abs(right[1] - left[1])
