"""The drawing of windows: forward joins all steps, backward those of one window; it is read."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src.book.drawings.windows import (
    BACKWARD,
    FORWARD,
    draw_windows,
    place_of,
    window_of,
)
from lstm_src.book.style import RAIL_COLOURS, SURFACE, UNLIT

pytestmark = pytest.mark.usefixtures("book_style")


def drawn(**options):
    """Draw windows, and return the axes."""
    _, ax = plt.subplots(figsize=(5.2, 3.1))
    draw_windows(ax, **options)
    return ax


def joined(ax, lengths, row):
    """Return the pairs of steps that arrows of a row join, with the colour of each."""
    places = {round(place_of(t, lengths)): t for t in range(1, sum(lengths) + 1)}

    def nearest(x):
        return places[min(places, key=lambda place: abs(place - x))]

    found = []
    for patch in (p for p in ax.patches if isinstance(p, FancyArrowPatch)):
        tail, *_, head = patch._path_original.vertices
        if tail[1] == head[1] and abs(tail[1] - row) < 20:
            found.append((nearest(tail[0]), nearest(head[0]), to_hex(patch.get_ec())))
    return found


@pytest.mark.parametrize("lengths", [(5, 5, 2), (3, 3, 3, 1)])
def test_values_cross_every_border_and_cotangents_none(lengths):
    ax, T = drawn(lengths=lengths, term=5), sum(lengths)
    forward = {(a, b) for a, b, _ in joined(ax, lengths, FORWARD)}
    assert forward == {(t, t + 1) for t in range(1, T)}
    backward = {(a, b) for a, b, _ in joined(ax, lengths, BACKWARD)}
    inside = {t for t in range(1, T) if window_of(t, lengths) == window_of(t + 1, lengths)}
    assert backward == {(t + 1, t) for t in inside}
    assert len(ax.lines) == len(lengths) - 1 == T - 1 - len(inside)


def test_what_the_term_reaches_is_lit():
    ax = drawn(lengths=(5, 5, 2), term=8)
    lit = [(a, b) for a, b, colour in joined(ax, (5, 5, 2), BACKWARD) if colour != UNLIT]
    assert sorted(lit) == [(7, 6), (7, 6), (8, 7), (8, 7)]
    assert {c for *_, c in joined(ax, (5, 5, 2), FORWARD)} == {
        RAIL_COLOURS[rail].lower() for rail in "hc"
    }


def test_it_can_be_read():
    ax = drawn()
    assert [t.get_text() for t in ax.texts if "terms" in t.get_text()] == [
        "5 terms",
        "5 terms",
        "2 terms",
    ]
    assert collisions(ax.figure) == []
    assert small_words(ax.figure) == []
    assert dim_words(ax.figure) == []
    assert not faint_lines(ax.figure, SURFACE)
