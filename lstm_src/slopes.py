"""Slopes of a loss that nothing is known about: by complex step where it allows that.

Everything is done to one number: how far one array is moved along a direction. So the functions of
`lstm_src.gradcheck` serve for one entry and for a whole array alike.
"""

import itertools
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lstm_src.gradcheck import complex_step_gradient, finite_difference_gradient

COMPLEX, CENTRAL, NONE = "complex step", "central differences", "none"


class Slopes(NamedTuple):
    """How a loss is differentiated.

    ``method`` is `COMPLEX`, `CENTRAL` or, for a loss that is not repeatable, `NONE`; ``precision``
    names the dtype whose rounding the loss shows; ``notes`` say what was chosen and why; ``along``
    maps the path of an array and a direction to the slope and to how much of it may be noise;
    ``evaluations`` tells how often the loss was evaluated so far; ``repeatable`` evaluates the loss
    once more and tells whether its value is the same.
    """

    method: str
    precision: str
    notes: tuple
    along: Callable
    evaluations: Callable
    repeatable: Callable


def random_direction(array, rng):
    """Draw a direction that hides no entry: signs at random, sizes from ½ to 1½ of the entry's."""
    signs = rng.choice([-1.0, 1.0], array.shape)
    sizes = rng.uniform(0.5, 1.5, array.shape) * np.maximum(1, np.abs(array))
    return signs * sizes / array.size**0.25


def choose_slopes(loss, arrays, rebuild, rng):
    """Find out in which way and how exactly a loss can be differentiated.

    Parameters
    ----------
    loss : callable
        Maps a tree to a number.
    arrays : dict of str to ndarray
        Where to differentiate.
    rebuild : callable
        Makes the tree from ``arrays``.
    rng : numpy.random.Generator
        Source of the directions along which the methods are compared.

    Returns
    -------
    Slopes

    Raises
    ------
    TypeError, ValueError
        If the loss returns anything but one finite real number at ``arrays``. What the loss itself
        raises passes, with a note on what was moved.
    """
    function = _Function(loss, rebuild, itertools.count())
    given, (value, kind) = arrays, function(arrays)
    if np.iscomplexobj(value):
        raise TypeError("loss: expected a real number, got a complex one")
    if not np.isfinite(value):
        raise ValueError(f"loss: expected a finite number, got {value}")

    def repeatable(first=value):
        return function(given)[0] == first

    if not repeatable():
        return Slopes(NONE, "", (), None, function.evaluations, repeatable)

    arrays, value, kind, notes = _promote(function, given, value, kind)
    eps = PRECISIONS[kind]
    directions = {path: random_direction(array, rng) for path, array in arrays.items()}
    coarse = {}
    for path, direction in directions.items():
        along = function.along(arrays, path, direction)
        coarse[path] = _central(along, arrays[path], eps**0.2, extrapolate=True)
    if kind == "float64" and not all(
        _shows_float64(function.along(arrays, path, direction), value, coarse[path])
        for path, direction in directions.items()
    ):
        kind, eps = "float32", PRECISIONS["float32"]
        notes += ("The loss rounds as float32 does somewhere inside, though it takes float64.",)
    why = _why_no_complex_step(function, arrays, directions, coarse, value, eps)

    def along(path, direction):
        slope = function.along(arrays, path, direction)
        if why is None:
            return _complex(slope, arrays[path]), 0.0
        step = eps ** (1 / 3)
        if isinstance(direction, tuple):
            step = step * max(1.0, abs(float(arrays[path][direction])))
        return _central(slope, arrays[path], step), 16 * eps * abs(float(value)) / step

    if why is not None:
        notes += (f"The complex step was not used: {why}.",)
    method = COMPLEX if why is None else CENTRAL
    return Slopes(method, kind, notes, along, function.evaluations, repeatable)


PRECISIONS = {
    "bfloat16": 2.0**-7,
    **{np.dtype(t).name: float(np.finfo(t).eps) for t in "efd"},
    "longdouble": float(np.finfo(np.longdouble).eps),
}
"""Machine epsilon by name, the coarsest first."""


def precision(value):
    """Name the precision of an array or number of any framework; that of Python's is float64."""
    name = str(getattr(value, "dtype", "float64")).removeprefix("torch.")
    name = {"complex64": "float32", "complex128": "float64", "half": "float16"}.get(name, name)
    if name in PRECISIONS:
        return name
    wide = name in {"float128", "float96", "complex256", "complex192"}
    return "longdouble" if wide else "bfloat16" if "float8" in name else "float64"


def coarsest(names):
    """Return the coarsest of some precisions."""
    return max(names, key=PRECISIONS.get)


class _Function(NamedTuple):
    loss: Callable
    rebuild: Callable
    count: itertools.count

    def evaluations(self):
        return int(repr(self.count)[6:-1])

    def __call__(self, arrays, what="nothing"):
        next(self.count)
        try:
            value = self.loss(self.rebuild({path: a.copy() for path, a in arrays.items()}))
        except Exception as error:
            error.add_note(f"raised by the loss that is being checked, with {what} moved")
            raise
        return _number(value), precision(value)

    def along(self, arrays, path, direction):
        """Return the loss as a function of how far one array is moved along a direction."""

        def moved(distance):
            if np.iscomplexobj(distance):
                at = {p: a.astype(np.result_type(a, np.complex64)) for p, a in arrays.items()}
            else:
                at = dict(arrays)
            at[path] = at[path].copy()
            if isinstance(direction, tuple):
                at[path][direction] += distance
                what = f"{path}{list(direction)}" if direction else path
            else:
                at[path] += distance * direction
                what = f"{path}, along a random direction,"
            return self(at, f"{what} by {complex(distance):.3g}")[0]

        return moved


def _number(value):
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    array = np.array(value)
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    if array.dtype.kind not in "fciu":
        raise TypeError(f"loss: expected a number, got {type(value).__name__}")
    if array.size != 1:
        raise ValueError(f"loss: expected one number, got an array of shape {array.shape}")
    return array.reshape(())[()]


def _zero(array):
    return np.zeros((), array.dtype)


def _complex(slope, array):
    step = 1e-20 if array.dtype.itemsize <= 4 else 1e-30  # complex64 ends at 1e-38
    return float(complex_step_gradient(slope, _zero(array), step=step))


def _central(slope, array, step, *, extrapolate=False):
    at = _zero(array)
    found = float(finite_difference_gradient(slope, at, step=step))
    if extrapolate:  # Richardson: the error that grows with the square of the step drops out
        found += (float(finite_difference_gradient(slope, at, step=step / 2)) - found) * 4 / 3
    return found


def _promote(function, arrays, value, kind):
    """Return the arrays in float64 if the loss takes them so and its value stays the same."""
    given = coarsest([kind, *(precision(a) for a in arrays.values())])
    wide = {path: a.astype(np.result_type(a, np.float64)) for path, a in arrays.items()}
    if all(wide[path].dtype == a.dtype for path, a in arrays.items()):
        return arrays, value, given, ()
    try:
        found, kind = function(wide)
    except Exception as error:
        return arrays, value, given, (f"The loss takes no float64: {_short(error)}.",)
    if abs(found - value) <= PRECISIONS[given] ** 0.5 * abs(value):
        text = f"The loss was evaluated in float64, where it has the value that it has in {given}."
        return wide, found, kind, (text,) if kind == "float64" else ()
    text = f"In float64 the loss has another value, {found:.6g} in the place of {value:.6g}."
    return arrays, value, given, (text,)


def _shows_float64(along, value, coarse):
    """Tell whether a step below the spacing of float32 changes the loss as it should."""
    step = 1e-9
    fine = float(finite_difference_gradient(along, np.zeros(()), step=step))
    noise = 16 * PRECISIONS["float64"] * abs(float(value)) / step
    return abs(fine - coarse) <= 0.05 * (abs(fine) + abs(coarse)) + noise


def _why_no_complex_step(function, arrays, directions, coarse, value, eps):
    """Say why the loss does not allow the complex step, or return None if it does."""
    for path, direction in directions.items():
        along = function.along(arrays, path, direction)
        parts = []

        def slope(distance, along=along, parts=parts):
            parts.append(along(distance))
            return parts[-1]

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
                found = _complex(slope, arrays[path])
        except Exception as error:
            return f"on complex numbers, the loss raises {_short(error)}"
        noise = 16 * eps * abs(float(value)) / eps**0.2
        if not abs(found - coarse[path]) <= eps**0.375 * (abs(found) + abs(coarse[path])) + noise:
            return (
                f"along {path} it gives the slope {found:.6g}, and central differences give "
                f"{coarse[path]:.6g}, so something in the loss is not analytic, such as abs or max"
            )
        if not abs(parts[0].real - value) <= eps**0.5 * (abs(value) + abs(found)):
            return f"the real part of the loss changes from {value:.6g} to {parts[0].real:.6g}"
    return None


def _short(error):
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}" + (f": {text[0][:100]}" if text else "")
