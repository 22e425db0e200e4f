"""Runs: one step and all steps, every right place for 1/N, settings and last figures."""

import dataclasses

import numpy as np
import pytest
from runs import TINY, bits, tiny

from lstm_src.checks.trees import tree_leaves, tree_map
from lstm_src.structures import GATES
from lstm_src.training import loss_and_gradients, squared_error
from lstm_src.training.runs import (
    DIVISIONS,
    begin_run,
    figures,
    gradients_of,
    micro_batches,
    run_settings,
    run_step,
    save_checkpoint,
    train,
)
from lstm_src.training.runs.problems import PROBLEMS

TASKS = sorted(TINY)


def drawn(settings):
    rng = np.random.default_rng(3)
    return PROBLEMS[settings.task].draw(settings.size, settings.batch, rng, settings.dtype)


# Where 1/N goes


def apart(task, divide, scale=1.0):
    """Return how far a place is from the token mean of the whole batch, relatively."""
    settings = tiny(task, dtype="float64", divide=divide, batch=5, parts=3, scale=scale)
    params, batch = begin_run(settings).params, drawn(settings)
    loss = PROBLEMS[task].loss
    mean = loss_and_gradients(
        params, batch.x, batch.target, mask=batch.mask, loss=loss, reduction="token mean"
    )
    found = gradients_of(settings)(params, batch, loss)
    one, other = ([np.ravel(a) for a in tree_leaves(t)] for t in (mean[:2], found))
    one, other = np.concatenate(one), np.concatenate(other)
    return abs(one - other).max() / abs(one).max()


@pytest.mark.parametrize("scale", [1.0, 1000.0])
@pytest.mark.parametrize("divide", DIVISIONS)
@pytest.mark.parametrize("task", TASKS)
def test_every_place_gives_the_token_mean(task, divide, scale):
    assert apart(task, divide, scale) < 1e-12


def test_a_place_that_averages_the_parts_is_noticed(monkeypatch):
    def mean_of_means(params, task, loss, settings):
        now = dict(DIVISIONS)["now"]
        found = [now(params, part, loss, settings) for part in micro_batches(task, settings.parts)]
        return tree_map(lambda *arrays: sum(arrays) / len(arrays), *found)

    from lstm_src.training.runs import run

    monkeypatch.setattr(run, "DIVISIONS", {"micro-batches": mean_of_means})
    assert apart("reber", "micro-batches") > 1e-3  # the strings differ in length
    assert apart("copy", "micro-batches") > 1e-3  # 5 sequences in 3 parts


def test_powers_of_two_change_no_bit():
    one = train(tiny("adding"))
    for divide in ("at-the-end", "now"):
        for scale in (1.0, 2.0**10, 2.0**-10):
            run = train(tiny("adding", divide=divide, scale=scale))
            assert bits(run.state, run.losses) == bits(one.state, one.losses)
    other = train(tiny("adding", scale=3.0))
    assert bits(other.state) != bits(one.state)
    three = train(tiny("adding", batch=3, parts=1, divide="at-the-end"))
    assert bits(three.state) != bits(train(tiny("adding", batch=3, parts=1)).state)


def test_micro_batches_hold_every_sequence_once():
    batch = drawn(tiny("reber", batch=7))
    parts = [*micro_batches(batch, 3)]
    assert [len(part.lengths) for part in parts] == [3, 2, 2]
    for whole, shares in zip(batch, zip(*parts, strict=True), strict=True):
        np.testing.assert_array_equal(whole, np.concatenate(shares, axis=-1))


@pytest.mark.parametrize(
    ("parts", "error", "said"),
    [
        (0, ValueError, "at least 1, got 0"),
        (8, ValueError, "at most the 7 sequences, got 8"),
        (2.5, TypeError, "an integer, got float"),
    ],
)
def test_parts_that_a_batch_cannot_have_are_refused_at_once(parts, error, said):
    with pytest.raises(error, match=f"^parts: expected {said}"):
        micro_batches(drawn(tiny("reber", batch=7)), parts)
    with pytest.raises(TypeError, match=r"^task: expected Task\(x, target, mask, lengths\)"):
        micro_batches(np.ones((3, 7)), 2)


# Steps


@pytest.mark.parametrize("task", TASKS)
def test_a_step_is_pure(task):
    settings = tiny(task)
    state = begin_run(settings)
    for array in tree_leaves(state[:1]):
        array.flags.writeable = False
    before = bits(state)
    once, again = run_step(settings, state), run_step(settings, state)
    assert bits(state) == before
    assert bits(*once[:1]) == bits(*again[:1]) != before
    assert once[1] == again[1]


@pytest.mark.parametrize("task", TASKS)
def test_a_run_is_its_steps_and_can_be_cut_anywhere(task):
    settings = tiny(task)
    whole = train(settings)
    assert len(whole.losses) == whole.state.steps == 8
    first = train(dataclasses.replace(settings, steps=3))
    rest = train(settings, first.state)
    losses = np.concatenate([first.losses, rest.losses])
    assert bits(rest.state, losses) == bits(whole.state, whole.losses)
    assert bits(train(tiny(task, seed=1)).state) != bits(whole.state)


def test_other_gradients_are_taken():
    settings = tiny("adding", clip=None, optimizer="sgd")

    def nothing(params, task, loss):
        return 7.0, tree_map(np.zeros_like, params)

    run = train(settings, gradients=nothing)
    assert run.losses.tolist() == [7.0] * 8
    assert bits(run.state)[0] == bits(begin_run(settings))[0]


@pytest.mark.parametrize("gradients", [0, {}, "now", np.zeros(0)])
def test_gradients_that_cannot_be_called_are_named(gradients):
    """Also what is false: it would be taken for none at all."""
    with pytest.raises(TypeError, match=r"^gradients: expected a callable, got "):
        train(tiny("adding"), gradients=gradients)


@pytest.mark.parametrize("found", [None, 1.0, (1.0, 2.0, 3.0)])
def test_gradients_that_return_something_else_are_named(found):
    with pytest.raises(
        TypeError, match=r"^gradients: expected a callable that returns a loss and "
    ):
        train(tiny("adding"), gradients=lambda *given: found)


@pytest.mark.parametrize("settings", [None, "adding", {"task": "adding"}])
def test_what_are_no_settings_is_named(settings, tmp_path):
    state = begin_run(tiny("adding"))
    for make in (
        lambda: begin_run(settings),
        lambda: run_step(settings, state),
        lambda: train(settings),
        lambda: figures(settings, state.params),
        lambda: gradients_of(settings),
        lambda: save_checkpoint(tmp_path / "run.npz", settings, state, []),
    ):
        with pytest.raises(TypeError, match=r"^settings: expected RunSettings, got "):
            make()


def test_the_clip_is_at_work_and_none_is_none():
    def lengths(clip):
        settings = tiny("adding", clip=clip, optimizer="sgd", lr=1.0, steps=1)
        moved = tree_map(np.subtract, train(settings).state.params, begin_run(settings).params)
        return np.sqrt(sum((array.astype(float) ** 2).sum() for array in tree_leaves(moved)))

    assert lengths(1e-3) == pytest.approx(1e-3, rel=1e-3)
    assert lengths(None) > 1e-2
    assert lengths(None) == pytest.approx(lengths(1e6), rel=1e-6)


def test_the_forget_bias_goes_on_the_forget_gate():
    one, other = (begin_run(tiny("adding", forget_bias=f)).params.lstm.b for f in (0.0, 2.0))
    by_gate = (other - one).reshape(4, -1)
    for gate, row in zip(GATES, by_gate, strict=True):
        np.testing.assert_allclose(row, 2.0 * (gate == "f"), atol=1e-6)


# The last figures


@pytest.mark.parametrize("task", TASKS)
def test_before_the_first_step_no_baseline_is_reached(task):
    settings = tiny(task)
    first = figures(settings, begin_run(settings).params)[0]
    assert first.value > min(first.beside.values())
    assert figures(settings, begin_run(settings).params)[0] == first


def test_the_figures_of_the_adding_problem_are_of_whole_squares():
    settings = tiny("adding", size=20)
    params = begin_run(settings).params
    (loss,) = {f.value for f in figures(settings, params) if "squared" in f.what}
    batch = PROBLEMS["adding"].draw(20, 4000, np.random.default_rng(5), "float32")
    half = loss_and_gradients(
        params, batch.x, batch.target, mask=batch.mask, loss=squared_error, reduction="token mean"
    ).loss
    assert loss == pytest.approx(2 * half, rel=0.1)


# Settings


@pytest.mark.parametrize(
    ("task", "change", "error", "said"),
    [
        ("sorting", {}, ValueError, "task: expected one of adding"),
        (3, {}, ValueError, "task: expected one of adding"),
        ("adding", {"optimizer": "lion"}, ValueError, "optimizer: expected one of adam"),
        ("adding", {"dtype": "float16"}, ValueError, "dtype: expected one of float32"),
        ("adding", {"divide": "never"}, ValueError, "divide: expected one of now"),
        ("adding", {"hidden": 0}, ValueError, "hidden: expected at least 1, got 0"),
        ("adding", {"steps": 2.0}, TypeError, "steps: expected an integer, got float"),
        ("adding", {"size": 1}, ValueError, "size: expected at least 2, got 1"),
        ("reber", {"size": 5}, ValueError, "size: expected None for reber, got 5"),
        ("copy", {"size": None}, TypeError, "size: expected an integer"),
        ("adding", {"seed": -1}, ValueError, "seed: expected at least 0"),
        ("adding", {"batch": 3}, ValueError, "parts: expected at most batch, 3, got 4"),
        ("adding", {"lr": 0}, ValueError, "lr: expected a number above 0, got 0"),
        ("adding", {"clip": -1.0}, ValueError, "clip: expected a number above 0"),
        ("adding", {"scale": "2"}, TypeError, "scale: expected a real number, got str"),
        ("adding", {"forget_bias": None}, TypeError, "forget_bias: expected a real number"),
        ("adding", {"momentum": 0.9}, TypeError, "momentum"),
    ],
)
def test_a_bad_setting_is_refused_by_name(task, change, error, said):
    with pytest.raises(error, match=said):
        run_settings(task, **change)


def test_settings_that_differ_are_named():
    one, other = tiny("copy"), tiny("copy", hidden=5, seed=2)
    assert one.differences(one) == []
    assert one.differences(other) == ["hidden: 5 (here 4)", "seed: 2 (here 0)"]
