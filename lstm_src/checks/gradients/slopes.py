"""Slopes of a loss that nothing is known about: by complex step where the loss allows that.

Everything is done to one number: how far the arrays are moved, one entry or a whole direction. So
the functions of `lstm_src.checks.derivatives` serve for both.
"""

import warnings
from dataclasses import dataclass, replace

import numpy as np

from lstm_src.checks.derivatives import complex_step_gradient, finite_difference_gradient
from lstm_src.checks.gradients.evaluation import Loss, precision, where

COMPLEX, CENTRAL, NONE = "complex step", "central differences", "none"

PRECISIONS = {
    "longdouble": float(np.finfo(np.longdouble).eps),
    **{name: float(np.finfo(name).eps) for name in ("float64", "float32", "float16")},
    "bfloat16": 2.0**-7,
}
"""Machine epsilon by name."""

PROBES = 16
"""Directions along which the methods are compared, if there are more arrays than that."""


@dataclass(frozen=True, eq=False)
class Slopes:
    """How a loss is differentiated.

    ``method`` is `COMPLEX`, `CENTRAL` or, for a loss that is not repeatable, `NONE`; ``kind`` names
    the dtype whose rounding the loss shows, ``noise`` is how far its ``value`` may be off, and
    ``notes`` say what was chosen and why. Moves are a dictionary: for the path of an array, the
    index of an entry, or a direction of the array's shape.
    """

    loss: Loss
    arrays: dict
    value: float
    kind: str
    noise: float = 0.0
    method: str = CENTRAL
    notes: tuple = ()

    def along(self, moves, shorter=1):
        """Return the slope along the moves, and how much of it may be noise."""
        if self.method == COMPLEX:
            return _complex(self.moved(moves), self.zero(moves)), 0.0
        step = PRECISIONS[self.kind] ** (1 / 3) * self.scale(moves) / shorter
        slope = self.central(moves, step)
        if not np.isfinite(slope):
            raise ValueError(f"loss: expected a finite number {where(moves, step)}, got {slope}")
        return slope, self.noise / step

    def sides(self, moves):
        """Return the slopes to the left and to the right, and how much of them may be noise."""
        step = PRECISIONS[self.kind] ** 0.5 * self.scale(moves)
        value = self.moved(moves)
        left, here, right = (float(value(s * step).real) for s in (-1, 0, 1))
        return (here - left) / step, (right - here) / step, 2 * self.noise / step

    def central(self, moves, step):
        """Return a central difference along the moves."""
        value, zero = self.moved(moves), self.zero(moves)
        return float(finite_difference_gradient(value, zero, step=step))

    def extrapolated(self, moves):
        """Return a central difference without the error that grows as the step squared."""
        step = PRECISIONS[self.kind] ** 0.2 * self.scale(moves)
        far, near = self.central(moves, step), self.central(moves, step / 2)
        return near + (near - far) / 3, self.noise / step

    def moved(self, moves):
        """Return the loss as a function of how far the arrays are moved."""
        return lambda distance: self.loss(self.arrays, moves, distance)[0]

    def zero(self, moves):
        """Return where that function is differentiated, in the precision of the arrays."""
        return np.zeros((), np.result_type(*(self.arrays[path] for path in moves)))

    def scale(self, moves):
        """Return the size of the one entry that is moved, if above 1; a direction holds its own."""
        entries = [
            abs(float(self.arrays[path][move]))
            for path, move in moves.items()
            if isinstance(move, tuple)
        ]
        return max([1.0, *entries])


def random_direction(array, rng, where=None):
    """Draw a direction that hides no entry: signs at random, sizes from ½ to 1½ of the entry's.

    The more entries there are, the less each is moved, lest the sums of the loss are moved far.
    ``where`` marks the entries to be moved; all if omitted.
    """
    signs = rng.choice([-1.0, 1.0], array.shape)
    sizes = rng.uniform(0.5, 1.5, array.shape) * np.maximum(1, np.abs(array.astype(float)))
    if where is None:
        return signs * sizes / array.size**0.25
    return signs * sizes * where / np.count_nonzero(where) ** 0.25


def choose_slopes(loss, arrays, rng):
    """Find out in which way, and how exactly, the loss can be differentiated at ``arrays``.

    Raises
    ------
    TypeError, ValueError
        If the loss returns anything but one finite real number there. What the loss itself raises
        passes, with a note.
    """
    value, kind = loss(arrays)
    if np.iscomplexobj(value):
        raise TypeError("loss: expected a real number, got a complex one")
    if not np.isfinite(value):
        raise ValueError(f"loss: expected a finite number, got {value}")
    if not loss.repeats(arrays, value):
        return Slopes(loss, arrays, value, kind, method=NONE)
    slopes = _promoted(Slopes(loss, arrays, value, kind))
    groups = np.array_split(np.array(list(arrays), object), min(len(arrays), PROBES))
    probes = [{path: random_direction(arrays[path], rng) for path in group} for group in groups]
    slopes = _with_noise(slopes, probes)
    why = _why_no_complex_step(slopes, probes)
    return replace(slopes, method=COMPLEX) if why is None else without_complex_step(slopes, why)


def without_complex_step(slopes, why):
    """Return central differences, with a note that says why."""
    return replace(
        slopes, method=CENTRAL, notes=(*slopes.notes, f"Why not the complex step: {why}.")
    )


def _complex(value, zero):
    step = 1e-20 if zero.dtype.itemsize <= 4 else 1e-30  # a complex64 ends at 1e-38
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the real evaluations show the reader's own
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        return float(complex_step_gradient(value, zero, step=step))


def _promoted(slopes):
    """Return slopes in float64 if the loss takes it so and has the same value there."""
    loss, given, value, kind = slopes.loss, slopes.arrays, slopes.value, slopes.kind
    wide = {path: a.astype(np.result_type(a, np.float64)) for path, a in given.items()}
    if all(wide[path].dtype == a.dtype for path, a in given.items()):
        return slopes
    coarse = max([kind, *map(precision, given.values())], key=PRECISIONS.get)
    slopes = replace(slopes, kind=coarse)
    try:
        found, kind = loss(wide)
    except Exception as error:
        return replace(slopes, notes=(f"The loss takes no float64: {short(error)}.",))
    if not abs(found - value) <= PRECISIONS[coarse] ** 0.5 * abs(value):
        text = f"In float64 the loss is {found:.6g}, in {coarse} {value:.6g}: the latter is used."
        return replace(slopes, notes=(text,))
    if PRECISIONS[kind] < PRECISIONS[coarse]:
        text = f"The loss was evaluated in {kind}, where it has the value that it has in {coarse}."
        slopes = replace(slopes, kind=kind, notes=(text,))
    return replace(slopes, arrays=wide, value=found)


def _with_noise(slopes, probes):
    """Measure how the loss rounds: a cast inside may be coarser than the arrays."""
    if slopes.kind == "float64" and not _shows(slopes, probes, 1e-9):
        slopes = replace(slopes, kind="float32")
    if slopes.kind == "float32" and not _shows(slopes, probes, 1e-3):
        slopes = replace(slopes, kind="bfloat16")
    eps, value = PRECISIONS[slopes.kind], float(slopes.value)
    noises = [16 * eps * abs(value)]
    for moves in probes:
        left, right = (float(slopes.moved(moves)(s * 8 * eps)) for s in (-1, 1))
        noises.append(4 * abs(left + right - 2 * value))
    if slopes.kind in {"float32", "bfloat16"} and slopes.zero(probes[0]).dtype == np.float64:
        text = f"The loss takes float64 and rounds as {slopes.kind} does somewhere inside."
        slopes = replace(slopes, notes=(*slopes.notes, text))
    return replace(slopes, noise=max(noises))


def _shows(slopes, probes, step):
    """Tell whether a step too small for the next coarser dtype changes the loss as it should."""
    noise = 16 * PRECISIONS[slopes.kind] * abs(float(slopes.value)) / step
    if slopes.kind == "float64":  # only a cast makes all values numbers of float32
        values = [float(slopes.moved(m)(k * 1e-3).real) for m in probes for k in (-1, 1)]
        if len(set(values)) > 1 and all(float(np.float32(v)) == v for v in values):
            return False

    def agree(a, b):
        return not abs(a - b) > (abs(a) + abs(b)) / 4 + noise

    for moves in probes:
        near, next_to_it, far = (slopes.central(moves, step * k) for k in (1, 3, 30))
        if not far and abs(slopes.central(moves, 1e-3)) > noise:
            return False  # far too steep for the step not to show, were nothing cast
        smooth_nearby = near and agree(near, next_to_it)  # the far step may cross a kink
        if not agree(near, far) and not smooth_nearby:
            return False
    return True


def _why_no_complex_step(slopes, probes):
    """Say why the loss does not allow the complex step, or return None if it does."""
    eps, value = PRECISIONS[slopes.kind], slopes.value
    for moves in probes:
        try:
            found = _complex(slopes.moved(moves), slopes.zero(moves))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                real = slopes.moved(moves)(1e-30j).real
        except np.exceptions.ComplexWarning:
            return "the loss casts complex numbers to real ones"
        except Exception as error:
            if "the imaginary part is lost" in str(error):
                return "given complex numbers, the loss returns a real one"
            return f"given complex numbers, the loss raises {short(error)}"
        wanted, noise = slopes.extrapolated(moves)
        if not abs(found - wanted) <= eps**0.375 * (abs(found) + abs(wanted)) + noise:
            return (
                f"moving {' and '.join(moves)}, it gives the slope {found:.6g} and central "
                f"differences give {wanted:.6g}; something in the loss is not analytic, such as "
                "abs, or not smooth, such as max"
            )
        if not abs(real - value) <= eps**0.5 * (abs(value) + abs(found)):
            return f"given complex numbers, the loss has another real part, {real:.6g}"
    return None


def short(error):
    """Return the kind of an error and the beginning of its text."""
    text = str(error).strip().splitlines()
    return type(error).__name__ + (f": {text[0][:100].rstrip('.')}" if text else "")
