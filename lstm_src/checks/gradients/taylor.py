"""The order of the Taylor remainder: a second opinion on a gradient, which needs no tolerance.

``f(x + t·d) − f(x) − t·g·d`` shrinks with t² if g is the gradient, and with t if it is not
(Griewank and Walther 2008).
"""

import numpy as np

CLEAR = 8.0
"""How many times its noise a remainder must be to count."""


def remainder_order(line, here, slope, noise, size, levels=14):
    """Return with which power of the step the remainder shrinks, where it is just seen.

    Parameters
    ----------
    line : callable
        Maps a distance to the loss.
    here : float
        The loss at 0.
    slope : float
        The slope under test.
    noise : float
        How far the loss may be off.
    size : float
        The size of what is moved.
    levels : int, optional
        How many steps, each a quarter of the one before.

    Returns
    -------
    float or None
        None where fewer than three steps show more than noise: of a straight line with the right
        slope nothing is left.
    """
    left = []
    for t in size * 0.25 * 4.0 ** -np.arange(levels):
        rests = [abs(line(s * t) - here - s * t * slope) for s in (-1, 1)]
        if not np.isfinite(rests).all():
            continue
        if max(rests) <= CLEAR * (noise + 2e-16 * abs(t * slope)):
            break
        left.append(max(rests))
    if len(left) < 3:
        return None
    return float(np.log(left[-3] / left[-1]) / np.log(16.0))
