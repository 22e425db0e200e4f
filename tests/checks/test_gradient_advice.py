"""The gradient check's advice: never false, from evidence, and run where a problem is given."""

import io
import sys

import numpy as np
import pytest

from lstm_src import Params, backward, check_gradients, forward, init_params
from lstm_src.checks import progress
from lstm_src.checks.factors import is_clip
from lstm_src.placements.mistakes import MISTAKES, small_problem
from lstm_src.placements.mistakes.verdicts import PARAMETERS, gradient_check
from lstm_src.training import clip_by_norm, clip_by_value

RNG = np.random.default_rng
P = init_params(3, 4, RNG(0))
X, W = RNG(1).standard_normal((6, 2, 3)), RNG(2).standard_normal((6, 2, 4))
COUNTS = {"T": 6, "B": 2, "N": 12, "clip": 0.2}


def told(report):
    return " ".join(str(report).split())


def loss(p):
    return (forward(p, X.astype(p.b.dtype)).h * W).sum() / 12


GRADIENT = Params(*(a / 12 for a in backward(P, forward(P, X).tape, W).params))


def times(factor):
    return Params(*(factor * array for array in GRADIENT))


def advice_on(found, **options):
    report = check_gradients(loss, P, found, steps=6, **options)
    assert not report.right
    return told(report)


# One factor, and several


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (30, "30 = 5 · T"),
        (12, "12 = N = T · B."),
        (1 / 12, "12 = N = T · B."),
        (3, "3 = T / B."),
        (1 / 1024, "1024 = 2^10, as a loss scale is."),
        (1024, "1024 = 2^10, as a loss scale is."),
        (7.3, "None of the numbers in counts makes 7.3."),
    ],
)
def test_one_factor_is_said_once_and_named(factor, text):
    said = advice_on(times(factor), counts=COUNTS)
    assert text in said
    assert said.count("constant factor") == 1
    assert "one time step" not in said


def test_a_clipped_norm_is_named_by_its_bound():
    said = advice_on(clip_by_norm(GRADIENT, 0.2), counts=COUNTS)
    assert "The norm of the whole gradient is 0.2: it is clip = 0.2" in said
    assert "None of the numbers" not in said
    assert "clip = " not in advice_on(clip_by_norm(GRADIENT, 0.21), counts=COUNTS)
    assert "as after a clip by norm" in advice_on(clip_by_norm(GRADIENT, 0.1))


def test_numbers_are_asked_for():
    assert "Pass the numbers of your code, as counts=" in advice_on(times(30))
    assert "Pass the numbers" not in advice_on(times(30), counts=COUNTS)


@pytest.mark.parametrize(
    ("factor", "counts", "text"),
    [
        (12, {"normalizer": 12}, "12 = normalizer."),
        (9, {"T": 3, "B": 5}, "9 = T · T."),
        (7, {"workers": 1, "T": 5}, "None of the numbers in counts makes 7."),
        (24, {"B": 2, "T": 3, "D": 4}, "24 = B · T · D."),
        (16, {"T": 4, "B": 2}, "16 = T · T."),
        (64, {"T": 5}, "64 = 2^6, as a loss scale is."),
        (1.0001, {"T": 10000, "S": 10001}, "1.0001 = S / T."),
        (1 - 5e-7, {"T": 4}, "None of the numbers in counts makes 1.0000005."),
    ],
)
def test_counts_are_compared_with_their_squares_and_products(factor, counts, text):
    said = advice_on(times(factor), counts=counts)
    assert text in said
    assert "as a loss scale" not in said or factor == 64


def test_a_norm_that_is_a_count_is_no_clip():
    p = RNG(3).standard_normal((4, 4))
    found = check_gradients(lambda p: p.mean(), p, np.ones((4, 4)), counts={"T": 4, "B": 4})
    assert "T · B" in told(found)
    assert "clipped, or set" not in told(found)
    assert all(map(is_clip, ("clip", "max_norm", "gradClip", "limit")))
    assert not any(map(is_clip, ("normalizer", "norm_count", "T", "eclipse")))


def test_the_experiment_of_one_step_excludes_no_slope_that_a_zero_start_hides():
    """One step from a zero state does not show what multiplies the state before."""
    said = advice_on(Params(*(a + 0.1 * RNG(4).random(a.shape) for a in GRADIENT)))
    assert "W_h and its layout" in said.split("Right with one time step")[1].split("Right with")[0]


def test_an_update_has_its_sign_turned():
    assert "with its learning rate" in advice_on(times(-3e-4))
    assert "None of" not in advice_on(times(-1.0), counts=COUNTS)


def test_factors_that_differ_are_told_with_their_arrays():
    found = Params(30 * GRADIENT.W_x, 30 * GRADIENT.W_h, clip_by_value([30 * GRADIENT.b], 0.5)[0])
    said = advice_on(found, counts=COUNTS)
    assert (
        "W_x and W_h are off by a constant factor throughout: found = 30 × expected (5 · T" in said
    )
    assert "b is off by no constant factor." in said
    assert "Several entries of b stand at ±0.5" in said
    said = advice_on(GRADIENT._replace(W_h=6 * GRADIENT.W_h, b=2 * GRADIENT.b), counts=COUNTS)
    assert "W_h is off by a constant factor throughout: found = 6 × expected (T" in said
    assert "b is off by a constant factor throughout: found = 2 × expected (B" in said
    assert "W_x is right." in said


def test_a_zero_is_written_without_a_sign():
    said = advice_on(GRADIENT._replace(b=-0.0 * GRADIENT.b))
    assert "found 0, expected" in said
    assert "found / expected = -0" not in said


def test_an_exception_is_quoted_in_whole_words():
    def strict(p):
        if np.iscomplexobj(p.b):
            raise TypeError("these parameters must be real, and they are complex; " * 9)
        return loss(p)

    report = check_gradients(strict, P, GRADIENT, steps=6)
    quoted = told(report).split("Why not the complex step: ")[1]
    assert "TypeError: these parameters must be real" in quoted
    assert " … " in quoted


@pytest.mark.parametrize(
    ("counts", "error"),
    [([1], TypeError), ({"T": "6"}, ValueError), ({"T": 0}, ValueError), ({6: 6}, ValueError)],
)
def test_bad_counts_are_named(counts, error):
    with pytest.raises(error, match="counts: expected"):
        check_gradients(loss, P, GRADIENT, counts=counts)


# The catalogue: what each kind must find among what is said


KINDS = {
    "scaling": ("factor",),
    "carried": ("carried from step to step", "window"),
    "one step": ("a slope", "layout", "in another order", "constant factor"),
    "counting": ("mask", "padding counted"),
    "batches": ("micro-batch", "workers"),
    "loss": ("Right with one term of the loss", "does not multiply by the gradient it is given"),
    "left out": ("a term of the loss", "window", "= for +="),
    "state": ("overwritten while it is still read", "weights updated before it ends"),
    "bidirectional": ("a direction", "mask", "padding"),
    "nonlinear": ("clip", "norm", "float16", "decay"),
    "loss scale": ("loss scale",),
}

EXCLUDING = (
    "the mistake is in what is carried",
    "it is within a step",
    "nothing was carried yet",
    "and so is all that goes into",
)
"""What was said once, and was false for one kind or another."""


@pytest.mark.parametrize("one_step", [False, True])
@pytest.mark.parametrize("entry", MISTAKES.values(), ids=lambda entry: entry.name)
def test_the_advice_excludes_no_mistake_and_names_its_kind(entry, one_step):
    report = gradient_check(entry, one_step=one_step)
    said = told(report)
    assert not any(text in said for text in EXCLUDING)
    if report.right:
        assert "Look first" not in said
        assert "Run it" not in said
        assert "held_fixed" not in said
    else:
        assert any(text in said for text in KINDS[entry.kind])


def test_what_is_named_of_single_mistakes():
    def said(name):
        return told(gradient_check(MISTAKES[name]))

    assert "b is off by a constant factor throughout: found = expected / 2." in said(
        "bias_averaged"
    )
    assert "The norm of the whole gradient is 1" in said("unit_norm")
    assert "stand at ±0.5" in said("clamped_undivided")
    assert "W_h holds all the right numbers in another order" in said("gate_order_permuted")
    assert "digits lost on the way (float16" in said("flushed_float16")
    assert "padding counted" in said("padding_counted")
    assert "does not multiply by the gradient it is given" in said("incoming_ignored")
    assert "weights updated before it ends" in said("updated_at_every_step")
    assert "weights that were updated too early" in said("updated_at_every_step")
    assert "= for +=, weights updated before it ends" in said("one_share_kept")
    assert "an array that is overwritten while it is still read" in said("tape_overwritten")
    assert "a direction whose gradient is not added" in said("direction_forgotten")
    assert "a clip or a loss scale for each of them" in said("clipped_parts_added")
    assert "1024 = 2^10, as a loss scale is. One factor" in said("unscaled_twice")
    assert "left on, or undone twice" in said("unscaled_twice")


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        ({"clip": 0.5, "S": 1024}, "it is clip / S, as if S was divided by after the clip."),
        ({"S": 1024, "clip": 0.5, "N": 20}, "it is clip / S, as if S was divided by after"),
        ({"clip": 0.5, "S": 512}, None),
        ({"clip": 0.5, "norm_limit": 1024, "zero": 1e-9}, None),
    ],
)
def test_a_clip_before_a_division_is_named_by_both_numbers(counts, named):
    entry = MISTAKES["clipped_while_scaled"]
    problem, loss = small_problem(), entry.loss
    found = entry.gradients(problem, entry.scale)
    at = problem.values(*found)
    report = check_gradients(lambda v: loss(problem, v, entry.scale), at, found, counts=counts)
    said = told(report)
    assert (named or "None of the numbers in counts makes") in said
    assert ("after the clip" in said) == (named is not None)


# A problem that is run


def problem_of(entry):
    """Return the mistake as a problem of any size, its last sequence the long one."""

    def problem(steps, sequences):
        whole = small_problem().steps(0, steps)
        part = slice(2 - sequences, 2)
        cut = {name: getattr(whole, name)[:, part] for name in ("x", "mask", "target")}
        start = type(whole.start)(*(array[part] for array in whole.start))
        case = type(whole)(whole.params, start=start, **cut)
        found = entry.gradients(case, entry.scale)
        found = {name: found[name] for name in PARAMETERS}
        return (
            lambda values: entry.loss(case, values, entry.scale),
            case.values(*found),
            found,
        )

    return problem


def run(name):
    problem = problem_of(MISTAKES[name])
    arguments = problem(steps=17, sequences=2)
    return told(check_gradients(*arguments, steps=17, problem=problem))


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("never_carried", "right with one time step and wrong with one sequence, right with one"),
        ("every_step", "right with one time step and wrong with one sequence, right with one"),
        ("mask_forgotten", "right with one time step and right with one sequence"),
        ("mean_of_means", "right with one time step and right with one sequence"),
        ("last_micro_batch", "right with one sequence"),
        ("one_share_kept", "right with one time step and wrong with one sequence, right with one"),
        ("updated_at_every_step", "right with one time step and wrong with one sequence, right"),
        ("padding_first", "right with one time step and right with one sequence"),
        ("loss_scale_changed", "right with one sequence"),
        (
            "incoming_ignored",
            "wrong with one time step and wrong with one sequence, wrong with one",
        ),
        ("direction_forgotten", "wrong with one time step and wrong with one sequence, wrong with"),
        (
            "tape_overwritten",
            "wrong with one time step and wrong with one sequence, wrong with one",
        ),
        ("sum_of_means", "right with one sequence, right with one of each"),
        ("tanh_of_tanh", "wrong with one time step and wrong with one sequence, wrong with one"),
        ("decay_divided", "wrong with one time step and wrong with one sequence, wrong with one"),
    ],
)
def test_a_problem_is_run_and_what_was_seen_is_said(name, seen):
    said = run(name)
    assert "The problem was run: wrong with steps=17 and sequences=2;" in said
    assert seen in said
    already = seen.count("wrong") == 3 and "one constant factor" not in said
    assert ("It shows where there is one of each already" in said) == already
    assert "Run it again over one time step" not in said
    assert any(text in said for text in KINDS[MISTAKES[name].kind])


def test_a_problem_that_is_another_case_leads_to_no_conclusion():
    right = problem_of(MISTAKES["clipped_inside"])
    wrong = problem_of(MISTAKES["never_carried"])(steps=17, sequences=2)
    said = told(check_gradients(*wrong, steps=17, problem=right))
    assert "is not wrong but right: it is another case" in said
    assert "The problem was run" not in said


def test_a_problem_may_take_workers_alone():
    x = RNG(3).standard_normal((4, 3))

    def problem(workers):
        parts = np.array_split(x, workers)
        found = sum(2 * part.sum(0) / 12 for part in parts) / workers  # averaged once more
        return lambda p: (2 * x * p).sum() / 12, np.ones(3), found

    report = check_gradients(*problem(2), steps=3, problem=problem)
    assert "The problem was run: wrong with workers=2; right with one worker." in told(report)
    assert "a mean over workers" in told(report)
    right = check_gradients(*problem(1), steps=3, problem=problem)
    assert right.right
    assert "The problem was run" not in told(right)


def test_what_a_problem_raises_is_said():
    def problem(steps, sequences):
        if sequences == 1:
            raise ValueError("no single sequence")
        return loss, P, times(2)

    said = told(check_gradients(*problem(6, 2), steps=6, problem=problem))
    assert "ValueError: no single sequence with one sequence" in said
    assert "Whether one sequence would be right is open: that run told nothing." in said
    assert "at least one term at that size" in said


def test_runs_that_contradict_each_other_lead_to_no_conclusion():
    def problem(steps, sequences):  # another mistake at each size
        return loss, P, times(1 if (steps, sequences) == (1, 2) else 2)

    said = told(check_gradients(*problem(6, 2), steps=6, problem=problem))
    assert "right with one time step and wrong with one sequence, wrong with one of each" in said
    assert "do not go together" in said
    assert "look at" not in said


@pytest.mark.parametrize("sizes", [("steps", "windows"), ("windows",)])
def test_a_window_that_hides_a_mistake_is_named_and_not_the_step_in_it(sizes):
    """The state is cut at the border of a window: not in the loss."""

    def problem(steps=6, windows=2):
        x, at = RNG(3).standard_normal(steps), np.array(0.5)

        def states(w, cut):
            h, total = 0.0, 0.0
            for t in range(steps):
                h = w * (h.real if cut and t == steps // windows * (windows - 1) else h) + x[t]
                total = total + h
            return total

        found = states(at + 1e-30j, windows > 1).imag / 1e-30
        return lambda w: states(w, cut=False), at, np.array(found)

    def of(sizes):
        if sizes == ("windows",):
            return lambda windows: problem(windows=windows)
        return lambda steps, windows: problem(steps, windows)

    said = told(check_gradients(*problem(), steps=6, problem=of(sizes)))
    assert "It takes more than one window to see it: look at what crosses a window's border" in said
    assert "It takes more than one time step" not in said
    assert "hold it in the loss as well" in said


@pytest.mark.parametrize(
    ("problem", "text"),
    [(3, "problem: expected a callable"), (lambda size: 0, "problem: expected a parameter called")],
)
def test_a_bad_problem_is_named(problem, text):
    with pytest.raises(TypeError, match=text):
        check_gradients(loss, P, GRADIENT, problem=problem)


# Progress


class Terminal(io.StringIO):
    tty = True

    def isatty(self):
        return self.tty


@pytest.mark.parametrize("tty", [True, False])
@pytest.mark.parametrize("pace", [1e-6, 1.0])
def test_progress_is_shown_late_on_a_terminal_and_leaves_no_trace(monkeypatch, tty, pace):
    clock, screen = [0.0], Terminal()
    screen.tty = tty

    def monotonic():
        clock[0] += pace
        return clock[0]

    monkeypatch.setattr(progress.time, "monotonic", monotonic)
    monkeypatch.setattr(sys, "stderr", screen)
    check_gradients(loss, P, GRADIENT, steps=6)
    shown = screen.getvalue()
    assert bool(shown) == (tty and pace == 1.0)
    if shown:
        assert "evaluations of the loss" in shown
        assert shown.endswith("\r" + " " * 79 + "\r")


@pytest.mark.parametrize("extra", [(), ("sequences",), ("steps", "sequences")])
def test_how_micro_batches_become_one_gradient_comes_before_what_holds_them(extra):
    """A mean of means: with one step counts are equal, with one sequence there is one of them."""

    def made(steps=6, sequences=2, micro_batches=2):
        x = RNG(1).standard_normal((sequences, steps))
        lengths = [steps if b % 2 == 0 else max(1, steps // 2) for b in range(sequences)]
        rows = [x[b, :length] for b, length in enumerate(lengths)]
        parts = np.array_split(np.arange(sequences), micro_batches)
        means = [np.concatenate([rows[b] for b in part]).mean() for part in parts]
        return lambda w: w * np.concatenate(rows).mean(), np.array(0.5), np.array(np.mean(means))

    problems = {
        (): lambda micro_batches: made(micro_batches=micro_batches),
        ("sequences",): lambda sequences, micro_batches: made(6, sequences, micro_batches),
        ("steps", "sequences"): made,
    }
    said = told(check_gradients(*made(), steps=6, problem=problems[extra]))
    at = said.index("It takes more than one micro-batch to see it")
    assert "look first at the counts, masks and means over both" not in said
    assert "It takes more than one sequence" not in said
    assert at < said.find("It takes more than one time step") or "steps" not in extra


def test_a_problem_that_takes_anything_is_given_what_it_names_as_well():
    def problem(windows, **sizes):
        return loss, P, times(2 if windows > 1 else 1)

    said = told(check_gradients(*problem(2), steps=6, problem=problem))
    assert "It takes more than one window to see it" in said


def test_an_array_of_one_entry_is_not_said_to_have_no_factor():
    p = {"w": np.arange(1.0, 5), "bias": np.array([2.0]), "v": np.arange(1.0, 4)}

    def squares(q):
        return sum((a**2).sum() for a in q.values())

    found = {name: 2 * array for name, array in p.items()}
    for factor in (3, 7):
        wrong = {**found, "w": 3 * found["w"], "bias": factor * found["bias"]}
        said = told(check_gradients(squares, p, wrong, steps=3))
        assert "no constant factor" not in said
        assert ("w and bias are off by a constant factor" in said) == (factor == 3)


def test_one_factor_sends_nobody_to_a_slope():
    def problem(sequences):
        return loss, P, times(12)

    said = told(check_gradients(*problem(2), counts=COUNTS, problem=problem))
    assert "The problem was run" in said
    assert "a slope" not in said
    assert "with the scale in the place of that number" in said
