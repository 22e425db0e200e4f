"""Is the gradient right at all? `check_gradients` compares anyone's gradient with their loss.

It knows nothing of our LSTM, nor of a framework: the loss is a function of arrays.
"""

from dataclasses import dataclass

import numpy as np

from lstm_src.checks.gradients import advice as words
from lstm_src.checks.gradients.comparison import DIRECTIONS, WRONG, between_sides, compare
from lstm_src.checks.gradients.evaluation import Loss, precision
from lstm_src.checks.gradients.slopes import (
    CENTRAL,
    COMPLEX,
    NONE,
    choose_slopes,
    without_complex_step,
)
from lstm_src.checks.reports import Report
from lstm_src.checks.trees import as_numpy, named_arrays, named_leaves, rebuild_like
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
under test, where long sums lose digits: they hold for the dtype of the gradient, under either
method. Right gradients of our LSTM stay a hundred times below them in float32 and a hundred
thousand times in float64. Central differences keep about two thirds of the digits, fewer where the
loss bends sharply: their rows hold for the dtype in which the loss computes, and right gradients
stay thirty times below them. The larger of both is allowed.
"""


@dataclass(frozen=True, repr=False)
class GradientReport:
    """What `check_gradients` found; as text by ``str()``, as a table in a notebook.

    ``right`` is the verdict. ``errors`` and ``verdicts`` hold, by the path of each array, its
    relative error and one of "right", "zero" (but for rounding), "not known" and "wrong".
    ``worst`` is the path and the index of the entry that is most off, where ``found`` stands and
    ``expected`` should; None if nothing was compared. ``method`` is "complex step", "central
    differences" or, for a loss that is not repeatable, "none". ``report`` is what is shown.
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

    __repr__ = __str__

    def _repr_html_(self):
        return self.report._repr_html_()


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
        Every entry is checked if that takes no more evaluations of the loss than this. Otherwise,
        with at least 5 evaluations for each array, 10 under central differences,
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
    otherwise; the report says which, and why. Parameters in float32 are widened to float64 if the
    loss has the same value there. Errors are relative to the largest entry of an array, and held
    against `TOLERANCES`: a mistake in entries that are smaller than that is not seen.

    A check sees only what it is shown. Check all parameters, and the inputs and the initial state
    if something stands below. Let the loss read every step, with a cotangent of its own at each.
    Use at least 3 time steps and 2 sequences.

    It cannot see that the loss itself is the wrong one, nor where 1/N stands beside clipping, nor
    anything that happens to the gradient later. `audit_scaling` looks at the scale.

    At a kink, as of ``abs`` or ``max``, any slope between those to the left and to the right counts
    as right. Near kinks, a loss that computes in float32 alone can have a right gradient called
    wrong or not known: in one or two of a hundred small networks with ``max``.

    Along a direction a mistake shows if it is larger than what is allowed times the norm of its
    array's gradient. Where a million entries are of like size, a single wrong one is found if it is
    off by a millionth of itself under the complex step in float64, by a thousandth under central
    differences in float64 (more if the loss is large beside its slopes), and by a tenth if the
    gradient is in float32. Central differences in float32 find it only if it is twenty times too
    large.
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

    def tolerance(slopes, path):
        return max(TOLERANCES[COMPLEX][kinds[path]], TOLERANCES[slopes.method][slopes.kind])

    def check(slopes):
        largest = max(float(np.abs(gradient).max()) for gradient in found.values())
        each = 1 if slopes.method == COMPLEX else 2
        fits = each * sum(a.size for a in arrays.values()) <= most_evaluations
        share = most_evaluations // (each * len(arrays)) - DIRECTIONS
        share = max(a.size for a in arrays.values()) if fits else max(1, share)
        return {
            path: compare(
                slopes, path, gradient, kinds[path], tolerance(slopes, path), largest, share, rng
            )
            for path, gradient in found.items()
        }

    slopes = choose_slopes(Loss(loss, rebuild, [0]), arrays, rng)
    checked = {} if slopes.method == NONE else check(slopes)
    doubt = _doubt(slopes, checked)
    if doubt:
        slopes = without_complex_step(slopes, doubt)
        checked = check(slopes)
    repeatable = slopes.method != NONE and slopes.loss.repeats(slopes.arrays, slopes.value)
    return _report(checked, slopes, repeatable, steps)


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
    if not report.right or (steps is not None and steps < words.ENOUGH_STEPS):
        raise AssertionError(str(report))


def _named_gradients(tree, arrays):
    leaves = named_leaves("gradients", tree)
    if leaves.keys() != arrays.keys():
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


def _doubt(slopes, checked):
    """Say where the complex step contradicts differences that bear out the gradient under test."""
    wrong = {path: c for path, c in checked.items() if c.verdict == WRONG}
    for path, c in wrong.items() if slopes.method == COMPLEX else ():
        index, found, expected = c.worst()
        moves = {path: index}
        wanted, noise = slopes.extrapolated(moves)
        off, allowed = abs(found - wanted), c.tolerance * abs(wanted)
        kink = between_sides(slopes, moves, found, expected, allowed) is not None
        if not abs(expected - wanted) <= off + noise or kink:
            return f"at {path}{list(index)} the loss is not smooth, or not analytic"
    return None


def _report(checked, slopes, repeatable, steps):
    worst = None
    if checked:
        path = max(checked, key=lambda path: (checked[path].verdict == WRONG, checked[path].error))
        worst = path, *checked[path].worst()
    right, verdict = words.verdict(checked, repeatable, steps)
    advice = words.advice(checked, slopes, repeatable, steps, worst)
    return GradientReport(
        right,
        {path: c.error for path, c in checked.items()},
        {path: c.verdict for path, c in checked.items()},
        worst and worst[:2],
        worst[2] if worst else np.nan,
        worst[3] if worst else np.nan,
        slopes.method,
        slopes.loss.evaluations(),
        Report(verdict, words.HEADERS, words.rows(checked), advice),
    )
