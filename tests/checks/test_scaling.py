"""The audit names every way of scaling, raises no false alarm, and says what it cannot know."""

import itertools
import re
from types import MappingProxyType

import hypothesis.strategies as st
import numpy as np
import pytest
from catalogue import CARRIED, SCALING
from examples import example
from hypothesis import given, settings

from lstm_src import assert_scaled_once, audit_scaling
from lstm_src.checks.trees import tree_map
from lstm_src.placements.mistakes import MISTAKES, Mistake
from lstm_src.placements.right import PLACEMENTS, at_cut

G = np.random.default_rng(0).standard_normal(50)
REAL = {np.float32: 1e-5, np.float64: 1e-13}


def one(gradients):
    """Return the finding on a single array."""
    return audit_scaling(gradients).findings["array"]


def told(finding):
    return finding.verdict, finding.powers, finding.detail


def audit(entry, dtype=np.float64, T=5):
    case = example(T, 2, 3, 4, dtype=dtype)
    tape, cotangents = case.forward().tape, case.cotangents
    if isinstance(entry, Mistake) and not entry.final_term:
        cotangents = cotangents[:1]
    return audit_scaling(lambda s: entry(case.params, tape, *cotangents, scale=dtype(s)))


# Right code


@settings(max_examples=300)
@given(
    place=st.sampled_from([*PLACEMENTS.values(), "cut"]),
    dtype=st.sampled_from([np.float32, np.float64]),
    T=st.integers(1, 40),
    sizes=st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 6)),
    divisor=st.sampled_from([1, 2, 3, 7, 50, 64, 1000, 1e6]),
    magnitude=st.integers(-12, 12),
    final=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_right_code_raises_no_false_alarm(place, dtype, T, sizes, divisor, magnitude, final, seed):
    case = example(T, *sizes, dtype=dtype, seed=seed)
    tape = case.forward().tape
    dh, dstate = tree_map(lambda u: u * dtype(10.0**magnitude), case.cotangents)
    if place == "cut":
        place = at_cut(seed % (T + 1))

    def gradients(scale):
        found = place(case.params, tape, dh, dstate if final else None, scale=dtype(scale))
        return tree_map(lambda array: array / dtype(divisor), found)

    report = audit_scaling(gradients)
    assert report.scaled_once, report
    assert set(report.verdicts.values()) == {"once"}
    assert len(report.scales) == 7


@pytest.mark.parametrize("dtype", REAL)
def test_right_code_differs_in_no_bit(dtype):
    for place in PLACEMENTS.values():
        findings = audit(place, dtype).findings.values()
        assert {finding.detail for finding in findings} == {"in every bit"}


# Wrong code


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("T", [2, 5, 60])
@pytest.mark.parametrize("entry", [*SCALING, *CARRIED], ids=lambda entry: entry.name)
def test_the_audit_names_every_mistake_of_scaling(entry, T, dtype):
    report = audit(entry, dtype, T)
    assert report.scaled_once == (entry.degrees is None)
    for name, degrees in (entry.degrees(T) if entry.degrees else {}).items():
        finding, least, most = report.findings[name], min(degrees), max(degrees)
        if degrees == {1}:
            assert finding.verdict == "once"
        elif degrees == {0}:
            assert (finding.verdict, finding.unscaled_share) == ("never", 1)
        elif most == 1 and name == "params.W_h" and T == 1:
            assert finding.verdict == "once"
        elif most == 1:
            assert (finding.verdict, finding.powers) == ("partly", "0, 1")
            assert 0 < finding.unscaled_share < 1
        else:
            assert finding.verdict == "more than once"
            assert finding.powers.startswith(str(least))


def test_powers_are_read_off_where_the_range_allows():
    report = audit(MISTAKES["every_step"])
    assert report.findings["state.c"].powers == "1 to 5"
    assert audit(MISTAKES["twice"]).findings["x"].powers == "2"
    far = audit(MISTAKES["every_step"], np.float32, 60).findings["state.c"].powers
    assert re.fullmatch(r"1 to about \d\d", far)


@pytest.mark.parametrize("share", [1e-12, 1e-3, 0.5])
def test_the_unscaled_share_is_measured(share):
    finding = one(lambda s: s * (1 - share) * G + share * G)
    assert finding.verdict == "partly"
    assert finding.unscaled_share == pytest.approx(share, rel=1e-4)
    assert finding.detail == "unscaled terms in 50 of 50 entries"


def test_an_unscaled_term_far_below_a_rounding_is_seen():
    finding = one(lambda s: s * G + 1e-200)
    assert (finding.verdict, finding.powers) == ("partly", "0, 1")


def adam(s):
    return s * G / (abs(s * G) + 1e-8)


def norm_clip(s):
    return s * G / max(1, np.linalg.norm(s * G))


NOT_POLYNOMIALS = {
    "value clip at work": (lambda s: np.clip(s * G, -0.5, 0.5), "levels off.*already"),
    "value clip in reach": (
        lambda s: np.clip(s * G, -1e3, 1e3),
        "levels off at large scales: a clip by value, at ±1000$",
    ),
    "norm clip": (norm_clip, "levels off.*already"),
    "Adam's first step": (adam, "levels off.*already"),
    "sign": (lambda s: np.sign(s * G), "normalised"),
    "unit norm": (lambda s: s * G / np.linalg.norm(s * G), "normalised"),
    "power of 1.2": (lambda s: abs(s) ** 1.2 * G, "no whole power"),
    "square root": (lambda s: abs(s) ** 0.5 * G, "no whole power"),
    "a branch clipped": (lambda s: s * G + np.clip(s * G[::-1] / 99, -1, 1), "not multiples"),
    "one entry clipped": (
        lambda s: s * G.clip(None, 0) + np.where(G > 0, np.minimum(s * G, 1), 0),
        "some entries",
    ),
    "clip beside unscaled": (lambda s: np.clip(s * G, -1, 1) + G, "unscaled.*level off"),
}


@pytest.mark.parametrize("name", NOT_POLYNOMIALS)
def test_what_is_not_linear_is_named(name):
    gradients, detail = NOT_POLYNOMIALS[name]
    finding = one(gradients)
    assert finding.verdict == "not a polynomial"
    assert re.search(detail, finding.detail)


@pytest.mark.parametrize("unscale", [lambda s: G, lambda s: s * G / s, lambda s: s * G * (1 / s)])
def test_a_factor_that_is_taken_out_again_was_never_applied(unscale):
    assert one(unscale).verdict == "never"


def test_mixed_powers():
    assert told(one(lambda s: s * G + s * s * G / 9))[:2] == ("more than once", "1 to 2")
    assert told(one(lambda s: G + s * s * G / 9))[:2] == ("more than once", "0 to 2")
    assert told(one(lambda s: s**3 * G))[:2] == ("more than once", "3")


# Noise, zeros, the ends of the range


def test_noise_is_let_pass_and_named():
    rng = np.random.default_rng(0)
    report = audit_scaling(lambda s: s * G * (1 + 1e-7 * rng.standard_normal(50)))
    assert report.scaled_once
    assert 1e-8 < report.noise < 1e-6
    assert "Two calls at one scale differ by up to" in str(report)
    report = audit_scaling(lambda s: s * G * (1 + 1e-7 * rng.standard_normal(50)) + 1e-5)
    assert report.verdicts == {"array": "partly"}


SUB = np.finfo(np.float32).smallest_subnormal


def restless(noise, wrong):
    """Return code whose calls differ by ``noise``, in turns, with something wrong beside it."""
    calls = itertools.count()
    return lambda s: s * (G + noise * (next(calls) % 2)) + wrong(s)


SQUARE = 2.0**-24  # s**2 times this grows to a first power at 2^24, where it is compared


@pytest.mark.parametrize(("size", "hidden"), [(0, True), (3, True), (30, False), (300, False)])
def test_noise_hides_nothing_that_is_much_larger(size, hidden):
    finding = one(restless(1e-6, lambda s: size * 1e-6 * SQUARE * s * s))
    assert (finding.verdict == "once") == hidden
    finding = one(restless(1e-6, lambda s: size * 1e-6 * SQUARE * s * s + G))
    assert (finding.verdict == "partly") == hidden


@pytest.mark.parametrize(("size", "hidden"), [(4, True), (100, False)])
@pytest.mark.parametrize("dtype", REAL)
def test_a_few_roundings_are_let_pass_and_a_hundred_are_not(size, hidden, dtype):
    off = size * np.finfo(dtype).eps * SQUARE
    finding = one(lambda s: (s * np.ones(9) * (1 + off * s)).astype(dtype))
    assert (finding.verdict == "once") == hidden
    finding = one(lambda s: (s * np.ones(9) * (1 + off * s) + 1).astype(dtype))
    assert (finding.verdict == "partly") == hidden


def test_what_a_sum_of_underflows_loses_is_let_pass():
    terms = np.full(500, 0.4 * 2.0**24 * float(SUB), np.float32)  # each is lost at 2^-24
    assert one(lambda s: (np.float32(s) * terms).sum(keepdims=True)).verdict == "once"


@pytest.mark.parametrize(
    ("size", "verdicts"),
    [(500, ("no information", "no information")), (20_000, ("once", "more than once"))],
)
def test_a_gradient_is_judged_down_to_the_last_thousand_numbers_of_its_type(size, verdicts):
    gradient = np.full(9, size * SUB, np.float32)
    found = audit_scaling(lambda s: [np.float32(s) * gradient, np.float32(s) ** 2 * gradient])
    assert tuple(found.verdicts.values()) == verdicts


def mixed(s, array):
    return s * array + s * s * array / 9


@pytest.mark.parametrize("size", [0.4, 1.4])
def test_what_underflows_does_not_hide_mixed_powers(size):
    terms = np.full(500, size * 2.0**24 * float(SUB), np.float32)  # lost at 2^-24, or rounded up
    finding = one(lambda s: mixed(np.float32(s), terms).sum(keepdims=True))
    assert told(finding)[:2] == ("more than once", "1 to 2")


def test_what_vanishes_without_an_underflow_is_named():
    gradient = np.full(9, 5000 * 2.0**24 * SUB, np.float32)
    finding = one(lambda s: mixed(np.float32(s), gradient) if s > 1e-6 else 0 * gradient)
    assert finding.verdict == "not a polynomial"
    assert finding.detail == "vanishes at a scale of 2^-24"


def test_next_to_overflow_mixed_powers_are_named():
    gradient = np.full(9, 2.0**125, np.float32)  # at a scale of 8 it overflows
    assert one(lambda s: mixed(np.float32(s), gradient)).verdict == "more than once"


LARGER = {4.0, 2.0**24, 2.0**-22}  # where the noise adds something to one of two neighbours


def with_noise(gradients):
    calls = itertools.count()

    def noisy(s):
        call = next(calls)
        return gradients(s) * (1 + 0.005 * (call == 2 or s in LARGER))

    return noisy


@pytest.mark.parametrize(
    ("gradients", "verdict"),
    [
        (lambda s: s * G, "once"),
        (lambda s: G, "never"),
        (lambda s: s * G + G, "partly"),
        (lambda s: mixed(s, G), "more than once"),
        (lambda s: np.sign(s) * G, "not a polynomial"),
        (lambda s: s * G + np.minimum(s, 9), "not a polynomial"),
        (lambda s: s * G + np.minimum(s, 9) + G, "not a polynomial"),
    ],
)
def test_noise_changes_no_verdict(gradients, verdict):
    assert one(with_noise(gradients)).verdict == verdict


@pytest.mark.parametrize(("noise", "verdict"), [(0.003, "once"), (0.03, "not repeatable")])
def test_calls_may_differ_by_less_than_a_hundredth(noise, verdict):
    assert one(restless(noise * abs(G).max(), lambda s: 0)).verdict == verdict


def test_what_does_not_repeat_is_not_judged():
    rng = np.random.default_rng(0)
    finding = one(lambda s: s * rng.standard_normal(50))
    assert told(finding)[::2] == (
        "not repeatable",
        "two calls at one scale differ by 1e+00 of the largest entry",
    )


def test_gradients_that_pile_up_over_calls_are_named():
    kept = np.zeros(50)

    def gradients(scale):
        kept[:] += scale * G
        return kept

    finding = one(gradients)
    assert told(finding)[::2] == (
        "not repeatable",
        "a call adds to the gradients of the call before",
    )
    said = " ".join(str(audit_scaling(gradients)).split())
    assert "gradients that pile up (a zero_grad that is missing)" in said


def test_a_buffer_that_each_call_overwrites_is_copied():
    kept = np.zeros(50)
    assert one(lambda s: np.multiply(s, G, out=kept)).verdict == "once"


def test_zero_gradients_tell_nothing():
    report = audit_scaling(lambda s: {"w": s * G, "b": 0 * G})
    assert report.verdicts == {"w": "once", "b": "no information"}
    assert report.scaled_once
    assert str(report).startswith("Scaled exactly once: 1 of 2 gradients; 1 zero.")
    report = audit_scaling(lambda s: 0 * G)
    assert not report.scaled_once
    assert str(report).startswith("Nothing to see: all gradients are zero.")


@pytest.mark.parametrize("size", [1e-38, 1e30, 1e38, 3e38])
@pytest.mark.parametrize("dtype", REAL)
def test_near_the_ends_of_the_range(size, dtype):
    gradient = np.linspace(0.3, 1, 9).astype(dtype) * dtype(size)
    assert one(lambda s: dtype(s) * gradient).verdict == "once"


@pytest.mark.parametrize(("size", "dtype"), [(1e-44, np.float32), (1e-321, np.float64)])
def test_at_the_very_end_of_the_range_nothing_is_told(size, dtype):
    gradient = np.full(9, size, dtype)
    found = one(lambda s: dtype(s) * gradient)
    assert found.verdict == "no information"
    assert found.detail.startswith("at the very end of the range of float")


def test_another_start_is_taken_where_the_scale_of_1_overflows():
    report = audit_scaling(lambda s: (np.float64(s) * G * 1e5).astype(np.float16))
    assert report.scales[4:8] == (2.0**-8, 2.0**-6, 2.0**-8, 0)
    assert report.findings["array"].verdict == "once"


STARTS = [0, -2, -8, -16, -24]


@pytest.mark.parametrize("power", STARTS)
def test_each_start_is_taken_where_the_one_before_overflows(power):
    gradient = np.array([1.0]) * 2.0 ** (125 - power)  # fourfold, it ends below 2^128
    report = audit_scaling(lambda s: (s * gradient).astype(np.float32))
    start = report.scales.index(0) - 3
    assert report.scales[start : start + 4] == (2.0**power, 4 * 2.0**power, 2.0**power, 0)
    assert set(report.scales[:start]) <= {m * 2.0**p for m in (1, 4) for p in STARTS if p > power}
    assert report.findings["array"].verdict == "once"


@pytest.mark.parametrize("power", [24, 12, 6])
def test_the_highest_scale_is_the_first_that_overflows_nowhere(power):
    gradient = np.array([1.0], np.float32) * np.float32(2.0 ** (127 - power))
    report = audit_scaling(lambda s: np.float32(s) * gradient)
    highest, after = report.scales[-2:] if power < 24 else (*report.scales[-1:], 1)
    assert (highest, after) == (2.0**power, 1)  # once more, for what an overflow left behind
    assert report.findings["array"].verdict == "once"


def test_a_scale_of_0_may_fail_to_divide():
    assert one(lambda s: G / (1 / s)).verdict == "once"
    found = one(lambda s: G / (1 / s) + 0.5 * G)
    assert told(found)[:2] == ("partly", "0, 1")
    assert found.unscaled_share == pytest.approx(1 / 3)


def test_gradients_may_not_be_finite_at_any_scale():
    with pytest.raises(ValueError, match=r"finite numbers, got w with NaN or infinity at a scale"):
        audit_scaling(lambda s: {"v": s * G, "w": s * G * np.nan})


def test_n_in_the_place_of_one_over_n_is_recognised():
    finding = one(lambda n: G / n if n else G * np.inf)
    assert told(finding)[:2] == ("not a polynomial", "-1")
    assert "N in the place of 1/N?" in finding.detail


def test_a_small_gradient_in_float16_that_the_factor_misses_is_seen():
    small = np.float16(G * 1e-5)
    report = audit_scaling(lambda s: {"w": s * G, "never": small})
    assert report.verdicts["never"] == "never"
    assert not report.scaled_once
    report = audit_scaling(lambda s: {"w": s * G, "who knows": np.float16(s) * small})
    assert report.verdicts["who knows"] == "no information"
    assert not report.scaled_once
    assert str(report).startswith("Not known: some gradients are too small")


def test_a_scale_that_takes_no_negative_number_is_let_be():
    with np.errstate(invalid="ignore"):
        finding = one(lambda s: np.sqrt(s) * np.sqrt(s) * G + G)
    assert told(finding)[:2] == ("partly", "0, 1")


# Containers and faulty callables


@pytest.mark.parametrize(
    ("wrap", "name"),
    [
        (lambda g: g, "array"),
        (lambda g: [g], "[0]"),
        (lambda g: (g,), "[0]"),
        (lambda g: (a for a in [g]), "[0]"),
        (lambda g: {"w": g}, "w"),
        (lambda g: {"layer": [{"w": g}]}, "layer[0].w"),
        (lambda g: MappingProxyType({1: g}), "1"),
        (lambda g: g[0], "array"),
        (lambda g: example(1, 1, 1, 1).state._replace(h=g, c=g), "h"),
    ],
)
def test_any_container_will_do(wrap, name):
    report = audit_scaling(lambda s: wrap(s * G))
    assert next(iter(report.verdicts)) == name
    assert report.scaled_once


@pytest.mark.parametrize(
    ("returned", "error", "text"),
    [
        (
            None,
            TypeError,
            "gradients: expected an array, or a tree of arrays, but it returned None",
        ),
        ({"w": None}, TypeError, "w: expected an array, got None: this parameter received no grad"),
        ({}, ValueError, "gradients: expected at least one array, got an empty tree"),
        (np.arange(3), TypeError, "expected real floating-point numbers, got int64"),
        (np.ones(3) * 1j, TypeError, "expected real floating-point numbers, got complex128"),
        (["text"], TypeError, "expected real floating-point numbers, got str"),
    ],
)
def test_what_is_no_gradient_is_refused_with_its_scale(returned, error, text):
    with pytest.raises(error, match=text) as caught:
        audit_scaling(lambda s: returned)
    assert caught.value.__notes__ == ["audit_scaling called gradients(scale=1.0)"]


def test_calls_must_agree_in_names_shapes_and_types():
    with pytest.raises(ValueError, match=r"names of the first call, got others: v, w$"):
        audit_scaling(lambda s: {"w" if s == 1 else "v": G})
    with pytest.raises(ValueError, match=r"array: expected float64 of shape \(50,\)"):
        audit_scaling(lambda s: s * (G if s else G[1:]))
    with pytest.raises(ValueError, match=r"got float32 of \(50,\)"):
        audit_scaling(lambda s: s * G if s < 2 else s * G.astype(np.float32))


@pytest.mark.parametrize("bad_call", [0, 2])
def test_an_exception_at_the_first_scale_passes_with_it(bad_call):
    calls = itertools.count()

    def gradients(scale):
        if next(calls) == bad_call:
            raise RuntimeError("backward through the graph a second time")
        return scale * G

    with pytest.raises(RuntimeError, match="a second time") as caught:
        audit_scaling(gradients)
    assert caught.value.__notes__ == ["audit_scaling called gradients(scale=1.0)"]


def test_a_lack_of_memory_passes_at_every_scale():
    def gradients(scale):
        if scale == 4:
            raise MemoryError
        return scale * G

    with pytest.raises(MemoryError):
        audit_scaling(gradients)


# Reports


def test_a_report_shows_verdicts_powers_share_and_advice():
    report = audit_scaling(lambda s: {"W": s * G, "b<1>": s * G + G})
    text = str(report)
    assert text.startswith("Not scaled exactly once: 1 of 2 gradients.")
    assert re.search(
        r"^b<1> +partly +0, 1 +50\.00% +unscaled terms in 50 of 50", text, re.MULTILINE
    )
    assert text.count("\npartly: ") == 1
    page = report._repr_html_()
    assert "b&lt;1&gt;" in page
    assert "<table>" in page


def test_a_test_suite_can_assert_it():
    assert assert_scaled_once(lambda s: s * G) is None
    with pytest.raises(AssertionError, match="Not scaled exactly once: 1 of 1") as caught:
        assert_scaled_once(lambda s: G)
    assert "never: the factor does not reach" in str(caught.value)


def test_right_code_costs_seven_calls_and_wrong_code_ten():
    assert audit_scaling(lambda s: s * G).scales == (1, 4, 1, 0, -1, 2.0**-24, 2.0**24)
    more = audit_scaling(lambda s: G).scales[7:]
    assert more == (2.0**-22, 2.0**22, 1)


def norm_of(arrays):
    return np.sqrt(sum(float((a**2).sum()) for a in arrays))


def shortened(arrays, bound, eps=1e-6):
    return [a * min(1, bound / (norm_of(arrays) + eps)) for a in arrays]


PAIR = [G, np.linspace(-2, 3, 6).reshape(2, 3)]
BOUNDED = {
    "the norm of 2 arrays together, at 0.7": lambda s: shortened([s * a for a in PAIR], 0.7),
    "its norm, at 0.7": lambda s: [shortened([s * a], 0.7)[0] for a in PAIR],
    "value, at ±0.7": lambda s: [np.clip(s * a, -0.7, 0.7) for a in PAIR],
}
BENT = {
    "a tanh": lambda a: 0.7 * np.tanh(a / 0.7),
    "a root in the denominator": lambda a: a / np.sqrt(1 + a * a),
    "normalised": lambda a: a / (norm_of([a]) + 1e-3),
    "a guard": lambda a: a * 0.7 / (norm_of([a]) + 0.7),
    "Adam": lambda a: a / (abs(a) + 1e-8),
    "clipped in part": lambda a: a + np.clip(a, -0.7, 0.7),
    "right": lambda a: a,
}


@pytest.mark.parametrize("bound", BOUNDED)
def test_a_clip_that_fires_is_told_by_its_bound(bound):
    found = audit_scaling(BOUNDED[bound]).findings.values()
    assert all(f.verdict == "not a polynomial" for f in found)
    assert all(f.detail.endswith(f": a clip by {bound}") for f in found)


@pytest.mark.parametrize("size", [1e-3, 1.0, 50.0])
@pytest.mark.parametrize("bent", BENT)
def test_what_levels_off_otherwise_is_no_clip(bent, size):
    report = audit_scaling(lambda s: [BENT[bent](s * size * a) for a in PAIR])
    assert not any("a clip by" in f.detail for f in report.findings.values())


@pytest.mark.parametrize("least", [1, 5])
def test_a_guard_on_the_count_is_no_clip_by_a_bound(least):
    report = audit_scaling(lambda s: [a / max(1 / s, least) for a in PAIR])
    assert not any("a clip by" in f.detail for f in report.findings.values())


def test_a_code_that_keeps_what_overflowed_is_named():
    """As weights that an optimizer updates with a rate of 0 by a gradient that is not finite."""
    kept = np.ones(50)

    def gradients(*scales):
        nonlocal kept
        large = [(s * G).astype(np.float16).astype(float) for s in scales]
        kept = kept + 0.0 * sum(large)
        return sum(s * G * kept for s in scales)

    for factors in (1, 2):
        report = audit_scaling(gradients, factors=factors)
        assert "finite at first, not after a call that overflowed" in str(report)
        assert not report.unheld
        assert not report.scaled_once
        kept = np.ones(50)


def test_what_is_left_of_the_calls_before_is_told_by_its_multiple():
    left = np.zeros(50)

    def gradients(scale):
        nonlocal left
        left = left / 1024 + scale * G  # undone once more at every call, and never set to zero
        return left.copy()

    finding = one(gradients)
    assert finding.verdict == "not repeatable"
    assert "times the first: it holds what was left" in finding.detail


def test_rows_that_do_not_repeat_hold_nothing():
    rng = np.random.default_rng(0)
    report = audit_scaling(
        lambda n, m: {"steady": n * G + m, "random": (n + m) * rng.standard_normal(50)}
    )
    assert report.findings["random"].held == ()
    assert report.findings["steady"].held


def test_right_counts_are_left_to_another_check():
    for report in (audit_scaling(lambda s: s * G), audit_scaling(lambda s, t: s * G + t)):
        assert "Whether a count is the right number, the audit does not see" in str(report)
