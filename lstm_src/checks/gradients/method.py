"""How a loss is differentiated: by complex step where it allows that, and why not where not."""

from dataclasses import replace

import numpy as np

from lstm_src.checks.gradients.evaluation import short
from lstm_src.checks.gradients.noise import measure
from lstm_src.checks.gradients.slopes import CENTRAL, COMPLEX, Slopes, natural_sizes
from lstm_src.checks.precision import PRECISIONS, precision

CALLS = 8
"""How many times the difference of two calls may be that of others."""

PROBES = 16
"""Directions along which the methods are compared, if there are more arrays than that."""

GROUPS = 3
"""Groups of arrays along which the noise is measured."""


def choose_slopes(point, gradient, rng):
    """Find out in which way, and how exactly, a loss can be differentiated.

    Parameters
    ----------
    point : Point
    gradient : dict of str to ndarray
        The gradient under test: it tells of which size an array of zeros may be.
    rng : numpy.random.Generator

    Returns
    -------
    Slopes
    """
    arrays = point.arrays
    sizes = natural_sizes(arrays, gradient, point.value)
    noise = CALLS * point.jitter
    slopes = _promoted(Slopes(point.loss, arrays, point.value, point.kind, sizes, noise))
    groups = np.array_split(np.array(list(arrays), object), min(len(arrays), PROBES))
    probes = [{p: slopes.draw(p, rng, own=True) for p in group} for group in groups]
    slopes = _with_noise(slopes, rng)
    why = _why_no_complex_step(slopes, probes)
    return replace(slopes, method=COMPLEX) if why is None else without_complex_step(slopes, why)


def without_complex_step(slopes, why):
    """Return central differences, with a note that says why."""
    return replace(
        slopes, method=CENTRAL, notes=(*slopes.notes, f"Why not the complex step: {_ended(why)}")
    )


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
        return replace(slopes, notes=(f"The loss takes no float64: {_ended(short(error))}",))
    if not abs(found - value) <= PRECISIONS[coarse] ** 0.5 * abs(value):
        text = f"In float64 the loss is {found:.6g}, in {coarse} {value:.6g}: the latter is used."
        return replace(slopes, notes=(text,))
    if PRECISIONS[kind] < PRECISIONS[coarse]:
        text = f"The loss was evaluated in {kind}, where it has the value that it has in {coarse}."
        slopes = replace(slopes, kind=kind, notes=(text,))
    return replace(slopes, arrays=wide, value=found)


def _with_noise(slopes, rng):
    groups = np.array_split(np.array(list(slopes.arrays), object), min(len(slopes.arrays), GROUPS))
    lines = [
        tuple(slopes.line({p: slopes.draw(p, rng, own=True) for p in group}) for _ in range(2))
        for group in groups
    ]
    before = slopes.kind
    noise, kind = measure(lines, float(slopes.value), slopes.kind)
    slopes = replace(slopes, noise=max(noise, slopes.noise), kind=kind)
    wide = all(a.dtype == np.float64 for a in slopes.arrays.values())
    slopes = replace(slopes, cast=PRECISIONS[kind] > PRECISIONS[before])
    if kind in {"float32", "bfloat16"} and wide:
        text = (
            "The loss takes float64 and does not move with small steps: something inside rounds "
            f"as {kind} does, or is a staircase (a round, a straight-through estimator)."
        )
        slopes = replace(slopes, notes=(*slopes.notes, text))
    return slopes


def _why_no_complex_step(slopes, probes):
    """Say why the loss does not allow the complex step, or return None if it does."""
    value = float(slopes.value)
    for moves in probes:
        try:
            found, real = slopes.complex(moves)
        except np.exceptions.ComplexWarning:
            return "the loss casts complex numbers to real ones"
        except Exception as error:
            if "the imaginary part is lost" in str(error):
                return "given complex numbers, the loss returns a real one"
            return f"given complex numbers, the loss raises {short(error)}"
        if not np.isfinite(found):
            return f"given complex numbers, the loss has the slope {found}"
        if not abs(real - value) <= 1e-8 * (abs(value) + abs(found)) + slopes.noise:
            return f"given complex numbers, the loss has another real part, {real:.6g}"
        if not _borne_out(slopes, moves, found):
            wanted = slopes.closer(moves)
            return (
                f"moving {_some(moves)}, it gives the slope {found:.6g} and central "
                f"differences give {wanted.value:.6g}; something in the loss is not analytic, such "
                "as abs, or not smooth, such as max"
            )
    return None


def _borne_out(slopes, moves, found):
    """Tell whether differences leave room for a slope that the complex step found."""
    room = 1e-6 * abs(found)
    quick = slopes.at_step(moves, PRECISIONS[slopes.kind] ** 0.2)
    if abs(found - quick.value) <= room + quick.uncertain and quick.uncertain <= 1e-5 * abs(found):
        return True
    try:
        wanted = slopes.closer(moves, found, room)
    except ValueError:
        return True  # the differences tell nothing: the complex step decides
    if slopes.cast and wanted.uncertain > abs(found) / 16:
        return False  # what is cast may have lost its imaginary part
    return abs(found - wanted.value) <= room + 4 * wanted.uncertain


def _some(moves):
    return " and ".join(moves) if len(moves) <= 3 else f"{len(moves)} arrays"


def _ended(text):
    return text if text.endswith("…") else f"{text}."
