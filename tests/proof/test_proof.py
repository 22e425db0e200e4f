"""Symbols, fractions and polynomials through the shipped passes, and every check shown failing."""

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import sympy
from examples import example

from lstm_src import SLOPES, Gradients, State, backward, forward
from lstm_src.checks.trees import tree_leaves, tree_map
from lstm_src.proof import (
    PRIME,
    RING,
    SCALE,
    Certificate,
    additivity_differences,
    backward_symbols,
    certificate,
    degree_set,
    degrees,
    derivatives,
    differing_entries,
    error_bound,
    expressions,
    field_certificate,
    forward_symbols,
    in_ring,
    injected_loss,
    random_inputs,
    symbolic_certificate,
    tanh,
    to_fractions,
    total_degrees,
)
from lstm_src.proof.typeset import degree_table, equation

NAMES = ["params.W_x", "params.W_h", "params.b", "x", "state.h", "state.c"]
RNG = np.random.default_rng
ONCE = frozenset({1})


def entries(tree):
    return [entry for array in tree_leaves(tree) for entry in array.ravel()]


def times(tree, factor):
    return tree_map(lambda array: array * factor, tree)


# Symbols


def test_symbols_are_named_after_what_they_replace_and_count_from_1():
    params, tape, dh, dstate = backward_symbols(2, 2, 2, 3)
    assert params.W_x.shape == (2, 12)
    assert str(params.W_x[1, 0]) == "W^{g}_{x,2,1}"
    assert str(params.W_h[2, 0]) == "W^{g}_{h,3,1}"
    assert [str(tape.inputs[1, 0, k]) for k in (0, 3, 5)] == ["h_{1,1,1}", "x_{2,1,1}", "1"]
    assert str(dh[1, 0, 2]) == "u_{2,1,3}"
    assert (str(dstate.h[1, 0]), str(dstate.c[1, 0])) == ("u^{h}_{2,1}", "u^{c}_{2,1}")
    x = forward_symbols(2, 2, 2, 3)
    assert (str(x.state.h[1, 2]), str(x.x[1, 0, 1])) == ("h_{0,2,3}", "x_{2,1,2}")


def test_every_slope_stands_at_its_own_place():
    slopes = dict(zip(SLOPES, backward_symbols(2, 1, 1, 1).tape.slopes[1, :, 0, 0], strict=True))
    assert {name: str(symbol) for name, symbol in slopes.items()} == {
        "dc_dc_prev": r"c^{\prime c}_{2}",
        "dh_dc": r"h^{\prime c}_{2}",
        "dc_dz_g": r"c^{\prime g}_{2}",
        "dh_dz_o": r"h^{\prime o}_{2}",
        "dc_dz_f": r"c^{\prime f}_{2}",
        "dc_dz_i": r"c^{\prime i}_{2}",
    }


def test_indices_of_length_1_are_left_out_and_all_symbols_differ():
    params, tape, dh, _ = backward_symbols(1, 1, 1, 1)
    assert (str(params.W_x[0, 0]), str(dh[0, 0, 0])) == ("W^{g}_{x}", "u")
    assert [str(entry) for entry in tape.inputs[0, 0]] == ["h_{0}", "x", "1"]
    inputs = backward_symbols(2, 3, 2, 2)
    symbols = [entry for entry in entries(inputs) if entry != 1]
    assert len(set(symbols)) == len(symbols) == len(entries(inputs)) - 2 * 3


@pytest.mark.parametrize("make", [forward_symbols, backward_symbols])
def test_a_bad_size_is_named(make):
    with pytest.raises(ValueError, match="D: expected at least 1, got 0"):
        make(1, 1, 0, 1)
    with pytest.raises(TypeError, match="T: expected an integer, got float"):
        make(1.0, 1, 1, 1)


# The shipped passes on symbols


def both_gradients(T, B, D, H):
    """Return what the shipped code computes on symbols, and what SymPy's diff says."""
    inputs = forward_symbols(T, B, D, H)
    _, _, dh, dstate = backward_symbols(T, B, D, H)
    run = forward(*inputs, tanh=tanh)
    expected = Gradients(*derivatives(injected_loss(run, dh, dstate), inputs))
    return backward(inputs.params, run.tape, dh, dstate), expected


@pytest.mark.parametrize("sizes", [(1, 2, 2, 2), (2, 2, 2, 1)])
def test_the_shipped_gradient_is_the_one_that_sympy_derives(sizes):
    found, expected = both_gradients(*sizes)
    assert differing_entries(found, expected) == dict.fromkeys(NAMES, 0)


def test_a_planted_fault_in_one_gate_is_counted_and_named():
    found, expected = both_gradients(1, 1, 2, 2)
    found.params.W_x[:, 2:4] = -found.params.W_x[:, 2:4]
    found.x[0, 0, 0] += sympy.tanh(found.x[0, 0, 0]) ** 2
    assert differing_entries(found, expected) == {**dict.fromkeys(NAMES, 0), NAMES[0]: 4, "x": 1}


def test_equality_is_that_of_polynomials():
    a, b = sympy.symbols("a b")
    one = np.array([(a + b) ** 2, sympy.tanh(a * b) * a, a, 0], object)
    other = np.array([a**2 + 2 * a * b + b**2, a * sympy.tanh(a * b), b, a - a], object)
    assert differing_entries(one, other) == {"array": 1}
    assert differing_entries((one,), (in_ring(other),)) == {"[0]": 1}
    with pytest.raises(ValueError, match=r"array: expected shape \(4,\), got \(3,\)"):
        differing_entries(one, other[:3])
    with pytest.raises(ValueError, match="expected an expression convertible to a polynomial"):
        differing_entries(one[:3], 1 / one[:3])
    with pytest.raises(TypeError, match="found: expected a tree of arrays, got Add"):
        differing_entries(a + b, b + a)


def test_polynomials_come_back_as_the_expressions_that_they_were():
    inputs = backward_symbols(2, 2, 1, 2)
    back = expressions(in_ring(inputs))
    assert entries(back) == entries(inputs)
    ring_of = {entry.ring for entry in entries(in_ring(inputs))}
    assert len(ring_of) == 1


# Fractions


def test_fractions_are_exactly_the_numbers():
    case = example(2, 2, 3, 2)
    exact = to_fractions(case)
    assert {type(entry) for entry in entries(exact)} == {Fraction}
    for fraction, number in zip(entries(exact), entries(case), strict=True):
        assert float(fraction) == number
    assert to_fractions(np.array([0.1], np.float32))[0] == Fraction(13421773, 2**27)
    tape = to_fractions(case.forward().tape)
    pull = exact.pullback(tape)
    now, later = pull(times(exact.cotangents, Fraction(1, 20))), pull(exact.cotangents)
    assert not any(differing_entries(now, times(later, Fraction(1, 20))).values())
    assert all(differing_entries(now, later).values())


@pytest.mark.parametrize(
    ("bad", "error"), [(np.nan, ValueError), (np.inf, ValueError), (1j, TypeError)]
)
def test_what_is_no_real_number_is_no_fraction(bad, error):
    with pytest.raises(error, match=r"tree: expected (finite|real) numbers, got"):
        to_fractions(np.array([bad]))


# The certificate


def test_the_shipped_backward_is_certified_over_thousands_of_steps():
    found = field_certificate(backward, 2000, 2, 2, 2, RNG(0))
    assert found.scaled_once
    assert found.degrees == dict.fromkeys(NAMES, ONCE)
    assert not any(found.zeros.values())
    assert 0 < found.bound < 1e-14


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (1, 2, 3, 2), (2, 2, 2, 2), (3, 2, 1, 2)])
def test_symbols_prove_it_for_all_values_at_small_sizes(sizes):
    found = symbolic_certificate(backward, *sizes)
    assert found.scaled_once
    assert (set(found.degrees), found.bound) == (set(NAMES), 0)


def never(params, tape, dh, dstate, scale):
    return backward(params, tape, dh, dstate)


def at_the_end(params, tape, dh, dstate, scale):
    return times(backward(params, tape, dh, dstate), scale)


def twice(params, tape, dh, dstate, scale):
    return at_the_end(params, tape, dh * scale, times(dstate, scale), scale)


def plus_forty(params, tape, dh, dstate):
    return backward(params, tape, dh + 40, dstate)


def squared(params, tape, dh, dstate):
    return backward(params, tape, dh * dh, dstate)


def silent(params, tape, dh, dstate):
    return times(backward(params, tape, dh, dstate), 0)


def name(part):
    return getattr(part, "__name__", str(part))


CASES = [
    (never, True, {0}),
    (at_the_end, True, {1}),
    (twice, True, {2}),
    (plus_forty, False, {0, 1}),
    (squared, False, {1, 2}),
    (silent, False, set()),
]


@pytest.mark.parametrize(("code", "pass_scale", "expected"), CASES, ids=name)
def test_the_degrees_tell_what_was_scaled_and_how_often(code, pass_scale, expected):
    sizes = (2, 2, 2, 2)
    for found in (
        field_certificate(code, *sizes, RNG(1), pass_scale=pass_scale),
        symbolic_certificate(code, *sizes, pass_scale=pass_scale),
    ):
        assert found.degrees == dict.fromkeys(NAMES, expected)
        assert found.scaled_once == (expected == {1})


def test_a_gradient_that_is_zero_carries_no_information():
    def no_input_gradient(*arguments):
        return backward(*arguments)._replace(x=np.zeros((3, 2, 2), object))

    found = field_certificate(no_input_gradient, 3, 2, 2, 2, RNG(0))
    assert found.degrees["x"] == set()
    assert (found.zeros["x"], found.zeros["params.b"]) == (12, 0)
    assert not found.scaled_once


def test_code_that_does_more_than_add_and_multiply_is_refused():
    with pytest.raises(TypeError, match="h: expected polynomials in s or integers, got float"):
        degrees(State(np.array([0.5], object), np.array([1], object)))
    with pytest.raises(TypeError, match="array: expected polynomials in s or integers, got Symbol"):
        degrees(backward_symbols(1, 1, 1, 1).dh)
    with pytest.raises(TypeError, match="has no callable tanh method"):
        field_certificate(lambda params, tape, dh, dstate: np.tanh(dh), 1, 1, 1, 1, RNG(0))
    with pytest.raises(TypeError, match="backward: expected a tree of arrays, got NoneType"):
        field_certificate(lambda *_: None, 1, 1, 1, 1, RNG(0))


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="B: expected at least 1, got 0"):
        field_certificate(backward, 1, 0, 1, 1, RNG(0))
    with pytest.raises(TypeError, match=r"rng: expected numpy\.random\.Generator, got int"):
        random_inputs(1, 1, 1, 1, 0)
    with pytest.raises(TypeError, match="T: expected an integer, got str"):
        error_bound("3")


def test_random_inputs_follow_from_the_seed_and_fill_the_field():
    one, other, third = (random_inputs(3, 2, 2, 2, RNG(seed)) for seed in (5, 5, 6))
    assert not any(differing_entries(one, other).values())
    assert sum(differing_entries(one, third).values()) == len(entries(one)) - 3 * 2
    assert {entry.ring for entry in entries(one)} == {RING}
    assert sympy.isprime(PRIME)
    draws = RNG(0).integers(PRIME, size=1000)
    assert draws.min() >= 0
    assert PRIME * 0.99 < draws.max() < PRIME


def test_linear_code_is_additive_and_code_with_a_constant_is_not():
    assert not any(additivity_differences(backward, 20, 2, 2, 2, RNG(0)).values())
    found = additivity_differences(plus_forty, 20, 2, 2, 2, RNG(0))
    assert found["x"] == 20 * 2 * 2
    assert all(additivity_differences(squared, 2, 2, 2, 2, RNG(0)).values())


def guarded_on_zero(params, tape, dh, dstate):
    """Add 40 for each cotangent that is 0: no polynomial, though no random place shows it."""
    gradients = backward(params, tape, dh, dstate)
    return gradients._replace(x=gradients.x + 40 * sum(entry == 0 for entry in dh.ravel()))


def test_code_that_branches_on_zero_is_not_additive_and_no_certificate_passes_it():
    assert additivity_differences(guarded_on_zero, 3, 2, 2, 2, RNG(0))["x"] == 3 * 2 * 2
    for certify in (certificate, symbolic_certificate, partial(field_certificate, rng=RNG(0))):
        with pytest.raises(TypeError, match="the code under test compares an entry"):
            certify(guarded_on_zero, 2, 1, 1, 1)


# The chance of error


def highest(gradients, place=slice(None)):
    """Return the highest total degree in each array's terms."""
    arrays = (*gradients.params, gradients.x, *gradients.state)
    found = [max(sum(m[place]) for e in a.ravel() for m in e.itermonoms()) for a in arrays]
    return dict(zip(NAMES, found, strict=True))


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (1, 2, 2, 2), (2, 2, 1, 2), (3, 1, 2, 1)])
def test_the_total_degrees_are_those_of_the_symbols(sizes):
    gradients = backward(*in_ring(backward_symbols(*sizes)))
    assert highest(gradients) == total_degrees(sizes[0])


def test_the_total_degrees_are_those_of_longer_sequences():
    inputs = times(random_inputs(40, 1, 1, 1, RNG(0)), RING.gens[0])
    inputs.tape.inputs[:, :, -1] = RING.one  # what is not drawn has degree 0
    assert highest(backward(*inputs)) == total_degrees(40)


def test_the_bound_is_the_largest_degree_over_the_number_of_elements():
    assert error_bound(2000) == 6001 / PRIME
    assert field_certificate(backward, 3, 1, 1, 1, RNG(0)).bound == error_bound(3)


def test_an_unlucky_draw_does_fool_the_certificate_and_no_more_often_than_the_bound_says():
    field = sympy.polys.rings.PolyRing([SCALE], sympy.GF(31), "lex")
    rng, draws = RNG(0), 3000

    def missed():
        """Draw from a field of 31 elements: is the term that was left unscaled zero by chance?"""
        numbers = iter(rng.integers(31, size=40))
        inputs = tree_map(
            np.frompyfunc(lambda _: field.ground_new(int(next(numbers))), 1, 1),
            backward_symbols(1, 1, 1, 1),
        )
        left_out = backward(*inputs[:2], inputs.dh * field.gens[0], inputs.dstate)
        return 0 not in degrees(left_out)["params.b"]

    share = sum(missed() for _ in range(draws)) / draws
    assert 0 < share < total_degrees(1)["params.b"] / 31


# Formulas and tables


def test_a_formula_is_broken_between_its_terms_and_shows_no_raw_object():
    gradients = backward(*backward_symbols(1, 1, 1, 1))
    entry = in_ring(gradients).params.b[0]
    assert equation(r"\bar b^g", entry) == (
        "\\begin{aligned}\n"
        "{\\bar b^g} = {} & c^{\\prime g} h^{\\prime c} u \\\\\n"
        "& + c^{\\prime g} h^{\\prime c} u^{h} \\\\\n"
        "& + c^{\\prime g} u^{c} \n"
        "\\end{aligned}"
    )
    column = equation("b", gradients.params.b)
    assert column.startswith(r"b = \left[\begin{matrix}c^{\prime g}")
    assert (column.count(r"\\"), column.count("&")) == (3, 0)
    assert equation("n", 3) == "\\begin{aligned}\n{n} = {} & 3 \n\\end{aligned}"
    with pytest.raises(
        ValueError, match=r"right: expected at most two axes, got shape \(1, 1, 1\)"
    ):
        equation("x", gradients.x)


def test_sets_of_degrees_are_short():
    assert degree_set({1}) == "{1}"
    assert degree_set({1, 0}) == "{0,1}"
    assert degree_set(range(1, 41)) == "{1,…,40}"
    assert degree_set({0, 2, 3, 4, 9}) == "{0,2,3,4,9}"
    assert degree_set(set()) == "∅"


def test_the_table_says_which_pass_scales_once():
    def found(degree):
        return Certificate({"params.W_x": {degree}, "mine": set()}, {}, 0)

    right = Certificate({"params.W_x": {1}, "mine": {1}}, {}, 0)
    assert degree_table({"right": right, "wrong": found(2)}) == (
        "| backward pass | `W_x` | `mine` | scaled once |\n"
        "| :-- | -- | -- | :-: |\n"
        "| right | {1} | {1} | yes |\n"
        "| wrong | {2} | ∅ | no |"
    )
    with pytest.raises(ValueError, match="certificates: expected the same gradients in each"):
        degree_table({"right": right, "wrong": Certificate({"x": {1}}, {}, 0)})
    with pytest.raises(ValueError, match="certificates: expected the same gradients in each"):
        degree_table({})


@pytest.mark.parametrize("check", [certificate, symbolic_certificate])
def test_what_a_certificate_cannot_run_is_named(check):
    with pytest.raises(TypeError, match=r"^backward: expected a callable, got str"):
        check("backward", 1, 1, 1, 1)
    for name in ("pass_scale", "final_state"):
        with pytest.raises(TypeError, match=f"^{name}: expected a bool, got str"):
            check(backward, 1, 1, 1, 1, **{name: "no"})


def test_a_loss_of_what_was_no_run_is_named():
    case = example(2, 1, 1, 2)
    run, (dh, dstate) = case.forward(), case.cotangents
    for given, said in {
        (1, 1, 1): "run: expected Forward",
        (0, 1, 1): r"dh: expected shape \(2, 1, 2\), got \(2,\)",
        (0, 0, 1): "dstate: expected State",
    }.items():
        wrong = (None, dh[:, 0, 0], tuple(dstate))
        values = [w if k else v for k, w, v in zip(given, wrong, (run, dh, dstate), strict=True)]
        with pytest.raises((TypeError, ValueError), match=f"^{said}"):
            injected_loss(*values)
