"""Is the gradient right at all? `check_gradients` compares anyone's gradient with their loss.

It knows nothing of our LSTM, nor of a framework: the loss is a function of arrays.
"""

import numpy as np

from lstm_src.checks.gradients import verdicts
from lstm_src.checks.gradients.arguments import (
    call_gradients,
    take_counts,
    take_gradients,
    take_params,
    take_value,
)
from lstm_src.checks.gradients.evaluation import Loss, Point
from lstm_src.checks.gradients.experiments import check_problem, run_experiments
from lstm_src.checks.gradients.slopes import (
    NONE,
    Slopes,
)
from lstm_src.checks.gradients.summary import summary
from lstm_src.checks.gradients.whole import compare_gradient
from lstm_src.checks.gradients.words import (
    ENOUGH_STEPS,
    FADED,
    RIGHT,
    UNREAD,
    WRONG,
)
from lstm_src.checks.precision import PRECISIONS, SMALLEST
from lstm_src.checks.progress import Progress
from lstm_src.checks.trees import named_leaves
from lstm_src.validation import check_callable, check_generator, check_size

JITTER = 64
"""By how many of its last digits a loss may differ from call to call."""

EXTRA = 1000
"""How many evaluations the choice of the method, and closer looks, may take besides."""


def check_gradients(
    loss,
    params,
    gradients,
    *,
    steps=None,
    rng=None,
    most_evaluations=2000,
    counts=None,
    problem=None,
):
    """Compare a gradient with the loss that it should belong to.

    Parameters
    ----------
    loss : callable
        Maps a tree like ``params``, of NumPy arrays, to one number. It must return the same number
        when it is called again, so switch dropout off.
    params : array, or dict, list, tuple or named tuple of trees
        Where to differentiate: floating-point arrays of any framework. They are not changed. Where
        there is ``None``, there is no parameter, and the gradient has ``None`` as well.
    gradients : tree, or callable
        The gradient under test, with the paths and shapes of ``params``; or a function that maps a
        tree like ``params``, of NumPy arrays, to it. It is called twice, and must return the same.
    steps : int, optional
        The number of time steps that the loss runs over. Fewer than 3 hide mistakes in what is
        carried from step to step, and the report says so.
    rng : numpy.random.Generator, optional
        Source of the directions and of the sample; seeded with 0 if omitted.
    most_evaluations : int, optional
        Every entry is checked if that takes no more evaluations of the loss than this. Otherwise
        each array is checked along 4 random directions, each of which tells about all its entries,
        and in a random sample of entries, 64 of a large one; and if there are too many arrays even
        for that, several that contribute alike move together. At most 1,000 more evaluations are
        taken, to choose the method and to look closer at what seems wrong.
    counts : dict of str to number, optional
        Numbers of the training code by name, such as ``{"T": 6, "B": 2, "N": 12, "clip": 0.7}``. If
        the gradient is off by one factor, the report says which of them, or of their products and
        quotients, it is. With the word clip or limit in its name, or norm at its end, it is a
        clip's bound.
    problem : callable, optional
        ``problem(steps=..., sequences=...)`` returns ``(loss, params, gradients)`` for another
        size; it may take ``windows``, ``micro_batches`` and ``workers`` as well, and any of the
        five alone. Steps and sequences are those of all, which windows, micro-batches and workers
        share; one step is one window, one sequence one micro-batch and one worker. If the gradient
        is wrong, it is run with one and with several of each, and the report says where it is
        right.

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
    otherwise; the report says which, and why. Where the loss takes complex numbers, the complex
    step decides, but at kinks. Differences take steps of the array's own size, shorter ones where
    the loss is not finite, and of many lengths where one leaves doubt. Parameters in float32 are
    widened to float64 if the loss has the same value there. Errors are relative to the largest
    entry of their own array, and held against `TOLERANCES`: a mistake in entries that are smaller
    than that is not seen. For a loss that takes no complex numbers the order of the Taylor
    remainder stands beside a verdict that is not "right": 2 if the gradient is right, 1 if not.

    An array is called zero if the loss does not feel it, and nothing but rounding was found. One
    array under two names, as tied weights, may hold the gradient of both together. If a value is
    held fixed in the code, as by ``detach``, the loss must hold it as well: see `held_fixed`.

    From ten seconds on a line on a terminal's stderr tells how far the check is.

    A check sees only what it is shown. Check all parameters, and the inputs and the initial state
    if something stands below. Let the loss read every step, with a cotangent of its own at each.
    Use at least 3 time steps and 2 sequences.

    It cannot see that the loss itself is the wrong one, nor where 1/N stands beside clipping, nor
    anything that happens to the gradient later. `audit_scaling` looks at the scale.

    At a kink, as of ``abs`` or ``max``, any slope between those to the left and to the right counts
    as right. Near kinks, a loss that computes in float32 alone can have a right gradient called
    wrong or not known.

    Along a direction a mistake shows if it is larger than what is allowed times the norm of its
    array's gradient. Where a million entries are of like size, a single wrong one is found if it is
    off by a millionth of itself under the complex step in float64, by a thousandth under central
    differences in float64 (more if the loss is large beside its slopes), and by a tenth if the
    gradient is in float32.
    """
    arrays, rebuild = take_params(params, gradients)
    rng = np.random.default_rng(0) if rng is None else check_generator("rng", rng)
    steps = None if steps is None else check_size("steps", steps)
    most_evaluations = check_size("most_evaluations", most_evaluations)
    counts = take_counts(counts)
    switches = () if problem is None else check_problem(problem)
    check_callable("loss", loss)
    progress = Progress(most_evaluations + EXTRA)
    evaluated = Loss(loss, rebuild, most_evaluations + EXTRA, progress)
    try:
        value, kind = evaluated(arrays)
        value = take_value(value)
        remarks, unsteady = [], None
        if callable(gradients):
            found, kinds, changes, remarks = call_gradients(gradients, arrays, rebuild)
            unsteady = "gradient" if changes else None
        else:
            found, kinds = take_gradients(gradients, arrays)
        jitter = evaluated.jitter(arrays, value)
        if not jitter <= JITTER * PRECISIONS[kind] * abs(value):
            unsteady = "loss"
        elif jitter:
            remarks.append("The loss differs in its last digits from call to call.")
        if not unsteady and 0 < abs(value) < SMALLEST[kind]:
            unsteady = FADED
            remarks.append(verdicts.FEW_DIGITS.format(value=value, kind=kind))
        if unsteady:
            slopes = Slopes(evaluated, arrays, value, kind, {}, method=NONE)
            return summary({}, slopes, found, steps, counts, unsteady, remarks, None)
        with np.errstate(all="ignore"):  # the calls above show the reader's own warnings
            point = Point(evaluated, arrays, value, kind, jitter)
            leaves = {p: a for p, a in named_leaves("params", params).items() if p in arrays}
            slopes, checked, unread, seen = compare_gradient(
                point, leaves, found, kinds, counts, most_evaluations, rng
            )
        remarks += seen
        if unread and not any(c.verdict == RIGHT for c in checked.values()):
            return summary({}, slopes, found, steps, counts, UNREAD, [verdicts.DEAF], None)
        again = slopes.loss.jitter(slopes.arrays, slopes.value)
        if not again <= JITTER * PRECISIONS[kind] * abs(value):
            unsteady = "loss"
        told = None
        if problem is not None and any(c.verdict == WRONG for c in checked.values()):
            told = tuple(run_experiments(problem, switches, steps, _is_right))
        with np.errstate(all="ignore"):
            return summary(checked, slopes, found, steps, counts, unsteady, remarks, told)
    finally:
        progress.clear()


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


def _is_right(loss, params, gradients, steps=None):
    """Return whether a gradient is right, wrong (False) or not known (None)."""
    report = check_gradients(loss, params, gradients, steps=steps)
    if report.right:
        return True
    return False if WRONG in report.verdicts.values() else None
