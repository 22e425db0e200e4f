"""Curves of training runs: what is drawn is what was measured, and can be read on a phone."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src.book.drawings.training import BAND, EXACT, draw_gaps, draw_panel

pytestmark = pytest.mark.usefixtures("book_style")

CURVE = [2.0, 1.0, 0.6, 0.5]
GAPS = {"right": [[0, 0, 0], [0, 1e-15, 1e-13]], "wrong": [[1e-3, 1e-2, 1.5]]}


def panels(**options):
    """Draw four panels as on the page, and return the figure."""
    figure, axes = plt.subplots(2, 2, figsize=(5.2, 4.2))
    for k, ax in enumerate(axes.flat):
        draw_panel(ax, 400, CURVE, title=f"task {k}", levels={"": 0.7}, **options)
    return figure


def gaps(found=GAPS):
    figure, ax = plt.subplots(figsize=(5.2, 3.6))
    draw_gaps(ax, 300, found)
    return figure


def test_a_panel_shows_the_curve_in_the_middles_of_its_blocks():
    ax = panels(top=2).axes[0]
    level, curve = ax.lines
    np.testing.assert_allclose(curve.get_xdata(), [50, 150, 250, 350])
    np.testing.assert_array_equal(curve.get_ydata(), CURVE)
    assert set(level.get_ydata()) == {0.7}
    assert level.get_linestyle() != curve.get_linestyle()  # apart in grey, too
    assert ax.get_xlim() == (0, 400)
    assert ax.get_ylim() == (0, 2)


def test_gaps_stand_on_a_logarithmic_axis_with_zero_in_a_band_at_its_end():
    ax = gaps().axes[0]
    lowest, right, wrong = (line.get_ydata() for line in ax.lines)
    assert ax.get_yscale() == "log"
    assert set(lowest) == {EXACT}
    assert ax.get_ylim()[0] == BAND[0] < EXACT < BAND[1] < min(right[1:])
    (band,) = ax.patches
    assert (band.get_y(), band.get_y() + band.get_height()) == pytest.approx(BAND)
    np.testing.assert_array_equal(right[1:], [1e-15, 1e-13])
    np.testing.assert_array_equal(wrong, GAPS["wrong"][0])
    first, *_, last = (line.get_linestyle() for line in ax.lines)
    assert first != last


@pytest.mark.parametrize("draw", [panels, gaps])
def test_it_can_be_read_on_a_phone(draw):
    figure = draw()
    assert collisions(figure) == []
    assert small_words(figure) == []
    assert dim_words(figure) == []
    assert not faint_lines(figure)


def test_words_that_collide_are_noticed():
    figure = panels(top=2)
    figure.axes[0].set_title("a title that is much too long for so small a panel")
    assert collisions(figure) != []
