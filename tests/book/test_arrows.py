"""The drawing of arrows is true: lengths, angle and what is left are those of the vectors."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src.book.drawings.arrows import UNIT, draw_arrows, in_plane

pytestmark = pytest.mark.usefixtures("book_style")

WANTED = np.array([3.0, 0, 4, 0])
OTHER = np.array([0, 2.0, 0, -1])  # at right angles to it


def turned_by(degrees, length=1.0):
    bend = np.radians(degrees)
    across = OTHER / np.linalg.norm(OTHER) * np.linalg.norm(WANTED)
    return length * (np.cos(bend) * WANTED + np.sin(bend) * across)


def drawn(scaled=1.2 * WANTED, turned=None):
    _, ax = plt.subplots(figsize=(5.2, 2.5))
    turned = turned_by(30) if turned is None else turned
    draw_arrows(ax, ("wanted", WANTED), ("scaled", scaled), ("turned", turned))
    ax.set_title("A title", fontsize=12)
    return ax


def arrows(ax):
    """Return each arrow as a vector, in lengths of the wanted one."""
    paths = [p._path_original for p in ax.patches if isinstance(p, FancyArrowPatch)]
    return [(path.vertices[-1] - path.vertices[0]) / UNIT for path in paths]


@pytest.mark.parametrize(("degrees", "length"), [(0, 2), (30, 0.5), (90, 1), (150, 3)])
def test_length_and_angle_are_kept_in_the_plane(degrees, length):
    bend, place = np.radians(degrees), in_plane(WANTED, turned_by(degrees, length))
    np.testing.assert_allclose(place, length * np.array([np.cos(bend), np.sin(bend)]), atol=1e-14)


@pytest.mark.parametrize(("degrees", "length"), [(13.2, 0.77), (30, 1), (45, 1.1)])
def test_the_arrows_are_the_vectors_and_the_words_say_their_angle(degrees, length):
    ax = drawn(turned=turned_by(degrees, length))
    bend = np.radians(degrees)
    tip = length * np.cos(bend), length * np.sin(bend)
    np.testing.assert_allclose(arrows(ax), [(1.2, 0), (1, 0), (1, 0), tip], atol=1e-12)
    words = [text.get_text() for text in ax.texts]
    assert f"{degrees:.0f}°" in words
    assert f"{np.sin(bend):.2f} left" in words


def test_what_is_left_is_the_distance_to_the_nearest_multiple():
    turned = turned_by(30, 0.8)
    best = turned @ WANTED / (turned @ turned)
    left = np.linalg.norm(best * turned - WANTED) / np.linalg.norm(WANTED)
    (dotted,) = (line for line in drawn(turned=turned).lines if line.get_linestyle() == ":")
    ends = dotted.get_xydata() / UNIT
    np.testing.assert_allclose(np.hypot(*(ends[1] - ends[0])), left)
    np.testing.assert_allclose(ends[0], in_plane(WANTED, best * turned), atol=1e-12)
    np.testing.assert_allclose(ends[1], (1, 0))


@pytest.mark.parametrize("turned", [turned_by(13), turned_by(13, 1.1), turned_by(25, 0.6)])
def test_it_can_be_read_on_a_phone_and_in_the_dark(turned):
    figure = drawn(turned=turned).figure
    assert small_words(figure) == []
    assert dim_words(figure) == []
    assert faint_lines(figure) == set()
    assert collisions(figure) == []


@pytest.mark.parametrize(
    ("scaled", "turned"), [(turned_by(5), turned_by(30)), (WANTED, WANTED), (-WANTED, turned_by(9))]
)
def test_a_factor_that_turns_and_a_turn_that_is_none_are_refused(scaled, turned):
    with pytest.raises(ValueError, match="scaled, turned: expected angles"):
        drawn(scaled, turned)
