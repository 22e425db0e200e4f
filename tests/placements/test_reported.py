"""The reports: each one's code comes to the number that was stated, and the mended code to 1."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from lstm_src.checks import assert_mean
from lstm_src.placements.reported import REPORTED, RankProblem, Reported, reading
from lstm_src.placements.reported.counts import (
    averaged_over_ranks_alone,
    mean_over,
    times_all_ranks,
)
from lstm_src.placements.reported.parts import every_round
from lstm_src.training.ranks import Ranks

BIBLIOGRAPHY = Path(__file__).parents[2] / "chapters/references.bib"
ALL = pytest.mark.parametrize("entry", REPORTED.values(), ids=REPORTED)

STATED = {  # as the sources state it: what came out, and what should have
    "own_count": (1 / 4, 1),
    "averaged_shares": (3.956, 15.825),
    "times_all_ranks": (47.88, 11.97),
    "by_the_generation_halved": (0.5, 1),
    "by_the_generation_quadrupled": (4, 1),
    "at_least_one": (4, 5),
    "thrown_away": (0, 1),
    "norm_of_a_shard": (1, 2),
    "reduced_again": (1.131371, 0.8),
    "first_expert_alone": (np.sqrt(2), np.sqrt(3)),
}
"""The reports with a number of their own; others name a factor such as W, N or M/N."""


@ALL
def test_the_code_comes_to_the_number_and_the_mended_code_to_1(entry):
    assert reading(entry) == pytest.approx(entry.number, rel=1e-6, abs=1e-12)
    assert reading(entry, entry.mended) == pytest.approx(1)
    assert abs(entry.number - 1) > 0.1


@pytest.mark.parametrize("name", STATED)
def test_a_number_is_that_of_the_source(name):
    found, right = STATED[name]
    assert REPORTED[name].number == pytest.approx(found / right, rel=1e-3)


def resized(name, **changes):
    return replace(REPORTED[name], **changes)


@pytest.mark.parametrize(
    ("entry", "factor"),
    [
        (resized("own_count", sizes={"context": 2}), 1 / 2),  # stated beside the other
        (resized("averaged_shares", sizes={"context": 8}), 1 / 8),
        (resized("counted_without_context", sizes={"data": 2, "context": 4}), 4),
        (resized("times_all_ranks", sizes={"data": 4, "tensor": 2}), 2),
        (resized("divided_in_the_log", lengths=(3, 2)), 5),
        (resized("averaged_over_ranks_alone", sizes={"data": 4, "rounds": 1}), 1 / 4),
        (resized("averaged_over_ranks_alone", sizes={"data": 1, "rounds": 4}), 1),
        (resized("local_sum_global_count", sizes={"data": 2}), 1 / 2),
        (resized("every_round", sizes={"rounds": 2}), 2),
        (resized("by_the_main_count", lengths=(4, 4)), 3 / 4),
        (resized("penalty_on_each", sizes={"data": 2}), 2),
        (resized("norm_of_a_shard", sizes={"shards": 16}), 1 / 4),
        (resized("reduced_again", sizes={"data": 4}), 2),
        (resized("first_expert_alone", sizes={"expert": 4}), np.sqrt(2 / 5)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_factor_follows_the_sizes(entry, factor):
    assert reading(entry) == pytest.approx(factor)
    assert reading(entry, entry.mended) == pytest.approx(1)


@ALL
def test_a_source_is_in_the_bibliography(entry):
    keys = re.findall(r"^@\w+\{(\w+),", BIBLIOGRAPHY.read_text("utf-8"), re.MULTILINE)
    assert set(entry.source.split(",")) <= set(keys)
    assert entry.did
    assert entry.says


def test_names_are_those_of_the_entries():
    assert [entry.name for entry in REPORTED.values()] == list(REPORTED)
    assert all(isinstance(entry, Reported) for entry in REPORTED.values())


@pytest.mark.parametrize(
    "name", [n for n, e in REPORTED.items() if e.part == "all" and n != "own_count"]
)
def test_what_is_mended_is_the_token_mean_or_the_sum_over_one_count(name):
    problem = REPORTED[name].problem
    N = np.full(problem.N, problem.N)
    assert_mean(problem.ranks.join(REPORTED[name].mended(problem)), problem.terms(), mean=1 / N)


# What cannot be read as one factor is refused


def test_ranks_that_disagree_are_refused():
    entry = REPORTED["own_count"]
    with pytest.raises(ValueError, match="is an all-reduce missing"):
        reading(entry, lambda problem: problem.step(1))


def test_a_mean_of_means_is_no_factor():
    entry = replace(REPORTED["own_count"], lengths=(7, 3))
    with pytest.raises(ValueError, match=r"code: expected one factor on all terms"):
        reading(entry)


def test_what_is_no_weighting_of_the_terms_is_refused():
    entry = REPORTED["averaged_shares"]

    def with_a_constant(problem):
        found = mean_over("context")(problem)
        return found._replace(b=found.b + 40)

    with pytest.raises(ValueError, match="code: expected a weighting of the terms"):
        reading(entry, with_a_constant)


def test_a_factor_on_one_loss_leaves_the_other_alone():
    entry = REPORTED["every_round"]
    main = replace(entry, part="main", number=1)
    assert reading(main) == pytest.approx(1)
    assert reading(entry, partial(every_round, factor=1 / 2)) == pytest.approx(2)


def test_the_steps_of_a_problem_add_up_to_its_terms():
    for loss in ("main", "states", "later"):
        problem = RankProblem(Ranks(data=2, context=2), (7, 4, 5, 1))
        summed = problem.ranks.join(
            problem.ranks.all_reduce(problem.step(1, loss), "data", "context")
        )
        for name, array in summed._asdict().items():
            expected = sum(getattr(term, name) for term in problem.terms(loss))
            np.testing.assert_allclose(array, expected, atol=1e-13)


def test_a_question_is_told_from_a_fault():
    assert "question" in REPORTED["averaged_over_ranks_alone"].says
    assert REPORTED["averaged_over_ranks_alone"].code is averaged_over_ranks_alone
    assert REPORTED["times_all_ranks"].mended.func is times_all_ranks


def test_what_no_report_can_take_is_named():
    entry = REPORTED["own_count"]
    with pytest.raises(TypeError, match=r"^entry: expected Reported, got str"):
        reading("own_count")
    with pytest.raises(TypeError, match=r"^code: expected a callable, got int"):
        reading(entry, 0)
    ranks = Ranks(data=2)
    for given, error, said in (
        ((2, (3, 4)), TypeError, "ranks: expected Ranks, got int"),
        ((ranks, 3), ValueError, r"lengths: expected shape \(B,\)"),
        ((ranks, (3, 9)), ValueError, "steps: expected at least 9, got 8"),
        ((ranks, (3, 4), -1), ValueError, "seed: expected at least 0, got -1"),
    ):
        with pytest.raises(error, match=f"^{said}"):
            RankProblem(*given)
