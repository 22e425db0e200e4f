"""The abstract run: what it certifies is certain, and what it can't vouch for it refuses."""

import operator

import numpy as np
import pytest
from catalogue import CARRIED, RIGHT, SCALING

from lstm_src import SLOPES, backward, plain
from lstm_src.placements.mistakes import MISTAKES
from lstm_src.proof import (
    backward_symbols,
    certificate,
    in_ring,
    term_shapes,
    total_degree,
    total_degrees,
)
from lstm_src.proof.forms import Forms

SPACE = Forms("cotangents", "s")
U, S = SPACE.variable("cotangents"), SPACE.variable("s")
EVERY = [entry for entry in MISTAKES.values() if entry.shows.certificate is not None]


def each(entries):
    return pytest.mark.parametrize("entry", entries, ids=lambda entry: entry.name)


# Elements


def test_sums_unite_and_products_add():
    assert (U + S).forms == {(1, 0), (0, 1)}
    assert (U * S + U).forms == {(1, 1), (1, 0)}
    assert ((U + S) * (U + 1)).forms == {(2, 0), (1, 1), (1, 0), (0, 1)}
    assert (U * S) is (S * U)
    assert (U - U).forms == {(1, 0)}
    assert (-U) is U
    assert (U**3).forms == {(3, 0)}


def test_numbers_have_no_variables_and_zero_has_no_terms():
    for zero in (0, 0.0, np.float64(0), False):
        assert (U * zero).forms == set()
        assert (U + zero) is (zero + U) is U
    assert (U + 2).forms == (2.5 + U).forms == {(1, 0), (0, 0)}
    assert (3 * U) is (U / 2) is (U / np.float64(2)) is U


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda u: np.maximum(u, u[::-1]), "compares an entry"),
        (np.sort, "compares an entry"),
        (np.argmax, "compares an entry"),
        (lambda u: u * u / u[::-1], "divides by an entry"),
        (lambda u: 1 / u, "divides by an entry"),
        (lambda u: np.where(u == 0, 1, u), "compares an entry"),
        (lambda u: np.where(u, 1, u), "branches on an entry"),
        (lambda u: [1 if entry else 0 for entry in u], "branches on an entry"),
        (lambda u: dict.fromkeys(u, 1), "looks up an entry"),
        (lambda u: u.astype(float), "converts an entry"),
        (lambda u: range(3)[u[0]], "converts an entry"),
        (abs, "takes the absolute value of an entry"),
        (lambda u: np.clip(u, -1, 1), "compares an entry"),
        (lambda u: u**0.5, "takes a root of an entry"),
        (lambda u: u % 2, "divides by an entry"),
        (lambda u: u == u[::-1], "compares an entry"),
        (lambda u: u != u[::-1], "compares an entry"),
    ],
)
def test_what_depends_on_values_is_refused_and_named(act, said):
    entries = np.array([U, S * U, S], object)
    with pytest.raises(TypeError, match=rf"the code under test {said}: it must only add and mult"):
        act(entries)


def test_a_function_is_refused():
    with pytest.raises(TypeError):
        np.tanh(np.array([U], object))


@pytest.mark.parametrize("other", ["1", None, [1], 1 + SPACE.one])
def test_what_is_no_number_is_refused(other):
    with pytest.raises((TypeError, ValueError), match="expected elements"):
        Forms("cotangents").one + other


@pytest.mark.parametrize("compare", [operator.eq, operator.ne, operator.lt])
def test_an_entry_is_not_even_compared_with_itself(compare):
    """Entries of one form are one element: which of them was meant is not known."""
    with pytest.raises(TypeError, match="compares an entry"):
        compare(U, U)


# Certificates


@pytest.mark.parametrize("layer", [backward, plain.backward], ids=["fast", "plain"])
@pytest.mark.parametrize("final_state", [True, False])
def test_the_shipped_passes_are_certified_at_every_length(layer, final_state):
    for T in (1, 2, 3, 50):
        found = certificate(layer, T, 2, 3, 2, final_state=final_state)
        assert found.scaled_once
        assert found.bound == 0
        assert found.cotangents == {1}
        assert not any(found.zeros.values())


@each(RIGHT)
def test_every_right_place_is_certified(entry):
    assert certificate(entry, 20, 2, 2, 2, pass_scale=True).scaled_once


@each([*RIGHT, *SCALING])
@pytest.mark.parametrize("T", [1, 2, 3, 12])
def test_the_degrees_are_those_that_the_catalogue_states_entry_by_entry(entry, T):
    found = certificate(entry, T, 2, 2, 2, pass_scale=True, final_state=entry.final_term)
    assert found.degrees == entry.degrees(T)
    assert found.scaled_once == all(powers == {1} for powers in entry.degrees(T).values())


def test_a_square_of_a_cotangent_is_not_linear_though_its_power_is_one():
    def squared(params, tape, dh, dstate, scale):
        found = backward(params, tape, dh, dstate)
        return found._replace(x=found.x * found.x * scale)

    found = certificate(squared, 2, 1, 1, 1, pass_scale=True)
    assert found.degrees["x"] == {1}
    assert found.cotangents == {1, 2}
    assert not found.scaled_once


def test_a_gradient_without_terms_is_not_certified():
    def nothing(*arguments):
        found = backward(*arguments)
        return found._replace(x=0 * found.x)

    found = certificate(nothing, 2, 1, 1, 1)
    assert found.zeros["x"] == 2
    assert not found.scaled_once


def test_terms_that_cancel_count():
    def there_and_back(params, tape, dh, dstate, scale):
        found = backward(params, tape, dh * scale, type(dstate)(*(u * scale for u in dstate)))
        return found._replace(x=found.x + dh.sum() - dh.sum())

    found = certificate(there_and_back, 2, 1, 1, 1, pass_scale=True)
    assert found.degrees["x"] == {0, 1}


def guarded(params, tape, dh, dstate):
    """Put 1 in the place of zeros, as a guard against padding does."""
    return backward(params, tape, np.where(dh == 0, 1, dh), dstate)


def test_a_guard_on_zero_is_refused():
    with pytest.raises(TypeError, match="compares an entry"):
        certificate(guarded, 2, 1, 1, 1)


@pytest.mark.parametrize("compare", [np.not_equal, np.equal])
def test_code_that_compares_neighbours_is_refused(compare):
    def where_it_jumps(params, tape, dh, dstate):
        found = backward(params, tape, dh, dstate)
        return found._replace(x=np.where(compare(dh[1:], dh[:-1]).any(), 40, 1) * found.x)

    with pytest.raises(TypeError, match="compares an entry"):
        certificate(where_it_jumps, 3, 1, 1, 2)


@pytest.mark.parametrize("size", ["T", "B", "D", "H"])
def test_a_bad_size_is_named(size):
    sizes = {"T": 1, "B": 1, "D": 1, "H": 1} | {size: 0}
    with pytest.raises(ValueError, match=f"{size}: expected at least 1, got 0"):
        certificate(backward, **sizes)


# Shapes and total degrees


@pytest.mark.parametrize("T", [1, 2, 3])
def test_the_total_degree_is_that_of_the_written_out_polynomials(T):
    gradients = backward(*in_ring(backward_symbols(T, 1, 2, 1)))
    leaves = (*gradients.params, gradients.x, *gradients.state)
    entries = np.concatenate([leaf.ravel() for leaf in leaves])
    written = max(sum(powers) for entry in entries for powers in entry.itermonoms())
    assert total_degree(backward, T, 1, 2, 1) == written == max(total_degrees(T).values())


def test_the_total_degree_of_other_code_is_its_own():
    found = [total_degree(MISTAKES["dh_overwritten"], T, 2, 1, 2) for T in (1, 2, 3)]
    assert found == [6, 10, 14]
    assert total_degree(MISTAKES["never_carried"], 9, 2, 1, 2) == 4
    assert total_degree(lambda *_: {"a": np.zeros(1, object)}, 1, 1, 1, 1) == 0


@each(CARRIED)
def test_what_is_linear_and_wrong_is_told_by_the_shapes_of_its_terms(entry):
    """All five pass the certificate, and none is made of the terms of right code."""
    assert certificate(entry, 5, 2, 2, 2, pass_scale=True).scaled_once
    assert term_shapes(entry, 3, 2, 2, 2) != term_shapes(backward, 3, 2, 2, 2)


def test_the_last_cotangent_at_every_step_is_told_by_its_step_alone():
    def steps_forgotten(found):
        return {
            name: {
                frozenset((k if isinstance(k, str) else "dh", n) for k, n in shape) for shape in s
            }
            for name, s in found.items()
        }

    wrong, right = (
        term_shapes(code, 3, 2, 2, 2) for code in (MISTAKES["last_dh_everywhere"], backward)
    )
    assert wrong != right
    assert steps_forgotten(wrong) == steps_forgotten(right)


def test_the_shapes_of_one_step_are_read_off_its_equations():
    found = term_shapes(backward, 1, 1, 1, 1, final_state=False)
    u, up = (("dh", 0), 1), ("dh_dc", 1)
    through_cell = {frozenset({u, up, (f"dc_dz_{gate}", 1)}) for gate in "gfi"}
    bias = through_cell | {frozenset({u, ("dh_dz_o", 1)})}
    assert found["params.b"] == bias
    assert found["state.h"] == {shape | {("W_h", 1)} for shape in bias}
    assert found["x"] == {shape | {("W_x", 1)} for shape in bias}
    assert found["params.W_x"] == {shape | {("rows", 1)} for shape in bias}
    assert found["state.c"] == {frozenset({u, up, ("dc_dc_prev", 1)})}
    assert set(SLOPES) <= {
        kind for shapes in found.values() for shape in shapes for kind, _ in shape
    }


@each(EVERY)
def test_an_entry_says_what_the_certificate_says(entry):
    found = certificate(entry, 12, 2, 2, 2, pass_scale=True, final_state=entry.final_term)
    assert found.scaled_once == entry.shows.certificate
