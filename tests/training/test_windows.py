"""Windows of a batch: the value of the state is carried on, its cotangent is not."""

from functools import reduce
from types import SimpleNamespace

import numpy as np
import pytest
from modelled import CLASS_WEIGHTS, apart, problem, run

from lstm_src.checks import audit_weights, check_gradients, complex_step_gradient, held_fixed
from lstm_src.checks.scaling import audit_scaling
from lstm_src.checks.trees import tree_map
from lstm_src.structures import State
from lstm_src.training import (
    add_sums,
    divide_once,
    loss_and_gradients,
    reduction_weights,
    squared_error,
    sums_of,
    truncated_bptt,
)

LENGTHS, LENGTH = (12, 7), 5
"""Tokens of two sequences, and steps of a window: three windows of 5, 5 and 2 steps."""

TOKENS = (10, 7, 2)


def _problem():
    return problem(LENGTHS, seed=3)


def _windows(at, length=LENGTH, **options):
    given = {"mask": at.mask, "state": at.state} | options
    return [*truncated_bptt(at.params, at.x, at.labels, length=length, **given)]


def _mean(windows):
    """Return the mean of windows that are sums."""
    return divide_once(reduce(add_sums, map(sums_of, windows)))


def _cut(at, first):
    part = slice(first, first + LENGTH)
    return SimpleNamespace(
        params=at.params, x=at.x[part], labels=at.labels[part], mask=at.mask[part]
    )


def _in_windows(at, hold):
    """Return the loss summed over windows, each from a state that is held: written by hand."""
    total, state = 0, at.state
    for first in range(0, len(at.x), LENGTH):
        window = _cut(at, first)
        window.state = hold(state)
        result = run(window, "sum")
        total, state = total + result.loss, result.state
    return total


def _at(at, params):
    """Return the problem at parameters that may be complex."""
    start = State(*(array.astype(params.b_y.dtype) for array in at.state))
    return SimpleNamespace(**vars(at) | {"params": params, "state": start})


def _frozen(at):
    """Return the token mean as a function of the parameters, the carried states held fixed."""

    def loss(params, hold):
        def held(state):
            return State(*(array.astype(params.b_y.dtype) for array in hold(State(*state))))

        return _in_windows(_at(at, params), held) / at.mask.sum()

    return held_fixed(loss, at.params)


def _plain(at):
    """Return the token mean of the whole as a function of the parameters."""

    return lambda params: run(_at(at, params), "token mean").loss


def _whole_gradient(at):
    return run(at, "token mean").gradients


def _reset(at):
    """Start each window but the first from zeros."""
    zeros = tree_map(np.zeros_like, at.state)
    parts = [_cut(at, first) for first in range(0, len(at.x), LENGTH)]
    for k, part in enumerate(parts):
        part.state = zeros if k else at.state
    return _mean(run(part, "sum") for part in parts)[1]


def _divided_by_full_length(at):
    """Divide each window's sum by the entries of a full one, and average the windows."""
    shares = [tree_map(lambda g: g / (LENGTH * 2) / 3, w.gradients) for w in _windows(at)]
    return reduce(lambda a, b: tree_map(np.add, a, b), shares)


def _own_means(at):
    """Return the mean of the windows' own token means."""
    shares = [divide_once(sums_of(window))[1] for window in _windows(at)]
    return tree_map(lambda *g: sum(g) / len(shares), *shares)


def test_the_windows_lose_nothing_of_the_loss():
    at = _problem()
    windows, whole = _windows(at), run(at, "sum")
    assert [window.count for window in windows] == list(TOKENS)
    assert sum(window.loss for window in windows) == pytest.approx(whole.loss, rel=1e-14)
    assert apart(windows[-1].state, whole.state) == 0


@pytest.mark.parametrize("length", [12, 40])
def test_one_window_is_the_whole(length):
    at = _problem()
    (only,) = _windows(at, length)
    whole = run(at, "sum")
    assert only.loss == whole.loss
    assert apart(only.gradients, whole.gradients) == apart(only.dstate, whole.dstate) == 0


@pytest.mark.parametrize("length", [1, 3, 5, 11])
def test_the_cotangents_that_are_dropped_are_what_is_missing(length):
    at = _problem()
    parts = [slice(t, t + length) for t in range(0, 12, length)]
    dropped, found = None, None
    starts = [at.state, *(window.state for window in _windows(at, length))]
    for part, start in reversed([*zip(parts, starts, strict=False)]):
        result = loss_and_gradients(
            at.params, at.x[part], at.labels[part], reduction="sum", mask=at.mask[part],
            state=start, dstate=dropped,
        )  # fmt: skip
        dropped = result.dstate
        found = result.gradients if found is None else tree_map(np.add, found, result.gradients)
    whole = run(at, "sum")
    assert apart(found, whole.gradients) < 1e-14
    cut = reduce(add_sums, map(sums_of, _windows(at, length))).gradients
    assert apart(cut, whole.gradients) > 1e-3


def test_they_are_the_gradient_of_the_loss_with_the_states_held():
    at = _problem()
    found = _mean(_windows(at))[1]
    assert apart(found, complex_step_gradient(_frozen(at), at.params)) < 1e-13
    assert check_gradients(_frozen(at), at.params, found, steps=12).right
    assert not check_gradients(_plain(at), at.params, found, steps=12).right


@pytest.mark.parametrize("fault", [_whole_gradient, _reset, _divided_by_full_length, _own_means])
def test_a_check_against_that_loss_sees_what_is_wrong(fault):
    at = _problem()
    report = check_gradients(_frozen(at), at.params, fault(at), steps=12)
    assert "wrong" in report.verdicts.values()


def test_without_a_detach_the_gradient_is_that_of_the_whole():
    at = _problem()
    assert check_gradients(_plain(at), at.params, _whole_gradient(at), steps=12).right


def _terms(at):
    """Return the gradients of all tokens' terms by windows, and their labels."""
    tokens = np.argwhere(at.mask)
    terms = []
    for t, b in tokens:
        only = np.zeros(at.mask.shape)
        only[t, b] = 1
        windows = _windows(at, reduction=only)
        terms.append(
            reduce(lambda a, w: tree_map(np.add, a, w.gradients), windows[1:], windows[0].gradients)
        )
    return terms, {"sequence": tokens[:, 1], "window": tokens[:, 0] // LENGTH}


@pytest.mark.parametrize(
    ("code", "name", "factor"),
    [
        (lambda at: _mean(_windows(at))[1], "token mean", 1),
        (_own_means, "mean of window means", 1),
        (_divided_by_full_length, "token mean", 19 / 30),
    ],
)
def test_an_audit_of_the_weights_names_the_mean(code, name, factor):
    at = _problem()
    terms, labels = _terms(at)
    report = audit_weights(code(at), terms, labels)
    assert report.mean == name
    assert report.factor == pytest.approx(factor, rel=1e-9)
    assert report.residual < 1e-10


@pytest.mark.parametrize("code", [_whole_gradient, _reset])
def test_what_no_weights_of_the_windows_terms_make_is_left_over(code):
    at = _problem()
    report = audit_weights(code(at), *_terms(at))
    assert report.residual > 1e-3


def test_the_weights_of_the_whole_are_cut_into_windows():
    at = _problem()
    weights = reduction_weights("sequence mean", at.mask)
    windows = _windows(at, reduction=weights)
    assert sum(w.loss for w in windows) == pytest.approx(run(at, "sequence mean").loss, rel=1e-14)
    total = reduce(lambda a, w: tree_map(np.add, a, w.gradients), windows[1:], windows[0].gradients)
    report = audit_weights(total, *_terms(at), mean="sequence mean")
    assert report.as_meant


def test_options_reach_every_window():
    at = _problem()
    plain, scaled = _windows(at), _windows(at, scale=0.25)
    for one, other in zip(plain, scaled, strict=True):
        assert apart(tree_map(lambda g: g / 4, one.gradients), other.gradients) == 0
    weighted = _windows(at, class_weights=CLASS_WEIGHTS)
    whole = run(at, "sum", class_weights=CLASS_WEIGHTS)
    assert sum(w.count for w in weighted) == pytest.approx(whole.count)
    assert sum(w.loss for w in weighted) == pytest.approx(whole.loss)


def test_targets_may_be_arrays_of_any_axes():
    at, rng = _problem(), np.random.default_rng(0)
    target = rng.standard_normal((12, 2, 4))
    windows = [*truncated_bptt(at.params, at.x, target, length=5, loss=squared_error)]
    whole = loss_and_gradients(at.params, at.x, target, loss=squared_error, reduction="sum")
    assert sum(window.loss for window in windows) == pytest.approx(whole.loss)


def test_every_term_is_scaled_once():
    at = _problem()

    def gradients(scale):
        return tree_map(lambda *g: sum(g), *(w.gradients for w in _windows(at, scale=scale)))

    assert audit_scaling(gradients).scaled_once


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"length": 0}, ValueError, "length: expected"),
        ({"length": 2.0}, TypeError, "length: expected"),
        ({"reduction": "token mean"}, ValueError, "reduction: expected 'sum' or an array .*'token"),
        ({"reduction": None}, TypeError, "reduction: expected a NumPy array, got NoneType"),
        ({"mask": np.ones((11, 2))}, ValueError, r"mask: expected 12 steps, as x has, got .*11, 2"),
        ({"x": [[1]]}, TypeError, "x: expected a NumPy array, got list"),
        ({"x": np.array(1)}, ValueError, "x: expected at least one step"),
        ({"x": np.zeros((0, 2), int)}, ValueError, r"x: expected at least one step, got .*\(0, 2"),
        ({"target": np.zeros((13, 2), int)}, ValueError, "target: expected 12 steps"),
    ],
)
def test_a_bad_argument_is_named_at_once(change, error, said):
    at = _problem()
    given = {"x": at.x, "target": at.labels, "length": LENGTH} | change
    with pytest.raises(error, match=said):
        truncated_bptt(at.params, **given)
