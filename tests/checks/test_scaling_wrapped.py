"""Real code around the factor: scales that it refuses, updates, guards, kept arrays, long lists."""

import itertools
import math

import numpy as np
import pytest
from examples import example

from lstm_src import assert_scaled_once, audit_scaling, backward

rng = np.random.default_rng(0)
G, W = rng.standard_normal((2, 50))


def words(report):
    """Return a report as one line, wherever it is wrapped."""
    return " ".join(str(report).split())


def one(gradients):
    return audit_scaling(gradients).findings["array"]


# Scales that the code refuses


def within(low, high, wrong=0.0):
    """Return code that takes the scales from ``low`` to ``high``, with unscaled terms beside."""

    def gradients(scale):
        if not low <= scale <= high:
            raise ValueError(f"scale: expected {low} to {high}, got {scale}")
        return scale * G + wrong

    return gradients


def whole(scale):
    n = int(1 / scale)
    assert n >= 1
    return G / n


TAKES_FEW = {
    "math.sqrt": lambda s: math.sqrt(s) * math.sqrt(s) * G,
    "**.5": lambda s: s**0.5 * s**0.5 * G,
    "np.sqrt": lambda s: np.sqrt(s) * np.sqrt(s) * G,
    "above 0": within(1e-300, np.inf),
    "at most 1": within(-np.inf, 1),
    "0 to 1": within(0, 1),
    "1/10 to 1": within(0.1, 1),
    "1/1000 to 100": within(1e-3, 100),
    "whole N": whole,
}


@pytest.mark.parametrize("name", TAKES_FEW)
def test_right_code_is_judged_by_the_scales_that_it_takes(name):
    report = audit_scaling(TAKES_FEW[name])
    assert report.scaled_once, report
    assert report.findings["array"].detail == "in every bit"
    assert report.refused
    assert "The code refused some scales, and was judged by the others" in str(report)


@pytest.mark.parametrize("low", [-np.inf, 0, 1e-300, 0.1])
@pytest.mark.parametrize("high", [1, 100, np.inf])
def test_wrong_code_is_judged_by_them_too(low, high):
    finding = one(within(low, high, wrong=1e-3))
    assert (finding.verdict, finding.powers) == ("partly", "0, 1")
    assert finding.unscaled_share == pytest.approx(1e-3 / abs(G).mean(), rel=0.5, abs=5e-3)


def test_what_was_refused_is_quoted_in_whole_words():
    said = "the scale has to be a number that lies somewhere " * 9

    def gradients(scale):
        if scale < 0:
            raise ValueError(said)
        return scale * G

    (text,) = audit_scaling(gradients).refused.values()
    assert text.endswith(" …")
    assert text.removesuffix(" …").split()[-1] in said.split()


def test_a_negative_scale_that_is_refused_leaves_something_unseen_and_says_so():
    unseen = "Without a negative scale, an absolute value or a ReLU on the way back passes."
    assert unseen in words(audit_scaling(within(0, np.inf)))
    assert unseen not in words(audit_scaling(within(-np.inf, 1)))


@pytest.mark.parametrize("bend", [abs, lambda g: np.maximum(g, 0), lambda g: g + abs(g) / 99])
def test_what_is_a_multiple_at_positive_scales_alone_is_named(bend):
    report = audit_scaling(lambda s: bend(s * G))
    assert not report.scaled_once
    assert report.findings["array"].detail == "a multiple at positive scales alone, not at -1"
    assert "a ReLU or a maximum" in str(report)


# Guards on the count


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("epsilon", [1e-8, 1e-6, 1e-3, 1.0, -0.5])
def test_an_epsilon_beside_the_count_is_named_with_its_size(epsilon, dtype):
    def gradients(s):
        n = dtype(1) / dtype(s) if s else dtype(np.inf)
        return G.astype(dtype) * (dtype(1) / (n + dtype(epsilon)))

    finding = one(gradients)
    if dtype is np.float32 and abs(epsilon) < 1e-6:
        assert finding.verdict in ("not a polynomial", "once")  # near a rounding of float32
        return
    sign = "-+"[epsilon > 0]
    assert finding.verdict == "not a polynomial"
    assert f"N {sign} ε in the place of N, ε = {abs(epsilon):.3g}" in finding.detail


@pytest.mark.parametrize("least", [1, 1e-6, 1e-3])
def test_a_least_count_is_named(least):
    finding = one(lambda s: G / max(1 / s, least) if s else 0 * G)
    assert finding.verdict == "not a polynomial"
    assert f"max(N, {least:.3g})" in finding.detail


def test_a_clip_of_the_norm_is_not_called_an_epsilon():
    finding = one(lambda s: s * G / max(1, np.linalg.norm(s * G) / 1e3))
    assert "ε" not in finding.detail
    assert "or a clip" in finding.detail


# Updates in the place of gradients, and float16


def update(lr, *, decay=0.0, dtype=np.float64):
    """Return code that gives back (before - after) / lr of one step."""
    before, gradient = W.astype(dtype), G.astype(dtype)

    def step(scale):
        after = before - dtype(lr) * (dtype(scale) * gradient + dtype(decay) * before)
        return (before - after) / dtype(lr)

    return step


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("lr", [1, 0.1, 1e-3, 1e-6, 1e-9])
def test_an_update_is_right_or_not_known_and_the_recipe_tells(lr, dtype):
    step = update(lr, dtype=dtype)
    report = audit_scaling(step)
    assert report.verdicts["array"] in ("once", "not known")
    if not report.scaled_once:
        assert "not known: large scales are exact" in str(report)
        assert "audit_scaling(lambda s: step(s * 2.0**60))" in words(report)
    assert audit_scaling(lambda s: step(s * 2.0**60)).scaled_once


@pytest.mark.parametrize("lr", [1, 0.1, 1e-3])
def test_large_learning_rates_need_no_recipe(lr):
    assert audit_scaling(update(lr)).scaled_once


@pytest.mark.parametrize("lr", [1, 1e-3, 1e-9])
def test_the_recipe_hides_no_unscaled_term(lr):
    step = update(lr, decay=0.01)
    assert one(lambda s: step(s * 2.0**60)).verdict == "partly"
    assert one(lambda s: update(lr)(s * s * 2.0**60)).verdict == "more than once"


X = rng.standard_normal((20, 7)).astype(np.float16)
D = rng.standard_normal((20, 5)) * 1e-2


def mixed(loss_scale, enters, leaves=lambda g: g):
    """Return a step of mixed precision: a product in float16, unscaled in float32."""

    def gradients(scale):
        d = (enters(scale) * loss_scale).astype(np.float16)
        return leaves((X.T @ d).astype(np.float32) / np.float32(loss_scale))

    return gradients


@pytest.mark.parametrize("loss_scale", [1, 1024, 8192])
def test_float16_that_is_right_gets_no_verdict_and_a_wider_type_is_asked_for(loss_scale):
    report = audit_scaling(mixed(loss_scale, lambda s: s * D))
    assert report.verdicts == {"array": "not known"}
    assert str(report).startswith("Not known: small scales are lost in 1 of 1 gradients.")
    assert "audit it in float32 or bfloat16" in words(report)


@pytest.mark.parametrize("loss_scale", [1, 1024])
@pytest.mark.parametrize(
    ("enters", "leaves", "verdict"),
    [
        (lambda s: s * D + D, lambda g: g, "partly"),
        (lambda s: s * s * D, lambda g: g, "more than once"),
        (lambda s: D, lambda g: g, "never"),
        (lambda s: s * D, lambda g: np.clip(g, -0.01, 0.01), "not a polynomial"),
    ],
)
def test_float16_that_is_wrong_is_named_as_in_a_wider_type(loss_scale, enters, leaves, verdict):
    assert one(mixed(loss_scale, enters, leaves)).verdict == verdict


@pytest.mark.parametrize("size", [1, 2.0**-5, 2.0**-10])
def test_a_loss_scale_undone_behind_float16_is_not_called_partly(size):
    def undone(scale, between=lambda g: g):
        d = (size * scale * D).astype(np.float16)
        with np.errstate(all="ignore"):
            return between((X.T @ d).astype(np.float32)) / np.float32(scale)

    finding = one(undone)
    assert (finding.verdict, finding.powers) == ("not known", "0?")
    limit = size * 0.01
    clipped = one(lambda s: undone(s, lambda g: np.clip(g, -limit, limit)))
    assert clipped.verdict == "not a polynomial"
    doubled = one(lambda s: undone(s) * s if s else undone(1) * 0)
    assert doubled.verdict in ("once", "not known")


@pytest.mark.parametrize("loss_scale", [16, 128, 1024])
def test_a_loss_scale_that_is_multiplied_by_the_scale_is_not_called_partly(loss_scale):
    def undone(scale):
        d = (100 * D * loss_scale * scale).astype(np.float16)
        with np.errstate(all="ignore"):
            return (X.T @ d).astype(np.float32) / np.float32(loss_scale * scale)

    assert one(undone).verdict in ("never", "not known")
    for wrong in (lambda s: undone(1) + s * undone(1), lambda s: undone(1) * (s * s + 1)):
        assert one(lambda s, wrong=wrong: wrong(s).astype(np.float32)).verdict not in (
            "never",
            "not known",
        )


def test_terms_in_float16_whose_differences_overflow_are_judged():
    found = one(lambda s: np.array([40_000 + s * s * 20_000, 20_000 - s * s * 70_000], np.float16))
    assert (found.verdict, found.powers) == ("more than once", "0 to 2")


def test_unscaled_terms_in_float16_are_seen_where_four_times_them_overflow():
    def partly(scale):
        count = 1 / scale  # refuses 0
        return np.array([20_000 + 500 / count, 3000 / count], np.float16)

    with np.errstate(over="ignore"):
        assert one(partly).verdict == "partly"


@pytest.mark.parametrize("entries", [1, 7])
@pytest.mark.parametrize("size", [0.1, 2.0**-6])
def test_a_clip_in_float16_that_levels_all_off_is_no_undone_scale(size, entries):
    g = np.sign(G[:entries]) * np.linspace(0.5, 1, entries) * size

    def by_value(scale):
        return np.clip((scale * g).astype(np.float16), -size / 8, size / 8)

    def by_norm(scale):
        found = (scale * g).astype(np.float16)
        norm = np.linalg.norm(found.astype(np.float64))
        return found * np.float16(min(1, size / 8 / norm) if norm else 1)

    for code in (by_value, by_norm):
        for refuses in (code, lambda s, code=code: code(math.sqrt(s) ** 2)):
            with np.errstate(all="ignore"):
                assert one(refuses).verdict == "not a polynomial"


@pytest.mark.parametrize("size", [0.1, 2.0**-10])
def test_float16_that_is_unscaled_in_half_of_the_entries_is_not_called_once(size):
    def halved(scale):
        with np.errstate(all="ignore"):
            g = (scale * size * G).astype(np.float16)
            return np.concatenate([g / np.float16(scale), g])

    assert one(halved).verdict != "once"


@pytest.mark.parametrize("size", [2.0**-8, 2.0**-12])
@pytest.mark.parametrize("loss_scale", [16, 128, 1024])
def test_a_second_loss_scale_leaves_float16_not_known_or_partly(size, loss_scale):
    def narrow(scale):
        return (X.T @ (size * loss_scale * scale * D * 100).astype(np.float16)).astype(np.float32)

    def undone(scale):
        with np.errstate(all="ignore"):
            return narrow(scale) / np.float32(loss_scale * scale)

    def once(scale):
        return narrow(scale) / np.float32(loss_scale)

    finding = one(undone)
    assert (finding.verdict, finding.powers) == ("not known", "0?")
    halved = one(lambda s: np.concatenate([undone(s)[:3], once(s)[3:]]))
    added = one(lambda s: undone(s) + once(s)[::-1])
    assert (halved.verdict, added.verdict) == ("partly", "partly")
    assert halved.detail.startswith("unscaled terms in 15 of 35 entries")
    for wrong in (lambda s: undone(s) + s * s * undone(1), lambda s: undone(s) * s * s):
        assert one(wrong).verdict not in ("not known", "once", "never", "partly")


def test_numbers_of_float16_that_round_up_together_are_not_known():
    d = np.array([0.6, 0.6, 0.6, -0.4, -0.4, -0.4, -0.4]) / 8192

    def gradients(scale):
        return (d * scale * 8192).astype(np.float16).sum(keepdims=True).astype(np.float32) / 8192

    assert one(gradients).verdict == "not known"
    assert one(lambda s: gradients(s) + np.sign(s) * np.float32(2.0**-14)).verdict not in (
        "not known",
        "once",
    )


@pytest.mark.parametrize("seed", range(4))
def test_tiny_cotangents_in_float16_get_no_verdict(seed):
    case = example(20, 2, 3, 3, dtype=np.float16, seed=seed)
    dh, tape = case.dh * np.float16(2.0**-18), case.forward().tape

    def gradients(scale):
        found = backward(case.params, tape, dh * np.float16(scale))
        return [array.astype(np.float32) for array in found.params]

    assert set(audit_scaling(gradients).verdicts.values()) == {"not known"}


def test_code_that_drops_small_numbers_is_not_called_right():
    for least in (1e-6, 0.5, 4.0):
        finding = one(lambda s, least=least: np.where(abs(s * G) < least, 0, s * G))
        assert finding.verdict == "not known"
    finding = one(lambda s: s * G + 1e-6 * np.sign(s))
    assert finding.verdict == "not a polynomial"


def clipped(unscaled_first, loss_scale):
    """Return an update that clips by the norm before or after the loss scale is taken out."""

    def shorten(g):
        return g / max(1, np.linalg.norm(g) / 3)

    if unscaled_first:
        return shorten(loss_scale * G / loss_scale)
    return shorten(loss_scale * G) / loss_scale


def test_a_clip_before_and_after_unscaling_are_told_apart_by_the_loss_scale():
    assert one(lambda s: clipped(True, s) if s else clipped(True, 1)).verdict == "never"
    assert one(lambda s: clipped(False, s) if s else 0 * G).verdict == "not a polynomial"
    advice = audit_scaling(lambda s: np.clip(s * G, -1, 1)).report.advice
    assert "put the scale in the place of that one, where right code says never" in advice[0]


# What is kept between calls


def test_code_that_multiplies_the_callers_array_is_named():
    kept = W.copy()

    def gradients(scale):
        kept[:] *= scale
        return kept

    report = audit_scaling(gradients)
    assert "the code writes into its own input" in report.findings["array"].detail
    assert "write into no array that the next call reads" in words(report)


def test_a_state_that_is_kept_is_named_among_the_causes():
    kept = itertools.count()
    report = audit_scaling(lambda s: s * G * (1 + 7e-5 * 0.5 ** next(kept)))
    assert report.findings["array"].detail == "but for what two calls differ by"
    assert report.noise > 1e-5
    assert "a carried state, momentum, running statistics" in words(report)


def test_what_only_a_later_call_shows_is_not_repeatable():
    kept = itertools.count()
    finding = one(lambda s: G * (s if next(kept) < 4 else 2 * s))
    assert finding.verdict == "not repeatable"
    assert finding.detail == "a call at another scale changes what a later one returns"


def test_arrays_that_nothing_is_written_into_are_named():
    zeros, ones = np.zeros(5), np.ones(5)
    report = audit_scaling(lambda s: [zeros, ones, np.zeros(5), s * G])
    details = [finding.detail for finding in report.findings.values()]
    assert details[0] == "zero at every scale; the same memory at every call: not written?"
    assert details[1] == "the scale changes nothing; the same memory at every call: not written?"
    assert details[2] == "zero at every scale"
    assert "Either nothing is written into them but zeros" in words(report)


@pytest.mark.parametrize("wrap", [lambda g: g, lambda g: {"w": [g]}])
def test_masked_arrays_are_refused(wrap):
    with pytest.raises(TypeError, match="expected an array, got a masked array, whose mask would"):
        audit_scaling(lambda s: wrap(np.ma.masked_array(s * G, mask=G > 0)))


def test_what_cannot_be_called_is_refused():
    for wrong in (None, G):
        with pytest.raises(TypeError, match="gradients: expected a callable, got"):
            audit_scaling(wrong)


# A test suite, and long lists


def test_a_test_suite_is_not_content_with_one_array_in_thirteen():
    def gradients(scale):
        return [np.zeros(3)] * 12 + [np.ones(1) * scale]

    with pytest.raises(AssertionError, match=r"Not known of 12 of 13 gradients, which are zero:"):
        assert_scaled_once(gradients)
    assert assert_scaled_once(gradients, zero=[f"[{k}]" for k in range(12)]) is None
    with pytest.raises(ValueError, match=r"zero: expected names of gradients, got \[13\]"):
        assert_scaled_once(gradients, zero=["[13]"])
    assert assert_scaled_once(lambda s: {"w": s * G, "b": 0 * G}, zero="b") is None


def many(count, wrong=()):
    """Return code with a list of ``count`` floats, some of them never scaled."""
    numbers = (1 + rng.random(count)).tolist()
    return lambda s: [n if k in wrong else s * n for k, n in enumerate(numbers)]


def test_a_long_list_is_one_row():
    report = audit_scaling(many(100_000))
    assert report.scaled_once
    assert str(report).startswith("Scaled exactly once: 100000 of 100000 gradients.")
    assert "[0] to [99999]: 100,000 arrays" in str(report)
    assert len(str(report)) < 1000


def test_what_is_wrong_in_a_long_list_stands_first():
    report = audit_scaling(many(3000, wrong={7, 1234}))
    rows = [row[:2] for row in report.report.rows]
    assert rows[0] == ("[7] to [1234]: 2 arrays", "never")
    assert rows[1][1] == "once"
    assert report.findings["[7]"].verdict == "never"
    assert report.findings["[8]"].verdict == "once"


def test_a_long_list_of_many_findings_is_cut():
    report = audit_scaling(lambda s: [s * G + k for k in range(1200)])
    assert len(report.verdicts) == 1200
    assert list(report.verdicts.values()).count("partly") == 1199
    assert "more rows" in str(report)
    assert len(str(report)) < 10_000
    assert "judged as one array with" in report.findings["[1199]"].detail


@pytest.mark.parametrize("wrong", [1e-12, 1.0])
def test_a_long_list_is_judged_as_a_short_one(wrong):
    def gradients(s, count):
        return [s * G[:3] * 2.0 ** (k % 9) + wrong * (k == 3) for k in range(count)]

    short = audit_scaling(lambda s: gradients(s, 9)).verdicts
    long = audit_scaling(lambda s: gradients(s, 900)).verdicts
    assert {name: long[name] for name in short} == short
