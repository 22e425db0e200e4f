"""Marks and words of every figure can be told from what is behind them, by day and by night."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from contrast import MARK, ROOT, TEXT, contrast, in_dark, is_clear, pictures, solid_colours
from matplotlib.colors import to_hex, to_rgb
from pictured import dim_words, faint_lines, lost_share, small_words

from lstm_src.book.drawings import fingerprints
from lstm_src.book.drawings.cuts import draw_cuts
from lstm_src.book.drawings.decisions import draw_chart
from lstm_src.book.drawings.fingerprints import draw_fingerprints
from lstm_src.book.style import (
    COLOURS,
    GATE_COLOURS,
    INK,
    RAIL_COLOURS,
    SURFACE,
    UNLIT,
    UNLIT_TEXT,
    draw_shares,
    origin_colours,
)

NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
pytestmark = pytest.mark.usefixtures("book_style")


def test_the_page_turns_white_into_its_own_ground():
    assert to_hex(in_dark("white")) == "#121212"
    assert contrast("white", "black") > 15


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_colours_of_every_stored_picture_are_marks_or_grounds_for_words(path):
    unclear = {
        name: dim
        for name, kind, content in pictures(path)
        if (dim := {c for c in solid_colours(kind, content) if not is_clear(c)})
    }
    assert unclear == {}


def test_a_colour_between_mark_and_ground_would_be_noticed():
    for colour in ("#33a7c2", "#f87e2b"):
        figure, ax = plt.subplots(figsize=(2, 2))
        ax.bar([1], [1], color=colour)
        figure.canvas.draw()
        assert not is_clear(colour)
        svg = f'<path style="fill: {colour}"/>'
        assert solid_colours("image/svg+xml", svg) == {colour}
    assert all(map(is_clear, ("#ffffff", "#dddddd", "#000000", "#0072b2")))


def test_marks_are_seen_and_words_on_them_are_read():
    assert min(contrast(c, "white") for c in COLOURS.values()) >= MARK
    for T in (2, 6, 8, 20):
        assert min(contrast(c[:3], "white") for c in origin_colours(T)) >= TEXT
    for colours in (GATE_COLOURS, RAIL_COLOURS):
        assert min(contrast(c, "white") for c in colours.values()) >= TEXT
    for ground in ("white", SURFACE):
        assert min(contrast(INK, ground), contrast(UNLIT_TEXT, ground)) >= TEXT
        assert contrast(UNLIT, ground) >= MARK
    shades = fingerprints.COLOURS(np.linspace(0, 1, 50))[:, :3]
    assert min(contrast(shade, "black") for shade in shades) >= TEXT


def test_a_gate_has_no_colour_of_a_loss_term():
    ramp = origin_colours(20)[:, :3]
    for colour in GATE_COLOURS.values():
        assert np.linalg.norm(ramp - to_rgb(colour), axis=1).min() > 0.3


def shares_drawn(colours=None):
    rng = np.random.default_rng(0)
    figure, ax = plt.subplots(figsize=(5.2, 3.2))
    ax.set_ylim(-1, 2.5)
    draw_shares(ax, rng.uniform(-0.3, 0.8, (5, 8)), labels="agfio", colours=colours)
    return figure


def drawing(draw, size, *more):
    figure, ax = plt.subplots(figsize=size)
    draw(ax, *more)
    return figure


FIGURES = {
    "loss terms": shares_drawn,
    "gates": lambda: shares_drawn([COLOURS["grey"], *GATE_COLOURS.values()]),
    "cuts": lambda: drawing(draw_cuts, (5.2, 4.8)),
    "chart": lambda: drawing(draw_chart, (5.2, 8.55)),
    "fingerprints": lambda: drawing(draw_fingerprints, (5.2, 1.6), STRIPS),
}
STRIPS = {"Right": np.array([0, 1, 0]), "Wrong": np.array([0.2, 0.796, 0.004])}


@pytest.mark.parametrize("name", FIGURES)
def test_words_stand_on_grounds_on_which_they_are_read(name):
    figure = FIGURES[name]()
    assert dim_words(figure) == []
    assert faint_lines(figure) == set()


@pytest.mark.parametrize("name", ["loss terms", "gates"])
def test_the_mark_of_a_sum_is_seen_on_every_part(name):
    figure = FIGURES[name]()
    marks = next(line for line in figure.axes[0].lines if line.get_marker() == "_")
    assert lost_share(figure, marks) < 0.02
    marks.set_path_effects([])
    assert lost_share(figure, marks) > 0.1


def test_fingerprints_can_be_read_on_a_phone():
    figure = FIGURES["fingerprints"]()
    assert small_words(figure) == []
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert labels == ["Right", "100%", "Wrong", "20%", "80%", "<1%"]
