"""The drawings of parts of a batch: areas are weights, pairs are those that are added."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch, Rectangle
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src.book.drawings.pairs import added, draw_pairs
from lstm_src.book.drawings.parts import WAYS, draw_parts, weights_of
from lstm_src.book.style import SURFACE
from lstm_src.checks import audit_weights
from lstm_src.training.sums import Sums, add_up_here, divide_once

pytestmark = pytest.mark.usefixtures("book_style")

COUNTS = (3, 1, 7, 2, 4, 9, 1, 5)


def drawn(draw, *arguments, size=(5.2, 1.75)):
    _, ax = plt.subplots(figsize=size)
    draw(ax, *arguments)
    return ax


def squares(ax):
    """Return the areas of the tokens' squares, from left to right."""
    found = [p for p in ax.patches if type(p) is Rectangle]
    return [p.get_width() * p.get_height() for p in sorted(found, key=lambda p: p.get_x())]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("counts", [(3, 17), (2, 2), (5, 1)])
def test_the_areas_are_what_the_tokens_weigh_in_a_gradient(way, counts):
    """Read off: a token's gradient is a vector of its own, and parts are added in both ways."""
    terms = np.eye(sum(counts))
    part = np.repeat([0, 1], counts)

    def step(params, k):
        return Sums(0.0, terms[part == k].sum(axis=0), counts[k])

    if way == "each":
        gradient = sum(divide_once(step(None, k))[1] for k in (0, 1)) / 2
    else:
        gradient = divide_once(add_up_here(step, None, (0, 1)))[1]
    weights = audit_weights(gradient, list(terms)).weights
    areas = np.array(squares(drawn(draw_parts, way, counts)))
    assert len(areas) == sum(counts)
    np.testing.assert_allclose(areas / areas.sum(), weights / weights.sum(), rtol=1e-9)
    assert not np.allclose(areas[::-1], areas) or way == "once" or counts == (2, 2)


@pytest.mark.parametrize("counts", [(3, 17), (2, 2)])
def test_both_ways_are_drawn_to_one_scale(counts):
    one, other = (np.array(squares(drawn(draw_parts, way, counts))) for way in WAYS)
    ratio = np.repeat(weights_of("each", counts) / weights_of("once", counts), counts)
    np.testing.assert_allclose(one / other, ratio, rtol=1e-9)


def test_the_words_say_what_divides():
    said = {way: {t.get_text() for t in drawn(draw_parts, way, (3, 17)).texts} for way in WAYS}
    assert {"÷ 3", "÷ 17", "÷ 2"} <= said["each"]
    assert {"a sum of 3", "a sum of 17", "÷ 20"} <= said["once"]


def test_the_pairs_are_those_that_are_added():
    ax = drawn(draw_pairs, COUNTS, 2, size=(5.2, 2.9))
    numbers = [t.get_text() for t in ax.texts if t.get_text().isdigit()]
    assert sorted(map(int, numbers)) == sorted([*COUNTS, 4, 9, 13, 6, 13, 19, 32])
    assert "÷ 32, once" in {t.get_text() for t in ax.texts}
    assert sum(isinstance(p, FancyArrowPatch) for p in ax.patches) == 2 * (len(COUNTS) - 1) + 1


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_the_last_sum_holds_every_part_once(count):
    def parts(held):
        return [held] if not held.of else [part for one in held.of for part in parts(one)]

    counts = COUNTS[:count]
    last = added(counts, 2)
    assert [part.count for part in parts(last)] == list(counts)
    assert last.count == sum(counts)
    assert {part.worker for part in parts(last)} == ({0, 1} if count > 1 else {0})


DRAWINGS = {
    **{way: (draw_parts, way, size) for way in WAYS for size in [(5.2, 1.75)]},
    "pairs": (lambda ax, _: draw_pairs(ax, COUNTS, 2), None, (5.2, 2.9)),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_it_can_be_read_on_a_phone_and_in_the_dark(name):
    draw, argument, size = DRAWINGS[name]
    figure, ax = plt.subplots(figsize=size)
    draw(ax, argument)
    figure.canvas.draw()
    figure.set_layout_engine("none")  # words that are hidden in turn may not move the rest
    assert small_words(figure) == []
    assert dim_words(figure) == []
    assert not faint_lines(figure, SURFACE)
    assert collisions(figure) == []
