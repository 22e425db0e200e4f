"""Do the gradients stay the same when what must not matter is changed? For code of any kind.

How many workers or micro-batches share the work, how the sequences are ordered, how long the
padding is, what the loss scale is, where a window is cut if nothing is carried: none of them is in
the loss, so none of them may be in its gradient.
"""

from collections.abc import Mapping

import numpy as np

from lstm_src.checks.invariance.arrays import DIFFERS, NOT_KNOWN, compared
from lstm_src.checks.invariance.report import InvarianceReport
from lstm_src.checks.leaves import as_numpy, returned
from lstm_src.checks.precision import PRECISIONS, precision
from lstm_src.checks.trees import named_leaves
from lstm_src.validation import check_at_least_zero, check_callable, check_names


def compare_gradients(gradients, settings, *, tolerance=None):
    """Compare the gradients in settings that must not matter.

    Parameters
    ----------
    gradients : callable
        ``gradients(setting)`` computes the gradients of one loss on the same data and parameters,
        as any tree of arrays: see `lstm_src.checks.trees.named_arrays`.
    settings : sequence, or mapping of str to object
        At least two: the first is what others are compared with. A mapping names them.
    tolerance : float, optional
        Largest relative difference that counts as the same; by default the square root of the
        rounding of the array's type, 1.5e-8 in float64, 3.5e-4 in float32. A smaller difference
        counts as well if it is one factor on all entries, as rounding never is: another count.

    Returns
    -------
    InvarianceReport

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two settings, if names or shapes differ between settings, if an
        array is no real floating-point array or not finite, or if all of them are zero. An
        exception of the callable passes, with a note on the setting at which it came.

    Notes
    -----
    An array that differs and is as small as the rounding of the whole gradient is not known: it may
    be zero, as the gradient of a bias that a softmax or a normalisation cancels.
    """
    check_callable("gradients", gradients)
    named = _named(settings)
    if tolerance is not None:
        check_at_least_zero("tolerance", tolerance)
    found, rounding = {}, {}
    for name, setting in named.items():
        found[name], kinds = _call(gradients, name, setting)
        rounding = {p: max(PRECISIONS[k], rounding.get(p, 0.0)) for p, k in kinds.items()}
    (reference, first), *others = found.items()
    for setting, arrays in others:
        _check_same(reference, first, setting, arrays)
    if not any(array.any() for arrays in found.values() for array in arrays.values()):
        raise ValueError("gradients: expected some that are not zero, got zeros in every setting")
    comparisons = {
        setting: compared(first, arrays, rounding, tolerance) for setting, arrays in others
    }
    return InvarianceReport(reference, comparisons)


def assert_same_gradients(gradients, settings, *, tolerance=None, zero=()):
    """Raise unless the gradients are the same in settings that must not matter: for a test suite.

    Parameters
    ----------
    gradients, settings, tolerance
        As for `compare_gradients`.
    zero : sequence of str, optional
        Names of gradients that may be zero but for rounding. Of others that look so nothing is
        known, and the assertion fails.

    Raises
    ------
    AssertionError
        With the whole report: what differs, array by array, and by which factor.
    TypeError, ValueError
        As `compare_gradients`, or if ``zero`` names no gradient.

    Examples
    --------
    In a test suite, with a ``train_step`` of your own that returns the gradients::

        import pytest
        from lstm_src.checks import assert_same_gradients
        from my_project import batch, train_step

        ONE_BATCH = {"micro_batches": 1, "padding": 0, "loss_scale": 1}


        @pytest.mark.parametrize("what", [{"micro_batches": 2}, {"padding": 3}, {"loss_scale": 64}])
        def test_what_must_not_matter_does_not(what):
            settings = {"one batch": ONE_BATCH, str(what): ONE_BATCH | what}
            assert_same_gradients(lambda chosen: train_step(batch, **chosen), settings)
    """
    report = compare_gradients(gradients, settings, tolerance=tolerance)
    names = {name for found in report.comparisons.values() for name in found}
    allowed = check_names("zero", zero)
    if unknown := allowed - names:
        raise ValueError(f"zero: expected names of gradients, got {', '.join(sorted(unknown))}")
    verdicts = {(n, c.verdict) for found in report.comparisons.values() for n, c in found.items()}
    if any(v == DIFFERS or (v == NOT_KNOWN and n not in allowed) for n, v in verdicts):
        raise AssertionError(str(report))


def _named(settings):
    if isinstance(settings, str) or not hasattr(settings, "__iter__"):
        raise TypeError(
            f"settings: expected a sequence or a mapping, got {type(settings).__name__}"
        )
    if isinstance(settings, Mapping):
        labels = [str(name) for name in settings]
        said = labels if len(set(labels)) == len(labels) else map(repr, settings)
        named = dict(zip(said, settings.values(), strict=True))
    else:
        named = {}
        for setting in settings:
            label = str(setting)
            named[label if label not in named else f"{label} (call {len(named) + 1})"] = setting
    if len(named) < 2:
        raise ValueError(f"settings: expected at least two, got {len(named)}")
    return named


def _call(gradients, name, setting):
    try:
        leaves = named_leaves("gradients", returned("gradients", gradients(setting)))
        arrays = {path: as_numpy(f"gradients: {path}", leaf) for path, leaf in leaves.items()}
    except Exception as error:
        error.add_note(f"compare_gradients called gradients at {name}")
        raise
    for path, array in arrays.items():
        if not np.isfinite(array).all():
            came = array[~np.isfinite(array)].flat[0]
            raise ValueError(f"gradients: {path}: expected finite numbers, got {came} at {name}")
    return arrays, {path: precision(leaf) for path, leaf in leaves.items()}


def _check_same(reference, first, setting, arrays):
    if arrays.keys() != first.keys():
        changed = ", ".join(sorted(arrays.keys() ^ first.keys()))
        raise ValueError(
            f"gradients: expected the names at {reference} also at {setting}, differing: {changed}"
        )
    for name, array in arrays.items():
        if array.shape != first[name].shape:
            raise ValueError(
                f"gradients: {name}: expected shape {first[name].shape} as at {reference}, "
                f"got {array.shape} at {setting}"
            )
