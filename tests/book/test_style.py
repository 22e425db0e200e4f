"""The book's drawings: what they draw is what they were given."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.colors import to_hex

from lstm_src.book.style import (
    FONTS,
    GATE_COLOURS,
    STYLE,
    draw_shares,
    field_colours,
    origin_colours,
    use_book_style,
)

pytestmark = pytest.mark.usefixtures("book_style")


def test_the_style_replaces_what_was_set_before():
    mpl.rcParams["lines.dashed_pattern"] = (1, 1)
    use_book_style()
    assert mpl.rcParams["lines.dashed_pattern"] == mpl.rcParamsDefault["lines.dashed_pattern"]
    assert mpl.rcParams["figure.dpi"] == STYLE["figure.dpi"]


@pytest.mark.parametrize(
    ("weight", "style", "file"),
    [
        ("normal", "normal", "serif-regular.ttf"),
        ("bold", "normal", "serif-semibold.ttf"),
        ("normal", "italic", "serif-italic.ttf"),
    ],
)
def test_figures_have_the_face_of_the_pages(weight, style, file, caplog):
    wanted = font_manager.FontProperties(weight=weight, style=style)
    assert font_manager.findfont(wanted) in map(str, FONTS)
    assert font_manager.findfont(wanted).endswith(file)
    assert not caplog.records


def test_what_the_face_lacks_is_drawn_by_another(recwarn):
    figure, ax = plt.subplots()
    ax.set_title("z̄ σ ∂ × ÷ ≠ ✓ ✗ ⊙ ₜ")
    figure.canvas.draw()
    assert not recwarn.list


def test_the_style_adds_its_fonts_once():
    use_book_style()
    known = [font.fname for font in font_manager.fontManager.ttflist]
    assert [known.count(str(path)) for path in FONTS] == [1, 1, 1]


def test_stacked_parts_have_the_given_heights_and_meet_without_gaps():
    shares = np.array([[1.0, 0.0, -1.0], [2.0, 3.0, 0.5], [0.5, -1.0, -2.0]])
    _, ax = plt.subplots()
    draw_shares(ax, shares)
    bars = np.array(
        [[(bar.get_y(), bar.get_y() + bar.get_height()) for bar in c] for c in ax.containers]
    )
    np.testing.assert_allclose(bars[..., 1] - bars[..., 0], shares)
    np.testing.assert_allclose(bars[:, 0], [[0, 1], [1, 3], [3, 3.5]])
    np.testing.assert_allclose(bars[:, 2], [[0, -1], [0, 0.5], [-1, -3]])
    np.testing.assert_allclose(ax.lines[0].get_ydata(), shares.sum(0))


def test_a_part_carries_its_label_where_there_is_room():
    shares = np.array([[1.0, 1.0], [2.0, 0.001]])
    for labels, shown in ((None, ["1", "1", "2"]), ("ab", ["a", "a", "b"])):
        _, ax = plt.subplots()
        ax.set_ylim(0, 3)
        draw_shares(ax, shares, labels=labels)
        assert [text.get_text() for text in ax.texts] == shown
        np.testing.assert_allclose(ax.texts[-1].get_position(), (1, 2))


def test_no_label_stands_where_the_line_of_the_sum_would_cross_it():
    _, ax = plt.subplots()
    ax.set_ylim(-2, 3)
    draw_shares(ax, np.array([[2.0, 2.0], [-1.0, 1.0]]), labels="ab")  # the first sum is at 1
    assert [(text.get_text(), *text.get_position()) for text in ax.texts] == [
        ("a", 2, 1),
        ("b", 1, -0.5),
        ("b", 2, 2.5),
    ]


def test_parts_have_the_given_colours_or_those_of_their_steps():
    for given in (None, [*GATE_COLOURS.values()]):
        _, ax = plt.subplots()
        draw_shares(ax, np.ones((4, 2)), colours=given)
        drawn = [to_hex(bar.get_facecolor()) for bars in ax.containers for bar in bars[:1]]
        assert drawn == [to_hex(c) for c in (origin_colours(4) if given is None else given)]


def test_the_lightest_colour_of_fields_is_that_of_zero():
    blues, shades = plt.get_cmap("Blues"), field_colours("Blues", 0.5, 1)
    assert to_hex(shades(0.0)) == to_hex(blues(0.5))
    assert to_hex(shades(1.0)) == to_hex(blues(1.0))
