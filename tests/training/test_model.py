"""The model: every gradient against the complex step, exact sums of parts, every bad argument."""

import math
from fractions import Fraction

import numpy as np
import pytest
from modelled import CLASS_WEIGHTS, H, K, V, apart, by_complex_step, everything, problem, run
from rewritten import rewritten

from lstm_src import State
from lstm_src.checks import check_gradients, complex_step_gradient, relative_errors
from lstm_src.checks.trees import tree_leaves, tree_map
from lstm_src.training import (
    IGNORED,
    ModelParams,
    StepLoss,
    clip_by_norm,
    cross_entropy,
    init_model,
    label_mask,
    loss_and_gradients,
    model_outputs,
    reduction_weights,
    squared_error,
)
from lstm_src.training.reductions import PADDING_COUNTED, PADDING_INCLUDED


@pytest.fixture
def at():
    return problem()


def difference(at, function=loss_and_gradients):
    """Return how far the gradients of the sequence mean are from the complex step."""
    options = {"mask": at.mask, "state": at.state, "reduction": "sequence mean"}
    found = function(at.params, at.x, at.labels, **options)
    by_sequence = at.mask / (at.mask.sum(axis=0) * 3)
    expected = by_complex_step(at, lambda terms: (by_sequence * terms).sum())
    return apart(everything(found), expected)


def test_all_gradients_are_those_of_the_loss(at):
    assert difference(at) <= 1e-14


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("np.add.at(dembedding, x, pulled.x)", "dembedding[x] += pulled.x"),
        ("dy_rows.sum(axis=0)", "dy_rows.mean(axis=0)"),
        ("h.reshape(len(dy_rows), -1).T", "np.abs(h).reshape(len(dy_rows), -1).T"),
        ("dy @ params.W_y.T", "cotangent @ params.W_y.T"),
        ("weights[..., None] * cotangent", "cotangent * weights.max()"),
        ("forward(params.lstm, inputs, state", "forward(params.lstm, inputs, None"),
        ("run.tape, dh, dstate)", "run.tape, dh, run.state)"),
    ],
)
def test_a_wrong_gradient_fails(at, old, new):
    if "inputs, None" in new:  # the comparison runs the shipped one, so this loss is another
        found = rewritten(loss_and_gradients, old, new)(
            at.params, at.x, at.labels, reduction="sum", mask=at.mask, state=at.state
        )
        assert found.loss != pytest.approx(run(at, "sum").loss, rel=1e-3)
        return
    assert difference(at, rewritten(loss_and_gradients, old, new)) > 1e-3


def test_the_outputs_are_those_whose_loss_is_taken(at):
    seen = []

    def keep(outputs, target, mask):
        seen.append(outputs)
        return cross_entropy(outputs, target, mask)

    state = at.state
    told = loss_and_gradients(
        at.params, at.x, at.labels, reduction="sum", mask=at.mask, state=state, loss=keep
    )
    outputs, after = model_outputs(at.params, at.x, state=state)
    assert np.array_equal(outputs, seen[0])
    assert np.array_equal(after.c, told.state.c)
    assert not np.array_equal(model_outputs(at.params, at.x)[0], outputs)
    with pytest.raises(ValueError, match="x: expected words from 0 to"):
        model_outputs(at.params, at.x + 1000)


def test_a_part_that_is_none_is_no_parameter(at):
    rng = np.random.default_rng(3)
    x, target = rng.standard_normal((2, *at.mask.shape, 2))
    params = at.params._replace(embedding=None, W_y=at.params.W_y[:, :2], b_y=at.params.b_y[:2])

    def run(p):
        x_, target_ = (a.astype(p.b_y.dtype) for a in (x, target))
        return loss_and_gradients(p, x_, target_, reduction="sum", loss=squared_error)

    found = run(params).gradients
    report = check_gradients(lambda p: run(p).loss, params, found, steps=len(x))
    assert report.right, report
    wrong = found._replace(b_y=2 * found.b_y)
    assert not check_gradients(lambda p: run(p).loss, params, wrong).right
    assert relative_errors(found, wrong) == {
        "lstm.W_x": 0,
        "lstm.W_h": 0,
        "lstm.b": 0,
        "W_y": 0,
        "b_y": 0.5,
    }
    assert clip_by_norm(found, 1.0).embedding is None
    with pytest.raises(TypeError, match="params: embedding: expected an array, got None"):
        check_gradients(lambda p: run(p).loss, params, found._replace(embedding=np.ones((1, 2))))
    with pytest.raises(TypeError, match="gradients: b_y: expected an array, got None"):
        check_gradients(lambda p: run(p).loss, params, found._replace(b_y=None))


def test_inputs_without_words_and_the_squared_error(at):
    rng = np.random.default_rng(3)
    x, target = rng.standard_normal((2, *at.mask.shape, 2))
    params = at.params._replace(embedding=None, W_y=at.params.W_y[:, :2], b_y=at.params.b_y[:2])
    options = {"reduction": "sequence mean", "loss": squared_error, "mask": at.mask}
    found = loss_and_gradients(params, x, target, **options)

    def loss(p):
        return loss_and_gradients(p, x.astype(complex), target.astype(complex), **options).loss

    assert found.gradients.embedding is None
    assert apart(found.gradients, complex_step_gradient(loss, params)) <= 1e-14


def test_the_scale_is_on_everything_but_what_comes_from_later(at):
    later = State(*np.ones((2, 3, H)))
    plain, scaled = run(at, "sum"), run(at, "sum", scale=Fraction(1, 4))
    assert scaled.loss == plain.loss / 4
    quarter = tree_map(lambda a: a / 4, everything(plain))
    assert apart(everything(scaled), quarter) == 0
    assert scaled.count == plain.count == 15
    both = everything(run(at, "sum", scale=0.25, dstate=later))
    alone = everything(run(at, "sum", scale=0, dstate=later))
    assert apart(both, tree_map(np.add, quarter, alone)) <= 1e-15
    assert abs(alone["params"].lstm.W_h).max() > 0.1


def test_a_fraction_is_as_exact_as_the_type():
    at = problem(dtype=np.longdouble)
    third, plain = run(at, "sum", scale=Fraction(1, 3)), run(at, "sum")
    assert abs(3 * third.loss / plain.loss - 1) <= 4 * np.finfo(np.longdouble).eps
    huge = Fraction(2**20, 2**21)
    half = problem(dtype=np.float16)
    assert run(half, "token mean", scale=huge).loss == run(half, "token mean").loss / 2


def test_what_stands_in_the_padding_changes_nothing(at):
    other = problem()
    other.x[~at.mask], other.labels[~at.mask] = 0, 77
    found, expected = run(other, "token mean"), run(at, "token mean")
    assert found.loss == expected.loss
    assert apart(found.gradients, expected.gradients) == 0


def test_an_ignored_label_counts_for_nothing(at):
    labels = at.labels.copy()
    labels[0, 0] = labels[2, 1] = IGNORED
    mask = at.mask & (labels != IGNORED)
    for reduction in ("sum", "token mean", "sequence mean"):
        found = run(at, reduction, mask=mask)
        at.labels, kept = labels, at.labels
        ignored = run(at, reduction)
        at.labels = kept
        assert ignored.count == found.count == 13
        assert ignored.loss == found.loss
        assert apart(ignored.gradients, found.gradients) == 0


def test_the_count_is_what_makes_the_sum_a_mean(at):
    for options in ({}, {"class_weights": CLASS_WEIGHTS}):
        total, mean = run(at, "sum", **options), run(at, "token mean", **options)
        assert total.loss / total.count == pytest.approx(mean.loss, rel=1e-14)
    assert total.count == CLASS_WEIGHTS[at.labels[at.mask]].sum()
    everywhere = run(at, "mean over all entries, padding included")
    assert everywhere.count == 21


def test_windows_that_hand_on_the_state_and_its_gradient_are_the_whole(at):
    weights = reduction_weights("sequence mean", at.mask)
    whole, cut = run(at, weights), 4
    first = {"mask": at.mask[:cut], "reduction": weights[:cut], "state": at.state}
    start = loss_and_gradients(at.params, at.x[:cut], at.labels[:cut], **first)
    rest = {"mask": at.mask[cut:], "reduction": weights[cut:], "state": start.state}
    last = loss_and_gradients(at.params, at.x[cut:], at.labels[cut:], **rest)
    again = {**first, "dstate": last.dstate}
    start = loss_and_gradients(at.params, at.x[:cut], at.labels[:cut], **again)
    assert start.loss + last.loss == pytest.approx(whole.loss, rel=1e-14)
    assert start.count + last.count == whole.count
    assert apart(tree_map(np.add, start.gradients, last.gradients), whole.gradients) <= 1e-14
    assert apart(start.dstate, whole.dstate) <= 1e-14
    np.testing.assert_allclose(last.state, whole.state, rtol=1e-13)


def fraction(value):
    return Fraction(float(value)).limit_denominator(16)


def test_over_fractions_sums_of_parts_are_exactly_the_whole(at):
    """A stand-in for tanh keeps the numbers rational; which one does not matter to a sum."""
    exactly = np.frompyfunc(fraction, 1, 1)
    params = tree_map(exactly, at.params._replace(W_y=at.params.W_y[:, :1], b_y=at.params.b_y[:1]))
    target = exactly(np.random.default_rng(1).standard_normal((*at.mask.shape, 1)))
    tanh = np.frompyfunc(lambda z: fraction(math.tanh(z)), 1, 1)

    def part(sequences, reduction, scale=1):
        return loss_and_gradients(
            params,
            at.x[:, sequences],
            target[:, sequences],
            mask=at.mask[:, sequences],
            loss=squared_error,
            reduction=reduction,
            scale=scale,
            tanh=tanh,
        )

    whole = part([0, 1, 2], "token mean")
    first, rest = part([0], "sum"), part([1, 2], "sum")
    count = first.count + rest.count
    assert count == 15
    assert (first.loss + rest.loss) / count == whole.loss
    added = tree_map(np.add, first.gradients, rest.gradients)
    for one, all_at_once in zip(tree_leaves(added), tree_leaves(whole.gradients), strict=True):
        assert (one / count == all_at_once).all()
    means = part([0], "token mean"), part([1, 2], "token mean")
    assert (means[0].loss + means[1].loss) / 2 != whole.loss  # the mean of means is another
    outputs, _ = model_outputs(params, at.x, tanh=tanh)
    error = squared_error(outputs, target, at.mask).terms
    assert error.sum() / count == whole.loss


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g"])
def test_every_type_gives_its_own(at, dtype):
    model = problem(dtype=dtype)
    found = run(model, "token mean", class_weights=CLASS_WEIGHTS)
    leaves = tree_leaves((found.loss, everything(found), found.state))
    assert {leaf.dtype for leaf in leaves} == {np.dtype(dtype)}
    wide = run(at, "token mean", class_weights=CLASS_WEIGHTS)
    room = 20 * max(np.finfo(dtype).eps, np.finfo(float).eps)
    assert apart(everything(found), everything(wide)) <= room


def test_drawn_parameters_have_the_shapes_and_bounds_that_are_stated():
    model = init_model(2, 9, 4, np.random.default_rng(0), words=6, dtype=np.float32)
    assert model.embedding.shape == (6, 2)
    assert model.W_y.shape == (9, 4)
    assert abs(model.W_y).max() <= 1 / 3
    assert not model.b_y.any()
    assert model.lstm.W_x.shape == (2, 36)
    assert {leaf.dtype for leaf in tree_leaves(model)} == {np.dtype(np.float32)}
    assert init_model(2, 9, 4, np.random.default_rng(0)).embedding is None


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"params": 1}, TypeError, r"params: expected ModelParams\(lstm, W_y, b_y, embedding\)"),
        ({"W_y": np.ones((H, K + 1))}, ValueError, r"params.W_y: expected shape \(3, 4\)"),
        ({"b_y": np.ones(K, "f4")}, TypeError, "params.b_y: expected dtype float64"),
        ({"embedding": np.ones((V, 3))}, ValueError, r"params.embedding: .* \(V, 2\)"),
        ({"embedding": None}, ValueError, r"x: expected shape \(T, B, 2\), got \(7, 3\)"),
        ({"x": np.ones((7, 3))}, TypeError, "x: expected an array of words, integers, got float64"),
        ({"x": np.ones(7, int)}, ValueError, r"x: expected shape \(T, B\)"),
        ({"x": np.full((7, 3), V)}, ValueError, "x: expected words from 0 to 4, got 5; padding"),
        ({"x": np.full((7, 3), -1)}, ValueError, "x: expected words from 0 to 4, got -1; padding"),
        ({"target": np.ones((7, 2), int)}, ValueError, r"target: expected shape \(7, 3\)"),
        ({"mask": np.ones((6, 3))}, ValueError, r"mask: expected shape \(7, 3\)"),
        ({"mask": np.zeros((7, 3))}, ValueError, "mask: .* got padding alone: its mean would be 0"),
        ({"reduction": "mean"}, ValueError, "reduction: expected one of sum, token mean"),
        ({"reduction": 0.5}, TypeError, "reduction: expected a name or an array of weights, got f"),
        ({"reduction": np.ones((7, 2))}, ValueError, r"reduction: expected shape \(7, 3\)"),
        ({"reduction": np.ones((7, 3), "f4")}, TypeError, "reduction: expected dtype float64"),
        ({"scale": "1"}, TypeError, "scale: expected a real number, got str"),
        ({"class_weights": [1.0] * K}, TypeError, r"class_weights: expected an array of shape \(K"),
        ({"class_weights": np.ones(1)}, ValueError, r"class_weights: expected shape \(4,\), got"),
        ({"class_weights": np.ones(K + 1)}, ValueError, r"class_weights: expected shape \(4,\), g"),
        ({"reduction": np.full((7, 3), np.inf)}, ValueError, "reduction: expected finite weights"),
        ({"scale": 1e308 * 100}, ValueError, "scale: expected a finite number, got inf"),
        ({"state": State(np.ones((3, 2)), np.ones((3, 2)))}, ValueError, "state.h: expected shape"),
    ],
)
def test_bad_arguments_are_named(at, change, error, text):
    given = {"params": at.params, "x": at.x, "target": at.labels, "mask": at.mask}
    given |= {"reduction": "token mean"}
    for name, value in change.items():
        if name in ModelParams._fields:
            given["params"] = at.params._replace(**{name: value})
        else:
            given[name] = value
    with pytest.raises(error, match=text):
        loss_and_gradients(**given)


def test_a_label_without_a_class_weight_is_named(at):
    at.labels[0, 0] = K
    with pytest.raises(ValueError, match=f"target: expected labels from 0 to {K - 1}, one for .*"):
        run(at, "sum", class_weights=CLASS_WEIGHTS)


def test_class_weights_beside_a_mean_with_padding_are_refused_whatever_is_ignored(at):
    at.labels[0, 0] = IGNORED
    for reduction in (PADDING_COUNTED, PADDING_INCLUDED):
        with pytest.raises(ValueError, match=f"class_weights: expected none with '{reduction}'"):
            run(at, reduction, class_weights=CLASS_WEIGHTS)


def made(terms=None, cotangent=None):
    """Return a loss that returns its own terms or cotangents, and else those of cross_entropy."""

    def loss(outputs, target, mask):
        right = cross_entropy(outputs, target, mask)
        return StepLoss(
            right.terms if terms is None else terms(right.terms),
            right.cotangent if cotangent is None else cotangent(right.cotangent),
        )

    return loss


@pytest.mark.parametrize(
    ("loss", "error", "text"),
    [
        (made(np.mean), TypeError, r"terms of shape \(7, 3\), got float64: a mean or a sum over"),
        (made(lambda a: a.mean(axis=0)), ValueError, r"loss: terms: expected shape \(7, 3\), got"),
        (made(lambda a: a[..., None]), ValueError, r"loss: terms: expected shape \(7, 3\), got"),
        (made(lambda a: a * np.nan), ValueError, r"loss: terms: expected no NaN, got NaN at"),
        (made(None, lambda a: a[..., :1]), ValueError, r"cotangent: expected shape \(7, 3, 4\)"),
        (made(None, lambda a: a.tolist()), TypeError, r"cotangent of shape \(7, 3, 4\), got list"),
        (
            made(None, np.float32),
            TypeError,
            r"loss: cotangent: expected dtype float64, got float32",
        ),
        (
            lambda *_: None,
            TypeError,
            r"loss: expected .* StepLoss\(terms, cotangent\), .* NoneType",
        ),
        (lambda *_: 0.5, TypeError, r"loss: expected .* one that returns float"),
        ("mse", TypeError, "loss: expected a callable, got str"),
    ],
)
def test_a_loss_that_returns_no_term_for_each_step_is_named(at, loss, error, text):
    with pytest.raises(error, match=text):
        run(at, "token mean", loss=loss)


def test_a_loss_may_leave_anything_where_nothing_counts(at):
    hidden = np.where(at.mask, 1.0, np.nan)
    loss = made(lambda a: a * hidden, lambda a: a * hidden[..., None])
    found, expected = run(at, "token mean", loss=loss), run(at, "token mean")
    assert found.loss == expected.loss
    assert apart(found.gradients, expected.gradients) == 0


@pytest.mark.parametrize("scale", [1e-6, 1e-9, 1e9])
def test_a_scale_that_the_type_does_not_hold_is_named(scale):
    with pytest.raises(ValueError, match=f"scale: expected .* of float16, got {scale}, which mak"):
        run(problem(dtype=np.float16), "token mean", scale=scale)


def test_a_scale_may_be_beyond_the_type_where_its_weights_are_not():
    """2¹⁶, the first loss scale of many programs, is no number of float16; a 15th of it is."""
    loss = made(lambda a: a / np.float16(64), lambda a: a / np.float16(64))
    at = problem(dtype=np.float16)
    found, expected = (run(at, "token mean", loss=loss, scale=s) for s in (2**16, 1024))
    assert found.loss == pytest.approx(64 * float(expected.loss), rel=0.01)
    assert apart(tree_map(lambda a: a / 64, found.gradients), expected.gradients) < 0.01


def test_another_ignored_label_is_said_by_the_mask(at):
    kept = at.labels != 0
    expected = run(at, "token mean", mask=at.mask & kept)
    found = run(at, "token mean", mask=label_mask(at.labels, at.mask, ignore_index=0))
    assert found.count == expected.count < run(at, "token mean").count
    assert found.loss == expected.loss


def test_class_weights_need_labels_and_a_named_reduction(at):
    weights = {"class_weights": CLASS_WEIGHTS}
    with pytest.raises(ValueError, match="class_weights: expected none beside weights of terms"):
        run(at, np.ones((7, 3)), **weights)
    at.labels = np.ones((7, 3, K))
    with pytest.raises(TypeError, match="class_weights: expected labels as target"):
        run(at, "sum", loss=squared_error, **weights)


def test_the_reduction_has_to_be_said(at):
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'reduction'"):
        loss_and_gradients(at.params, at.x, at.labels)


@pytest.mark.parametrize("change", [{"words": 0}, {"output_size": 0}, {"hidden_size": -1}])
def test_sizes_below_1_are_named(change):
    sizes = {"input_size": 2, "hidden_size": 3, "output_size": 4, "words": 5} | change
    with pytest.raises(ValueError, match=f"{next(iter(change))}: expected at least 1"):
        init_model(rng=np.random.default_rng(0), **sizes)
