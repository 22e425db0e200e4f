"""What the weights of the single loss terms say of each mistake, and what takes two calls."""

from dataclasses import replace

import numpy as np
import pytest

from lstm_src import forward
from lstm_src.checks import audit_weights, check_gradients, compare_gradients, times
from lstm_src.placements.mistakes import MISTAKES, small_problem
from lstm_src.placements.mistakes.problem import pull
from lstm_src.placements.mistakes.verdicts import PARAMETERS, gradient_check
from lstm_src.placements.mistakes.weighing import AS_MEANT, asked, reading, weigh
from lstm_src.training.losses import squared_error

PROBLEM = small_problem()
ENTRIES = list(MISTAKES.values())
UNSEEN = [e for e in ENTRIES if e.shows.gradient and e.shows.one_step]
REWRITTEN = [e for e in ENTRIES if e.rewritten and e.name != "clipped_inside"]


def each(entries):
    return pytest.mark.parametrize("entry", entries, ids=lambda entry: entry.name)


# What is read


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.full(12, 1 / 12), AS_MEANT),
        (np.full(12, 2 / 12), "token mean × 2"),
        (np.array([5] * 2 + [1] * 10) / 20, "mean of sequence means"),
        (np.array([3] + [1] * 11) / 12, "token mean, but for 1 of 12 terms"),
        (np.arange(1.0, 13) ** 2, "no mean that has a name"),
        (np.zeros(12), "not known: zero everywhere"),
    ],
)
def test_the_words_are_those_of_the_report(weights, words):
    terms = np.random.default_rng(0).standard_normal((12, 40))
    report = audit_weights(weights @ terms, terms, {"sequence": [0] * 2 + [1] * 10}, "token mean")
    assert reading(report) == words


def test_what_is_left_over_is_said_before_any_mean():
    terms = np.random.default_rng(0).standard_normal((9, 40))
    gradient = terms.mean(axis=0) + 1
    assert reading(audit_weights(gradient, terms, mean="token mean")) == "left over"


def test_a_loss_that_weighs_nothing_weighs_zero_to_the_last_digit():
    report = weigh(MISTAKES["term_without_gradient"])
    assert report.factors["extra"] == pytest.approx(0, abs=1e-12)
    assert reading(report) == "0 × extra + 1 × main"
    assert reading(replace(report, factors={"a": -1e-17, "b": 2.5})) == "0 × a + 2.5 × b"


def solved(entry):
    """Return the weights that come closest, and the share of the gradient that is left over."""
    gradient, terms, _, _ = asked(entry)
    target = np.concatenate([array.ravel() for array in gradient.values()])
    columns = [np.concatenate([array.ravel() for array in term.values()]) for term in terms]
    weights = np.linalg.lstsq(np.stack(columns, axis=1), target)[0]
    left = target - np.stack(columns, axis=1) @ weights
    return weights, np.linalg.norm(left) / np.linalg.norm(target)


@each(ENTRIES)
def test_what_is_left_over_is_what_no_weights_make(entry):
    assert (solved(entry)[1] > 1e-6) == (entry.shows.weights == "left over")


@each([entry for entry in ENTRIES if entry.shows.weights not in (AS_MEANT, "left over")])
def test_a_gradient_check_accepts_what_is_weighed_otherwise_given_the_loss_that_is_so(entry):
    weights, _ = solved(entry)
    places = np.nonzero(PROBLEM.mask + ("padding" in entry.groups))
    found = {n: a for n, a in entry.gradients(PROBLEM, entry.scale).items() if n in PARAMETERS}

    def loss(values):
        at = PROBLEM.at(values)
        run = forward(at.params, at.x, at.start)
        terms = squared_error(run.h, at.target).terms[places]
        total = entry.scale * (weights[: len(terms)] * terms).sum()
        if entry.final_term:
            total += weights[-1] * entry.scale * (PROBLEM.ends * run.state.c**2).sum() / 2
        if entry.decay:
            total += weights[-1] * PROBLEM.decay * sum((a**2).sum() for a in at.params) / 2
        return total

    assert check_gradients(loss, PROBLEM.values(*found), found).right
    assert not gradient_check(entry).right


# Whose gradients the terms have


@each(REWRITTEN)
def test_terms_that_go_through_the_same_wrong_pass_hide_it(entry):
    """A linear pass makes of weighted cotangents a weighted sum: linear is not right."""
    said = reading(weigh(entry, own=True))
    assert said == ("not known" if entry.name == "last_dh_everywhere" else AS_MEANT)


def test_a_pass_that_is_not_linear_shows_even_so():
    assert reading(weigh(MISTAKES["clipped_inside"], own=True)) == "left over"


# What no check of a single call can see


def test_what_one_check_of_one_gradient_sees_the_other_sees_if_the_loss_is_the_one_meant():
    assert all(entry.shows.gradient == (entry.shows.weights == AS_MEANT) for entry in ENTRIES)


def test_five_mistakes_pass_every_check_of_one_gradient():
    assert [entry.name for entry in UNSEEN] == [
        "never_cleared",
        "carried_kept",
        "cotangent_scaled_in_place",
        "input_overwritten",
        "clipped_inside",
    ]
    assert all(entry.shows.audit != "once" for entry in UNSEEN)


@each(UNSEEN[:4])
def test_a_second_call_shows_what_is_kept(entry):
    gradients = entry.begin(PROBLEM)
    assert not compare_gradients(lambda call: gradients(0.5), ["first", "second"]).same
    right = replace(entry, code=right_code, remembers=False).begin(PROBLEM)
    assert compare_gradients(lambda call: right(0.5), ["first", "second"]).same

    second = entry.begin(PROBLEM)
    second(entry.scale)
    _, *asks = asked(entry)
    said = reading(audit_weights(second(entry.scale), *asks))
    assert said == {"never_cleared": "token mean × 2"}.get(entry.name, said) != AS_MEANT


def test_another_scale_shows_a_clip_that_was_idle():
    entry = UNSEEN[-1]
    assert reading(weigh(entry)) == AS_MEANT
    assert reading(weigh(replace(entry, scale=2.0**10))) == "left over"
    assert not gradient_check(replace(entry, scale=2.0**10)).right


def right_code(problem, scale):
    return times(scale, pull(problem, problem.weights).params)
