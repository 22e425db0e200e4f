"""A figure as SVG: the same bytes each time, and of the figure's size."""

import io

import matplotlib.pyplot as plt
import pytest

from lstm_src.book.drawings.svg import as_svg

pytestmark = pytest.mark.usefixtures("book_style")


def small_figure():
    figure, ax = plt.subplots(figsize=(2, 1), dpi=96)
    ax.plot([1, 2], marker="o")
    ax.set_title("$c_t$")
    return figure


def test_a_picture_as_svg_is_the_same_each_time_and_as_large_as_the_figure():
    one, other = as_svg(small_figure()).data, as_svg(small_figure()).data
    assert one == other
    assert 'width="192" height="96" viewBox="0 0 144 72"' in one
    assert plt.get_fignums() == []  # it is not shown once more
    text = io.StringIO()
    small_figure().savefig(text, format="svg")
    assert len(one) < len(text.getvalue())
