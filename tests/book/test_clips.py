"""The drawing of the clips is true: where a gradient ends when a factor makes it longer."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src.book.drawings.clips import FACTORS, GRADIENT, clipped_at, draw_clips

pytestmark = pytest.mark.usefixtures("book_style")


@pytest.fixture
def ax():
    _, ax = plt.subplots(figsize=(5.2, 3.4))
    draw_clips(ax)
    ax.set_title("A title", fontsize=12)
    return ax


def test_one_goes_on_one_stops_on_the_circle_and_one_goes_to_the_corner():
    found = clipped_at(FACTORS)
    np.testing.assert_allclose(found["linear"], np.outer(FACTORS, GRADIENT))
    lengths = np.linalg.norm(found["by norm"], axis=1)
    np.testing.assert_allclose(lengths[1:], 1)
    assert lengths[0] == np.linalg.norm(GRADIENT) < 1
    turned = found["by norm"] @ [GRADIENT[1], -GRADIENT[0]]
    np.testing.assert_allclose(turned, 0, atol=1e-15)
    np.testing.assert_allclose(found["by value"][-1], (1, 1))
    assert found["by value"].max() == 1
    assert np.all(np.diff(found["by value"] @ [GRADIENT[1], -GRADIENT[0]])[1:] < 0)


def test_the_marks_stand_where_the_clips_end(ax):
    found = clipped_at(FACTORS)
    marks = {line.get_marker(): line.get_xydata() for line in ax.lines if len(line.get_xdata()) < 9}
    np.testing.assert_array_equal(marks["s"], found["by value"][1:])
    rounds = [line.get_xydata() for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_array_equal(rounds[0], found["linear"])
    np.testing.assert_array_equal(rounds[1], found["by norm"][1:])


def test_it_can_be_read_on_a_phone_and_in_the_dark(ax):
    assert small_words(ax.figure) == []
    assert dim_words(ax.figure) == []
    assert faint_lines(ax.figure) == set()
    assert collisions(ax.figure) == []
