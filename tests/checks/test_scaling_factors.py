"""Several factors at once: which term holds which, and whether terms are added up."""

import math

import numpy as np
import pytest
from examples import example

from lstm_src import assert_scaled_once, audit_scaling, backward
from lstm_src.placements.rewriting import Variant

rng = np.random.default_rng(0)
MAIN, AUX = rng.standard_normal((2, 50))
SHARE = abs(MAIN).sum() / (abs(MAIN).sum() + abs(AUX).sum())


def one(gradients, **options):
    report = audit_scaling(gradients, **options)
    return report, report.findings["array"]


@pytest.mark.parametrize(
    "right",
    [
        lambda scale, scale_2: scale * MAIN + scale_2 * AUX,
        lambda scale, scale_2: scale * (MAIN + AUX * (scale_2 / scale)),  # N/M beforehand
        lambda scale, scale_2: (scale * MAIN + scale_2 * AUX).astype(np.float32),
        lambda scale, scale_2: MAIN / (1 / scale) + AUX / (1 / scale_2),  # no 0 is taken
    ],
)
def test_each_term_with_its_own_count_is_right(right):
    report, finding = one(right)
    assert report.scaled_once
    assert dict(finding.held) == pytest.approx({"scale": SHARE, "scale_2": 1 - SHARE}, rel=1e-5)
    assert "held by" in str(report)
    assert "scale 46.56%, scale_2 53.44%" in str(report)
    assert "This holds for the counts" not in str(report)


def test_a_right_auxiliary_loss_is_asked_for_its_count_before_a_mend_is_named():
    report = audit_scaling(lambda scale: scale * MAIN + AUX / 5)
    assert report.verdicts == {"array": "partly"}
    advice = report.report.advice[0]
    assert advice.index("an auxiliary loss by its M") < advice.index("hold no count at all")
    assert "gradients(scale, scale_2)" in advice


def test_with_several_factors_the_term_that_holds_none_comes_first():
    report = audit_scaling(lambda n, m: n * MAIN + m * AUX + 0.1)
    assert report.verdicts == {"array": "partly"}
    advice = report.report.advice[0]
    assert advice.index("a weight decay that none of these factors stands on") < 100
    assert "gradients(scale, scale_2)" not in advice


def test_once_with_one_factor_says_what_it_holds_for():
    report = audit_scaling(lambda scale: scale * (MAIN + AUX / 5))
    assert report.scaled_once
    assert "This holds for the counts that you replaced" in str(report)


WRONG = {
    "both on one term": (lambda s, s_2: s * (MAIN + s_2 * AUX), "more than once", "s and s_2 on"),
    "unscaled": (lambda s, s_2: s * MAIN + s_2 * AUX + 0.1, "partly", "unscaled terms"),
    "squared": (lambda s, s_2: s * s * MAIN + s_2 * AUX, "more than once", "s is on a term"),
    "geometric mean": (lambda s, s_2: np.cbrt(s * s * s_2) * MAIN, "not a polynomial", "straight"),
    "the larger": (
        lambda s, s_2: np.where(abs(s * MAIN) > abs(s_2 * AUX), s * MAIN, s_2 * AUX),
        "not a polynomial",
        "chosen or mixed",
    ),
    "at a right angle": (
        lambda s, s_2: s * s_2 / (s + s_2 + 1e-300) * MAIN,
        "not a polynomial",
        "chosen or mixed",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_sum_of_terms_with_one_factor_each_is_named(name):
    gradients, verdict, detail = WRONG[name]
    report, finding = one(gradients)
    assert not report.scaled_once
    assert finding.verdict == verdict
    assert detail in finding.detail


def test_a_factor_that_no_term_holds_is_named():
    report = audit_scaling(lambda scale, scale_2: scale * (MAIN + AUX))
    assert not report.scaled_once
    assert str(report).startswith("Not scaled exactly once: no gradient holds scale_2.")


def test_a_loss_that_is_still_a_mean_is_said_to_hold_no_factor():
    report = audit_scaling(lambda scale, scale_2: MAIN / 7 + scale_2 * AUX)
    assert report.verdicts == {"array": "partly"}
    assert str(report).startswith(
        "Not scaled exactly once: 1 of 1 gradients; no gradient holds scale."
    )
    advice = report.report.advice
    assert "No term holds scale." in advice[0]
    assert "which mean the loop takes as it is, audit_weights says" in advice[0]
    assert not any("gradients(scale, scale_2), and audit again" in text for text in advice)


def test_in_a_few_words_it_says_no_more_than_the_verdict():
    def both(s, s_2):
        return [s * MAIN, s_2 * AUX]

    assert audit_scaling(lambda s: [s * MAIN, s * AUX]).brief == "once"
    assert (
        audit_scaling(lambda s: [s * MAIN, AUX, s * s * MAIN]).brief
        == "more than once, never, once"
    )
    assert audit_scaling(both).brief == "once"
    unheld = audit_scaling(lambda s, s_2: [s * MAIN])
    assert unheld.verdicts == {"[0]": "once"}
    assert unheld.brief == "once; s_2 on none"


def test_arrays_that_hold_different_factors():
    report = audit_scaling(lambda n, m: {"w": n * MAIN, "v": m * AUX, "zero": 0 * MAIN})
    assert report.scaled_once
    held = {name: [factor for factor, _ in f.held] for name, f in report.findings.items()}
    assert held == {"w": ["n"], "v": ["m"], "zero": []}


def test_the_factors_can_be_named_or_counted():
    def gradients(*scales):
        return sum(scale * (k + MAIN) for k, scale in enumerate(scales))

    assert audit_scaling(gradients, factors=3).factors == ("scale", "scale_2", "scale_3")
    report = audit_scaling(gradients, factors=["1/N", "1/M"])
    assert report.factors == ("1/N", "1/M")
    assert assert_scaled_once(gradients, factors=2) is None
    assert audit_scaling(lambda s, kept=AUX: s * kept).factors == ("s",)
    assert audit_scaling(np.abs).factors in (("scale",), ("x",))


@pytest.mark.parametrize(
    ("factors", "error", "text"),
    [
        (0, ValueError, "factors: expected at least 1, got 0"),
        ("two", TypeError, "factors: expected an integer, got str"),
        (["a", "a"], ValueError, "factors: expected different names, got a, a"),
    ],
)
def test_factors_that_are_none_are_refused(factors, error, text):
    with pytest.raises(error, match=text):
        audit_scaling(lambda *scales: MAIN, factors=factors)


def test_where_all_have_defaults_an_error_says_how_to_name_the_factors():
    def step(scale=None, scale_2=None, seed=0):
        a, b = (1 / 50, 1 / 20) if scale is None else (scale, scale_2)
        return a * MAIN + b * AUX

    with pytest.raises(TypeError, match="NoneType") as caught:
        audit_scaling(step)
    assert "factors=['scale', 'scale_2']" in caught.value.__notes__[-1]
    assert audit_scaling(step, factors=["scale", "scale_2"]).scaled_once


def test_factors_that_kept_a_number_are_named_where_terms_seem_unscaled():
    def step(scale=1 / 50, scale_2=1 / 20, seed=0):
        return scale * MAIN + scale_2 * AUX

    def rate(scale, lr=0.1):
        return scale * lr * MAIN

    said = audit_scaling(step).report.advice[0]
    assert said.startswith("scale_2 kept its default: gradients was given scale alone.")
    assert "factors=['scale', 'scale_2']" in said
    assert audit_scaling(step, factors=["scale", "scale_2"]).scaled_once
    for report in (audit_scaling(rate), audit_scaling(step, factors=1)):
        assert "kept its default" not in str(report)


@pytest.mark.parametrize(
    ("code", "options"),
    [
        (lambda scale, scale_2=None: scale * scale_2, {}),
        (lambda scale=None: scale + "", {}),
        (lambda scale=None, scale_2=None: scale * scale_2, {"factors": 1}),
    ],
)
def test_an_error_says_nothing_of_factors_that_are_plain(code, options):
    with pytest.raises(TypeError) as caught:
        audit_scaling(code, **options)
    assert len(caught.value.__notes__) == 1


def test_factors_that_refuse_scales_are_judged_by_the_others():
    report, finding = one(lambda s, s_2: math.sqrt(s) ** 2 * MAIN + math.sqrt(s_2) ** 2 * AUX)
    assert report.scaled_once
    assert dict(finding.held) == pytest.approx({"s": SHARE, "s_2": 1 - SHARE})
    assert report.refused["(-1, 1)"].startswith("ValueError")


CARRIED = "np.multiply(dc, dc_dc_prev, out=dc)  # now the cotangent of c_{t-1}"
BENT = {
    "right": "np.multiply(dc, dc_dc_prev, out=dc)",
    "abs": "np.abs(np.multiply(dc, dc_dc_prev, out=dc), out=dc)",
    "ReLU": "np.maximum(np.multiply(dc, dc_dc_prev, out=dc), 0, out=dc)",
    "the largest": "dc = np.where(abs(dc) == abs(dc).max(), dc * dc_dc_prev, 0)",
}


@pytest.mark.parametrize(
    ("name", "one_factor", "two"),
    [
        ("right", True, True),
        ("abs", False, False),
        ("ReLU", False, False),
        ("the largest", True, False),
    ],
)
def test_what_bends_the_carried_cotangent_passes_with_one_factor_at_most(name, one_factor, two):
    case = example(6, 2, 3, 4)
    tape, back = case.forward().tape, Variant(backward, ((CARRIED, BENT[name]),))

    def gradients(early, late):
        dh = np.concatenate([early * case.dh[:3], late * case.dh[3:]])
        return back(case.params, tape, dh).params

    assert audit_scaling(lambda s: gradients(s, s)).scaled_once == one_factor
    assert audit_scaling(gradients).scaled_once == two
