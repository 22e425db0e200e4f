"""Is the gradient right at all? `check_gradients` compares anyone's gradient with their loss.

It knows nothing of our LSTM, nor of a framework: the loss is a function of arrays.
"""

from typing import NamedTuple

import numpy as np

from lstm_src.reports import Report
from lstm_src.slopes import (
    CENTRAL,
    COMPLEX,
    NONE,
    PRECISIONS,
    choose_slopes,
    precision,
    random_direction,
)
from lstm_src.trees import as_numpy, named_arrays, named_leaves, rebuild_like
from lstm_src.validation import check_generator, check_size

TOLERANCES = {
    COMPLEX: {
        "longdouble": 1e-12,
        "float64": 1e-9,
        "float32": 1e-4,
        "float16": 5e-2,
        "bfloat16": 2e-1,
    },
    CENTRAL: {
        "longdouble": 1e-7,
        "float64": 1e-6,
        "float32": 2e-2,
        "float16": 2e-1,
        "bfloat16": 5e-1,
    },
}
"""How far a right gradient may be off, relative to the largest entry of its array.

The complex step adds no error of its own. Its rows leave room for the rounding of the backward pass
under test: long sums lose up to four digits of a dtype. They hold for the dtype of the gradient
under either method. Central differences keep about two thirds of the digits, a little less where
the loss bends sharply; their rows hold for the dtype in which the loss computes.
"""

DIRECTIONS = 4
"""Random directions for each array that is too large to be checked entry by entry."""

ENOUGH_STEPS = 3
"""Fewer time steps hide mistakes in what is carried from step to step."""

RIGHT, ZERO, UNKNOWN, WRONG = "right", "zero", "too small to tell", "wrong"


class GradientReport(NamedTuple):
    """What `check_gradients` found; as text by ``str()``, as a table in a notebook.

    ``right`` is the verdict. ``errors`` and ``verdicts`` hold, by the path of each array, its
    relative error and one of "right", "zero" (but for rounding), "too small to tell" and "wrong".
    ``worst`` is the path and the index of the entry that is most off, where ``found`` stands and
    ``expected`` should; the index is None for a mistake that only the whole array shows. ``method``
    is "complex step", "central differences" or "none". ``report`` is what is shown.
    """

    right: bool
    errors: dict
    verdicts: dict
    worst: tuple
    found: float
    expected: float
    method: str
    evaluations: int
    report: Report

    def __str__(self):
        """Return the whole report as plain text."""
        return str(self.report)

    def _repr_html_(self):
        return self.report._repr_html_()


class _Checked(NamedTuple):
    """One array: its gradient where it was looked at, beside what the loss says."""

    size: int
    indices: list
    found: np.ndarray
    expected: np.ndarray
    error: float
    verdict: str


def check_gradients(loss, params, gradients, *, steps=None, rng=None, most_evaluations=2000):
    """Compare a gradient with the loss that it should belong to.

    Parameters
    ----------
    loss : callable
        Maps a tree like ``params``, of NumPy arrays, to one number. It must return the same number
        when it is called again, so switch dropout off.
    params : array, or dict, list, tuple or named tuple of trees
        Where to differentiate: floating-point arrays of any framework. They are not changed.
    gradients : tree, or callable
        The gradient under test, with the paths and shapes of ``params``; or a function that maps a
        tree like ``params``, of NumPy arrays, to it.
    steps : int, optional
        The number of time steps that the loss runs over. Fewer than 3 hide mistakes in what is
        carried from step to step, and the report says so.
    rng : numpy.random.Generator, optional
        Source of the directions and of the sample; seeded with 0 if omitted.
    most_evaluations : int, optional
        Every entry is checked if that takes no more evaluations of the loss than this. Otherwise
        each array is checked along 4 random directions, each of which tells about all its entries,
        and in a random sample of entries.

    Returns
    -------
    GradientReport

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here, or if the loss or a gradient is not finite.

    Notes
    -----
    The complex step (Squire and Trapp 1998) is used if the loss allows it, central differences
    otherwise; the report says which, and why.

    A check sees only what it is shown. Check all parameters, and the inputs and initial state if
    something stands below; let the loss read every step, each with a cotangent of its own; use at
    least 3 time steps and 2 sequences.

    It cannot see that the loss itself is the wrong one, nor where 1/N stands beside clipping, nor
    anything that happens to the gradient later: see `audit_scaling` for the scale. Along directions
    a mistake is found if it is larger than the tolerance times the norm of its array's gradient. So
    among a million entries of like size, a single wrong one must be off by a millionth of itself
    under the complex step in float64, a thousandth under central differences, and by a tenth if
    the gradient is in float32.
    """
    arrays = named_arrays("params", params)
    for path, array in arrays.items():
        _check_entries(f"params: {path}", array)
    rebuild = rebuild_like("params", params, arrays)
    rng = np.random.default_rng(0) if rng is None else check_generator("rng", rng)
    steps = None if steps is None else check_size("steps", steps)
    most_evaluations = check_size("most_evaluations", most_evaluations)
    if not callable(loss):
        raise TypeError(f"loss: expected a callable, got {type(loss).__name__}")
    if callable(gradients):
        gradients = gradients(rebuild({path: a.copy() for path, a in arrays.items()}))
    found, kinds = _named_gradients(gradients, arrays)

    slopes = choose_slopes(loss, arrays, rebuild, rng)
    checked = {}
    if slopes.method != NONE:
        share = _entries_of_each(arrays, slopes, most_evaluations)
        zero = max(np.abs(a).max() for a in found.values())
        for path, gradient in found.items():
            checked[path] = _check_array(
                slopes, path, arrays[path], gradient, kinds[path], share, zero, rng
            )
    repeatable = slopes.method != NONE and slopes.repeatable()
    return _summary(checked, slopes, repeatable, steps)


def assert_gradients(loss, params, gradients, **options):
    """Raise unless `check_gradients` finds the gradient right.

    Parameters
    ----------
    loss, params, gradients, **options
        As for `check_gradients`. Fewer than 3 ``steps`` are not taken for a check.

    Raises
    ------
    AssertionError
        With the whole report.
    TypeError, ValueError
        As `check_gradients`.
    """
    report = check_gradients(loss, params, gradients, **options)
    steps = options.get("steps")
    if not report.right or (steps is not None and steps < ENOUGH_STEPS):
        raise AssertionError(str(report))


def _named_gradients(tree, arrays):
    leaves = named_leaves("gradients", tree)
    missing, extra = sorted(arrays.keys() - leaves.keys()), sorted(leaves.keys() - arrays.keys())
    if missing or extra:
        raise ValueError(
            f"gradients: expected the names of params, {', '.join(arrays)}, got {', '.join(leaves)}"
        )
    found = {path: as_numpy(f"gradients: {path}", leaves[path]) for path in arrays}
    for path, gradient in found.items():
        if gradient.shape != arrays[path].shape:
            raise ValueError(
                f"gradients: {path}: expected shape {arrays[path].shape}, got {gradient.shape}"
            )
        _check_entries(f"gradients: {path}", gradient)
    return found, {path: precision(leaves[path]) for path in arrays}


def _check_entries(name, array):
    if not array.size:
        raise ValueError(f"{name}: expected no empty axis, got shape {array.shape}")
    if not np.isfinite(array).all():
        index = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"{name}: expected finite numbers, got {array[index]} at index {list(index)}"
        )


def _entries_of_each(arrays, slopes, most_evaluations):
    """Return how many entries of each array are looked at; None stands for all."""
    each = 1 if slopes.method == COMPLEX else 2
    if each * sum(a.size for a in arrays.values()) <= most_evaluations:
        return None
    return max(1, most_evaluations // (each * len(arrays)) - DIRECTIONS)


def _check_array(slopes, path, array, gradient, kind, share, largest, rng):
    at = list(np.ndindex(array.shape))
    directions = []
    if share is not None and share < array.size:
        at = [at[k] for k in sorted(rng.choice(array.size, share, replace=False))]
        directions = [random_direction(array, rng) for _ in range(DIRECTIONS)]
    tolerance = max(
        TOLERANCES[COMPLEX][kind],
        TOLERANCES[slopes.method][slopes.precision],
    )
    expected, noise = np.array([slopes.along(path, index) for index in at]).T
    found = np.array([gradient[index] for index in at], np.float64)
    gap, top = np.abs(found - expected), max(np.abs(gradient).max(), np.abs(expected).max())
    rounding = 64 * PRECISIONS[kind] * largest
    wrong = gap > tolerance * top + noise
    unsure = gap > tolerance * top
    error = float(gap.max() / top) if top else 0.0
    for direction in directions:
        slope, uncertain = slopes.along(path, direction)
        gap_along = abs(float((gradient * direction).sum()) - slope)
        norm = max(np.linalg.norm(gradient * direction), abs(slope))
        error = max(error, float(gap_along / norm) if norm else 0.0)
        wrong = np.append(wrong, gap_along > tolerance * norm + uncertain)
        unsure = np.append(unsure, gap_along > tolerance * norm)
    if not unsure.any():
        verdict = RIGHT
    elif np.abs(gradient).max() <= rounding and (np.abs(expected) <= rounding + noise).all():
        verdict = ZERO
    else:
        verdict = WRONG if wrong.any() else UNKNOWN
    return _Checked(array.size, at, found, expected, error, verdict)


def _summary(checked, slopes, repeatable, steps):
    verdicts = {path: c.verdict for path, c in checked.items()}
    errors = {path: c.error for path, c in checked.items()}
    right = repeatable and set(verdicts.values()) <= {RIGHT, ZERO}
    worst, found, expected = None, np.nan, np.nan
    if checked:
        path = max(errors, key=errors.get)
        c = checked[path]
        k = int(np.argmax(np.abs(c.found - c.expected)))
        worst = path, tuple(int(i) for i in c.indices[k])
        found, expected = float(c.found[k]), float(c.expected[k])
    if not repeatable:
        verdict = "Not repeatable: the loss returns another number when it is called again."
    elif right:
        verdict = f"Right{'' if steps is None else f' at T = {steps}'}"
        if steps is not None and steps < ENOUGH_STEPS:
            verdict += ", which hides mistakes in what is carried: run again with T ≥ 3"
        verdict += "."
    elif WRONG in verdicts.values():
        verdict = f"Wrong: {', '.join(p for p, v in verdicts.items() if v == WRONG)}."
    else:
        verdict = f"Not known: {', '.join(p for p, v in verdicts.items() if v == UNKNOWN)}."
    headers = ("array", "relative error", "checked", "verdict")
    rows = tuple(
        (path, f"{c.error:.1e}", f"{len(c.indices)} of {c.size}", c.verdict)
        for path, c in checked.items()
    )
    advice = [f"Method: {slopes.method}, {slopes.evaluations()} evaluations of the loss."]
    advice += slopes.notes
    if worst is not None:
        advice.append(
            f"Worst entry: {worst[0]}{list(worst[1])}, found {found:.6g}, expected {expected:.6g}."
        )
    if steps is None:
        advice.append("How many time steps the loss runs over is not known here: pass steps=.")
    report = Report(verdict, headers, rows, tuple(advice))
    evaluations = slopes.evaluations()
    return GradientReport(
        right, errors, verdicts, worst, found, expected, slopes.method, evaluations, report
    )
