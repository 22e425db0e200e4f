"""The numbers that others printed come out of the shipped passes, and of no faulty ones."""

from pathlib import Path

import numpy as np
import pytest

from lstm_src import GATES, Params, backward, forward, plain
from lstm_src.frameworks.published import PUBLISHED
from lstm_src.placements.mistakes import MISTAKES

HALF = 0.5 + 1e-4  # of the last decimal: what rounding a printed number takes away
CONSTANT = {"keras_one_bias", "keras_no_bias"}  # all weights of a kind are equal there
OF_GRADIENTS = {"deeplearning", "deeplearning_cut"}
BIBLIOGRAPHY = Path(__file__).parents[2] / "chapters/references.bib"
each = pytest.mark.parametrize("name", PUBLISHED)


def pullback(name):
    """Return the backward pass that the numbers came from."""
    return MISTAKES["never_carried"] if name == "deeplearning_cut" else backward


@each
def test_the_published_numbers_come_out(name):
    assert PUBLISHED[name].error(forward, pullback(name)) <= HALF


@pytest.mark.parametrize("name", sorted(PUBLISHED.keys() - {"deeplearning_cut"}))
def test_they_come_out_of_the_layer_that_is_read(name):
    assert PUBLISHED[name].error(plain.forward, plain.backward) <= HALF


def test_the_two_sets_of_one_course_tell_the_carried_sums_from_none():
    assert PUBLISHED["deeplearning"].error(forward, MISTAKES["never_carried"]) > 1e6
    assert PUBLISHED["deeplearning_cut"].error(forward, backward) > 1e6


@pytest.mark.parametrize("mistake", ["recurrent_sum_dropped", "cell_sum_dropped", "dh_overwritten"])
def test_neither_set_is_that_of_another_mistake(mistake):
    for name in OF_GRADIENTS:
        assert PUBLISHED[name].error(forward, MISTAKES[mistake]) > 1e6


def exchanged(one, other):
    """Return a forward pass, and a backward pass, that take one gate's weights for another's."""

    def swap(params):
        order = [{one: other, other: one}.get(gate, gate) for gate in GATES]
        found = []
        for array in params:
            blocks = dict(zip(GATES, np.split(array, 4, axis=-1), strict=True))
            found.append(np.concatenate([blocks[gate] for gate in order], axis=-1))
        return Params(*found)

    return (
        lambda params, *rest: forward(swap(params), *rest),
        lambda params, *rest: backward(swap(params), *rest),
    )


@pytest.mark.parametrize("gates", ["gf", "fi", "io", "go"])
@each
def test_a_permuted_order_shows_unless_all_gates_have_the_same_weights(name, gates):
    error = PUBLISHED[name].error(*exchanged(*gates))
    blind = name in CONSTANT or (name == "keras" and "f" not in gates)
    assert error <= HALF if blind else error > 100


@each
def test_reversed_inputs_or_other_weights_show(name):
    entry = PUBLISHED[name]

    def reversed_in_time(params, x, *rest):
        return forward(params, np.ascontiguousarray(x[::-1]), *rest)

    def doubled(params, *rest):
        return forward(Params(*(2 * array for array in params)), *rest)

    assert entry.error(doubled, pullback(name)) > 100
    assert (entry.error(reversed_in_time, pullback(name)) > 100) == (entry.steps > 1)


@each
def test_an_entry_names_its_source(name):
    entry = PUBLISHED[name]
    assert f"{{{entry.source}," in BIBLIOGRAPHY.read_text(encoding="utf-8")
    assert entry.values.dtype == np.float64
