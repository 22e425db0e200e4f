"""What must not matter is compared: right code is the same, planted faults are named."""

import inspect
import sys
import textwrap
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from lstm_src import Params, assert_same_gradients, backward, forward, init_params
from lstm_src.checks import compare_gradients

rng = np.random.default_rng(0)
PARAMS = init_params(3, 4, rng)
LENGTHS = np.array([6, 2, 4, 1])
X, TARGET = rng.standard_normal((6, 4, 3)), rng.standard_normal((6, 4, 4))


def train_step(
    batch,
    *,
    workers=1,
    order=slice(None),
    padding=0,
    loss_scale=1.0,
    dtype=np.float64,
    wrong=None,
):
    """Return the gradients of the token mean, the work shared in one of many ways."""
    x, target, lengths = (array[..., order] for array in batch)
    x, target = (np.moveaxis(array, -1, 1) for array in (x, target))
    x, target = (np.pad(a, [(0, padding), (0, 0), (0, 0)]).astype(dtype) for a in (x, target))
    params = Params(*(array.astype(dtype) for array in PARAMS))
    ends = len(x) + 0 * lengths if wrong == "padding counts" else lengths
    mask = np.arange(len(x))[:, None] < ends
    total = mask.sum()
    found = []
    for part in np.array_split(np.arange(len(lengths)), workers):
        count = mask[:, part].sum() * workers if wrong == "mean of means" else total
        count = total / workers if wrong == "not averaged" else count
        run = forward(params, x[:, part])
        dh = (run.h - target[:, part]) * mask[:, part, None]
        dh = (dh * dtype(loss_scale) / dtype(count)).astype(dtype)
        found.append(backward(params, run.tape, dh).params)
    g = Params(*(sum(arrays) for arrays in zip(*found, strict=True)))
    return g if wrong == "scale left on" else Params(*(a / dtype(loss_scale) for a in g))


BATCH = (np.moveaxis(X, 1, -1), np.moveaxis(TARGET, 1, -1), LENGTHS)


def step_with(wrong=None, **fixed):
    return lambda chosen: train_step(BATCH, wrong=wrong, **fixed, **chosen)


CHANGES = {
    "workers": [{"workers": 1}, {"workers": 2}, {"workers": 4}],
    "order": [{}, {"order": [3, 1, 0, 2]}],
    "padding": [{}, {"padding": 1}, {"padding": 5}],
    "loss scale": [{}, {"loss_scale": 1024.0}, {"loss_scale": 1 / 3}],
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("change", CHANGES)
def test_right_code_is_the_same(change, dtype):
    assert assert_same_gradients(step_with(dtype=dtype), CHANGES[change]) is None


def independent(x, window, wrong):
    """Return gradients of steps that know nothing of each other, window by window."""
    zero = Params(PARAMS.W_x, 0 * PARAMS.W_h, PARAMS.b)
    total, state = 0, None
    for t in range(0, len(x), window):
        run = forward(zero, x[t : t + window], state if wrong else None)
        state = run.state
        dh = np.zeros_like(run.h)
        dh[0] = run.h[0]
        total = total + backward(zero, run.tape, dh).params.W_x
    return total


def test_where_nothing_is_carried_the_cut_does_not_matter():
    x = np.tile(X[:1], (4, 1, 1))

    def gradients(window, *, wrong=False):
        return independent(x, window, wrong) * window  # one read step a window

    assert_same_gradients(gradients, [1, 2, 4])
    with pytest.raises(AssertionError, match="Other gradients than at 4: at 1, 2"):
        assert_same_gradients(partial(gradients, wrong=True), [4, 1, 2])


@pytest.mark.parametrize(
    ("wrong", "change", "factor"),
    [
        ("not averaged", "workers", "2 times those at"),
        ("not averaged", "workers", "4 times those at"),
        ("mean of means", "workers", "no single factor"),
        ("padding counts", "padding", "no single factor"),
        ("scale left on", "loss scale", "1024 times those at"),
        ("scale left on", "loss scale", "1/3 times those at"),
    ],
)
def test_a_planted_fault_is_reported_with_its_factor(wrong, change, factor):
    with pytest.raises(AssertionError, match="Other gradients than at") as caught:
        assert_same_gradients(step_with(wrong), CHANGES[change])
    said = " ".join(str(caught.value).split())
    assert factor in said
    for name in Params._fields:
        assert f" {name} differs" in said


def test_a_clip_while_the_loss_scale_is_on_is_among_the_causes_of_one_factor():
    def gradients(loss_scale):
        g = np.array([3.0, 4.0]) * loss_scale
        return g / max(1, np.linalg.norm(g)) / loss_scale

    report = compare_gradients(gradients, [1, 1024])
    said = " ".join(str(report).split())
    assert "times those at" in said
    assert "a loss scale that was left on, or on at a clip" in said


def test_what_differs_is_reported_array_by_array():
    def gradients(workers):
        g = np.arange(1.0, 5)
        return {"w": g, "v": g * workers, "u": g**workers, "z": 0 * g}

    report = compare_gradients(gradients, [1, 2])
    found = report.comparisons["2"]
    assert {name: c.same for name, c in found.items()} == {
        "w": True,
        "v": False,
        "u": False,
        "z": True,
    }
    assert found["v"].factor == pytest.approx(2)
    assert found["u"].factor is None
    assert found["v"].difference == pytest.approx(0.5)
    assert not report.same
    assert "<table>" in report._repr_html_()
    assert "2: 2 of 4 gradients differ by no single factor" in " ".join(str(report).split())


def test_factors_that_differ_and_arrays_that_do_not_are_told_apart():
    g = np.arange(1.0, 5)
    said = str(compare_gradients(lambda n: [g * n, g * n * n], [1, 2]))
    assert "2 of 2 gradients differ by a factor each, not by one" in " ".join(said.split())
    said = " ".join(str(compare_gradients(lambda n: [g * n, g], [1, 3])).split())
    assert "1 of 2 gradients are 3 times those at 1, the others are the same" in said
    said = str(compare_gradients(lambda n: {"w": g * n}, [1, 0]))
    assert "w" in said
    assert "differs" in said


def test_right_code_gets_no_advice():
    report = compare_gradients(lambda n: np.ones(3), {"one": 1, "two": 2})
    assert report.same
    assert str(report).startswith("The same gradients in 2 settings: one (compared with), two.")
    assert report.report.advice == ()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("part", "same"), [(0.5, True), (2.0, False)])
def test_the_default_tolerance_is_half_the_digits(dtype, part, same):
    off = part * np.sqrt(np.finfo(dtype).eps)
    report = compare_gradients(lambda n: np.array([1 - n * off, 1], dtype), [0, 1])
    assert report.same == same


def test_a_tolerance_can_be_given():
    off = partial(np.full, 3)
    assert compare_gradients(off, [1.0, 1.01], tolerance=0.02).same
    assert not compare_gradients(off, [1.0, 1.01], tolerance=0.005).same


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e160, 1e300])
def test_the_size_does_not_matter(size):
    g = size * np.arange(1.0, 4)
    assert compare_gradients(lambda n: g, [1, 2]).same
    assert compare_gradients(lambda n: g * n, [1, 2]).comparisons["2"]["array"].factor == (
        pytest.approx(2)
    )


G = np.ones(3)


@pytest.mark.parametrize(
    ("gradients", "settings", "error", "text"),
    [
        (None, [1, 2], TypeError, "gradients: expected a callable, got NoneType"),
        (lambda n: G, [1], ValueError, "settings: expected at least two, got 1"),
        (lambda n: G, 2, TypeError, "settings: expected a sequence or a mapping, got int"),
        (lambda n: G, "ab", TypeError, "settings: expected a sequence or a mapping, got str"),
        (lambda n: 0 * G, [1, 2], ValueError, "got zeros in every setting"),
        (lambda n: G / (2 - n), [1, 2], ValueError, "array: expected finite numbers, got inf at 2"),
        (lambda n: G[:n], [1, 2], ValueError, r"expected shape \(1,\) as at 1, got \(2,\) at 2"),
        (lambda n: {n: G}, [1, 2], ValueError, "the names at 1 also at 2, differing: 1, 2"),
        (lambda n: {"w": None}, [1, 2], TypeError, "w: expected an array, got None"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_what_cannot_be_compared_is_refused(gradients, settings, error, text):
    with pytest.raises(error, match=text):
        compare_gradients(gradients, settings)


def test_a_negative_tolerance_is_refused():
    with pytest.raises(ValueError, match="tolerance: expected a number of at least 0, got -1"):
        compare_gradients(lambda n: G, [1, 2], tolerance=-1)


def test_an_exception_passes_with_its_setting():
    with pytest.raises(ZeroDivisionError) as caught:
        compare_gradients(lambda n: G * (1 / n), [1, 0])
    assert caught.value.__notes__ == ["compare_gradients called gradients at 0"]


def test_equal_settings_are_two_calls():
    calls = iter((G, 2 * G))
    report = compare_gradients(lambda n: next(calls), [1, 1])
    assert not report.same
    assert list(report.comparisons) == ["1 (call 2)"]


def documented():
    """Return the example that the documentation shows, as source."""
    text = inspect.getdoc(assert_same_gradients).split("::\n", 1)[1]
    return textwrap.dedent(text).strip()


@pytest.mark.parametrize(("wrong", "fails"), [(None, 0), ("padding counts", 1)])
def test_the_documented_example_runs_and_can_fail(tmp_path, monkeypatch, wrong, fails):
    def theirs(batch, micro_batches, padding, loss_scale):
        chosen = {"workers": micro_batches, "padding": padding, "loss_scale": loss_scale}
        return train_step(batch, wrong=wrong, **chosen)

    project = SimpleNamespace(batch=BATCH, train_step=theirs)
    monkeypatch.setitem(sys.modules, "my_project", project)
    found = {}
    exec(compile(documented(), "test_example.py", "exec"), found)
    test = found["test_what_must_not_matter_does_not"]
    (mark,) = test.pytestmark
    failed = 0
    for what in mark.args[1]:
        try:
            test(what)
        except AssertionError:
            failed += 1
    assert (len(mark.args[1]), failed) == (3, fails)
    assert len([line for line in documented().splitlines() if line.strip()]) <= 10


@pytest.mark.parametrize(
    ("dtype", "count"), [(np.float64, 3000), (np.float32, 3000), (np.float16, 50)]
)
def test_another_count_is_seen_however_near(dtype, count):
    entries = np.random.default_rng(0).standard_normal(40)
    report = compare_gradients(lambda n: (entries / n).astype(dtype), [count, count + 1])
    assert not report.same
    assert report.comparisons[str(count + 1)]["array"].factor == pytest.approx(
        count / (count + 1), rel=4 * float(np.finfo(dtype).eps)
    )
    assert " are 1 times " not in str(report)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sums_in_another_order_are_the_same(dtype):
    """200 sums, which are rounded one way or the other."""
    for seed in range(200):
        terms = np.random.default_rng(seed).standard_normal((1000, 5)).astype(dtype)
        assert_same_gradients(
            lambda parts, terms=terms: sum(p.sum(axis=0) for p in np.array_split(terms, parts)),
            [1, 3, 7],
        )


def test_what_may_be_rounding_is_not_known():
    logits = np.random.default_rng(1).standard_normal((8, 5))
    e = np.exp(logits)
    error = (e / e.sum(axis=1, keepdims=True) - np.eye(5)[np.arange(8) % 5]) / 8

    def gradients(parts):
        found = np.array_split(error, parts)
        shift = sum(part.sum() for part in found)
        return {"W": sum(part.sum(axis=0) for part in found), "shift": np.array([shift])}

    report = compare_gradients(gradients, [1, 2])
    assert report.same
    assert report.comparisons["2"]["shift"].verdict == "not known"
    with pytest.raises(AssertionError, match=r"may be\szero"):
        assert_same_gradients(gradients, [1, 2])
    assert_same_gradients(gradients, [1, 2], zero=["shift"])
    with pytest.raises(ValueError, match="zero: expected names of gradients, got bias"):
        assert_same_gradients(gradients, [1, 2], zero="bias")


def test_settings_with_one_name_are_all_compared():
    found = compare_gradients(lambda s: np.ones(3) * s, {1: 1, "1": 2, 2: 1})
    assert [*found.comparisons] == ["'1'", "2"]
    assert not found.same


def test_a_difference_of_an_epsilon_is_no_mean_of_means():
    gradient = np.random.default_rng(0).standard_normal(20)
    off = 1e-6 * np.random.default_rng(1).standard_normal(20)
    found = {"one": gradient, "two": gradient * (1 + off)}
    report = compare_gradients(found.get, ["one", "two"])
    said = " ".join(str(report).split())
    assert not report.same
    assert "the 1e-6 that PyTorch adds to the norm of a clip" in said
    assert "mean of means" not in said
    other = compare_gradients({**found, "two": gradient * (1 + 1e3 * off)}.get, ["one", "two"])
    assert "a mean of means" in str(other)
