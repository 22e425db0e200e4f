"""Slopes of a loss that nothing is known about: by complex step where the loss allows that.

Everything is done to one number: how far the arrays are moved, one entry or a whole direction.
"""

import warnings
from dataclasses import dataclass

import numpy as np

from lstm_src.checks.gradients.evaluation import Loss, where
from lstm_src.checks.gradients.lines import Slope, at_step, look
from lstm_src.checks.precision import PRECISIONS

COMPLEX, CENTRAL, NONE = "complex step", "central differences", "none"

UNUSUAL = 1e-3
"""A smaller size of an array of zeros is not what initial values have."""


@dataclass(frozen=True, eq=False)
class Slopes:
    """How a loss is differentiated.

    ``method`` is `COMPLEX`, `CENTRAL` or, for a loss that is not repeatable, `NONE`; ``kind`` names
    the dtype whose rounding the loss shows, ``sizes`` are those of `natural_sizes`, ``noise`` is
    how far its ``value`` may be off, ``cast`` tells whether it rounds more than it claims, and
    ``notes`` say what was chosen and why. Moves are a
    dictionary: for the path of an array, the index of an entry, or a direction of the array's
    shape.
    """

    loss: Loss
    arrays: dict
    value: float
    kind: str
    sizes: dict
    noise: float = 0.0
    cast: bool = False
    method: str = CENTRAL
    notes: tuple = ()

    def complex(self, moves, arrays=None):
        """Return the slope along the moves by complex step, and the real part of the loss."""
        size = self.size(moves)
        narrow = np.result_type(*(self.arrays[path] for path in moves)).itemsize <= 4
        # a complex64 ends at 1e-38
        step = max((1e-20 if narrow else 1e-30) * size, 1e-36 if narrow else 1e-290)
        slope, real = self._complex(moves, arrays, step)
        ends = np.finfo(np.float32 if narrow else np.float64).smallest_normal
        if 0 < abs(slope) * step < 1e12 * ends:  # its last digits are lost
            slope, real = self._complex(moves, arrays, step * (1e14 if narrow else 1e20))
        elif slope and abs(slope) * size <= 1e-20 * max(abs(real), 1e-20):
            # The step's own error is a third derivative times its square, a slope is no such thing.
            shorter, _ = self._complex(moves, arrays, step * 1e-6)
            slope = slope if abs(shorter) > abs(slope) / 2 else 0.0
        return slope, real

    def _complex(self, moves, arrays, step):
        kind = np.result_type(*(self.arrays[path] for path in moves), np.complex64)
        distance = kind.type(1j * step)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the real evaluations show the reader's own
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            value = self.loss(arrays or self.arrays, moves, distance)[0]
        if not np.iscomplexobj(value):
            raise TypeError("the imaginary part is lost")
        return float(value.imag / step), float(value.real)

    def along(self, moves):
        """Return the slope along the moves, by one step, and how much of it may be noise.

        The error of the step itself is left to `closer`.
        """
        if self.method == COMPLEX:
            return Slope(self.complex(moves)[0], 0.0, 0.0)
        step = PRECISIONS[self.kind] ** (1 / 3) * self.size(moves)
        line = self.line(moves)
        right, left = line(step), line(-step)
        noise = (self.noise + self.position(moves) * abs(right - left) / 2) / step
        return Slope((right - left) / (2 * step), noise, step)

    def closer(self, moves, found=None, allowed=0.0, noise=0.0):
        """Return the slope along the moves from steps of many lengths: see `look`.

        ``noise`` is by how much the loss may be off there, if more than everywhere.

        Raises
        ------
        ValueError
            If the loss is finite at none of them. What the loss itself raises passes, with a note.
        """
        raised = []
        line = self.line(moves, raised)
        slope = look(
            line,
            float(self.value),
            max(self.noise, noise),
            self.size(moves),
            eps=PRECISIONS[self.kind],
            position=self.position(moves),
            smallest=self.smallest(moves),
            found=found,
            allowed=allowed,
        )
        if slope is None and raised:
            raise raised[-1]
        if slope is None:
            raise ValueError(
                f"loss: expected a finite number {where(moves, self.size(moves) * 1e-6)}, "
                "and at all other steps that were tried, got none"
            )
        return slope

    def at_step(self, moves, step):
        """Return the slope along the moves from steps of one length and a quarter of it."""
        return at_step(self.line(moves), self.noise, self.position(moves), step)

    def line(self, moves, raised=None):
        """Return the loss as a function of how far the arrays are moved; nan where it raises."""

        def value(distance):
            try:
                with warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    return float(self.loss(self.arrays, moves, float(distance))[0].real)
            except Exception as error:
                if raised is not None:
                    raised.append(error)
                return np.nan

        return value

    def draw(self, path, rng, where=None, own=False):
        """Draw a random direction of an array: see `random_direction`."""
        return random_direction(self.arrays[path], rng, self.sizes[path], where, own)

    def size(self, moves):
        """Return the size of the array whose entry is moved; a direction holds its own."""
        sizes = [self.sizes[p] for p, m in moves.items() if isinstance(m, tuple)]
        return max(sizes, default=1.0)

    def smallest(self, moves):
        """Return the size of the entry that is moved."""
        sizes = [abs(float(self.arrays[p][m])) for p, m in moves.items() if isinstance(m, tuple)]
        return max(sizes, default=None)

    def position(self, moves):
        """Return how far the rounding of what is moved may move it."""
        found = 0.0
        for path, move in moves.items():
            eps = float(np.finfo(self.arrays[path].dtype).eps)
            entry = isinstance(move, tuple)
            there = abs(float(self.arrays[path][move])) if entry else move.size**0.25
            found = max(found, eps * there)
        return found


def natural_sizes(arrays, gradient, value):
    """Return the size of each array: its largest entry.

    One of zeros has the size 1, or that of the loss over its slope if this is far smaller: what
    follows in units of 1e-8, say.
    """
    sizes = {path: float(np.abs(array).max()) for path, array in arrays.items()}
    for path in [path for path, size in sizes.items() if not size]:
        slope = float(np.abs(gradient[path]).max())
        size = abs(float(value)) / slope if slope else 1.0
        sizes[path] = size if 0 < size < UNUSUAL else 1.0
    return sizes


def random_direction(array, rng, size=1.0, where=None, own=False):
    """Draw a direction that hides no entry: signs at random, sizes from ½ to 1½ of the entry's.

    Entries below the root mean square of the array count as that, those of an array of zeros as
    ``size``. The more entries there are, the
    less each is moved, lest the sums of the loss are moved far. ``where`` marks the entries to be
    moved; all if omitted. With ``own`` every entry but 0 moves by its own size.
    """
    wide = array.astype(float)
    top = float(np.abs(wide).max())
    usual = float(np.sqrt(np.mean((wide / top) ** 2))) * top if top else size
    signs = rng.choice([-1.0, 1.0], array.shape)
    least = np.where(wide == 0, usual, 0) if own else usual
    sizes = rng.uniform(0.5, 1.5, array.shape) * np.maximum(least, np.abs(wide))
    if where is None:
        return signs * sizes / array.size**0.25
    return signs * sizes * where / np.count_nonzero(where) ** 0.25
