"""What a loss does along a line at steps of many lengths: first and second differences."""

import warnings
from dataclasses import dataclass

import numpy as np

LAST_PLACES = 2.0
"""By how many of its last places a loss may be off in any case."""

RATIO, MOST_LEVELS = 4.0, 24
"""From one length to the next, if that takes no more lengths than this."""


@dataclass(frozen=True, eq=False)
class Levels:
    """What the loss does at steps of many lengths: an entry for each length, the longest first.

    ``central`` are C(t), ``bends`` are D(t), ``noise`` is how far the loss itself may be off; nan
    where the loss is not finite.
    """

    steps: np.ndarray
    central: np.ndarray
    bends: np.ndarray
    noise: np.ndarray
    ratio: float

    def extrapolated(self):
        """Return for each pair of lengths the slope, the error of the steps and that of noise.

        The former holds the distance from a central difference to the next, and what the second
        differences show of kinks in between.
        """
        r, (far, near) = self.ratio, (self.central[:-1], self.central[1:])
        slopes = near + (near - far) / (r * r - 1)
        noise = self.noise[1:] / self.steps[1:] * (1 + 2 / (r * r - 1))
        kinks = np.abs(self.bends[:-1] - r * self.bends[1:]) - r * noise
        errors = np.abs(slopes - near) + np.maximum(kinks, 0)
        off = np.abs(slopes[:-1] - slopes[1:]) - noise[1:]
        errors[:-1] = np.fmax(errors[:-1], off)
        return slopes, errors, noise


def levels_of(line, here, noise, position, eps, top, bottom):
    """Return the `Levels` of a line from the longest step, ``top``, to the shortest.

    The other arguments are those of `lstm_src.checks.gradients.lines.look`.
    """
    count = int(np.ceil(np.log(top / bottom) / np.log(RATIO))) + 1
    steps = np.geomspace(top, bottom, min(count, MOST_LEVELS))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        ends = np.array([(line(t), line(-t)) for t in steps], float)
        right, left = ends.T
        central, bends = (right - left) / (2 * steps), (right + left - 2 * here) / steps
        moved = np.fmax(np.abs(right - here), np.abs(left - here)) / steps
        rounded = LAST_PLACES * eps * np.fmax(np.abs(right), np.abs(left))
        bound = np.fmax(noise, rounded) + position * moved
    central[~np.isfinite(central)] = np.nan
    return Levels(steps, central, bends, bound, float(steps[0] / steps[1]))
