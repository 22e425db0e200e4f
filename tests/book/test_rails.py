"""The drawings of the rails and of a step: what is drawn is what the uses say, and can be read."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, FancyArrowPatch
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src.book.drawings import rails
from lstm_src.book.drawings.lines import RADIUS
from lstm_src.book.drawings.rails import STEPS, draw_rails
from lstm_src.book.drawings.twins import PLACES, T, draw_step, slope_label
from lstm_src.book.drawings.uses import PARTS, merges, uses_through
from lstm_src.book.style import SURFACE, UNLIT, UNLIT_TEXT
from lstm_src.structures import SLOPES

pytestmark = pytest.mark.usefixtures("book_style")

PLACE = {"rails": rails.place, "step": PLACES.get}
USES = {"rails": uses_through(STEPS), "step": uses_through([T], x=True)}


def drawn(which, forward=False, lit=None):
    """Draw one of the two, and return its axes."""
    if which == "rails":
        _, ax = plt.subplots(figsize=(5.2, 2.95))
        draw_rails(ax, lit, forward)
    else:
        _, ax = plt.subplots(figsize=(5.2, 3.5))
        draw_step(ax, forward)
    return ax


def arrows(ax):
    """Return the corners of all arrows, from tail to head."""
    paths = [p._path_original for p in ax.patches if isinstance(p, FancyArrowPatch)]
    return [tuple(map(tuple, path.vertices.round(3))) for path in paths]


def ends(which, corners, forward):
    """Return the use that an arrow draws: the one whose ends lie next to its ends."""
    tail, head = corners[0], corners[-1]
    start, end = (tail, head) if forward else (head, tail)

    def apart(use):
        places = map(PLACE[which], use[:2])
        return sum(np.hypot(*np.subtract(*pair)) for pair in zip(places, (start, end), strict=True))

    return min(USES[which], key=apart)


@pytest.mark.parametrize("which", USES)
def test_every_way_is_one_arrow_and_backward_all_arrows_are_reversed(which):
    forward, backward = (arrows(drawn(which, forward)) for forward in (True, False))
    assert [corners[::-1] for corners in forward] == backward
    assert [ends(which, corners, True) for corners in forward] == [*USES[which]]
    assert [ends(which, corners, False) for corners in backward] == [*USES[which]]


@pytest.mark.parametrize("which", USES)
def test_a_plus_stands_where_backward_adds_and_a_dot_where_forward_forks(which):
    places = sorted(tuple(PLACE[which](value)) for value in merges(USES[which]))
    for forward in (False, True):
        ax = drawn(which, forward)
        circles = [p for p in ax.patches if isinstance(p, Circle)]
        pluses = [c.center for c in circles if to_hex(c.get_facecolor()) == "#ffffff"]
        dots = [c.center for c in circles if c.radius < RADIUS]
        assert sorted(map(tuple, dots if forward else pluses)) == places
        assert not (pluses if forward else dots)
        assert len(ax.lines) == (0 if forward else 2 * len(places))


def test_the_slopes_stand_on_their_arrows_and_on_no_others():
    ax = drawn("step")
    labels = {text.get_text(): text for text in ax.texts}
    assert len(labels) == len(ax.texts)
    found = {}
    for use, corners in zip(USES["step"], arrows(ax), strict=True):
        along = np.subtract(corners[1], corners[0])
        for name in SLOPES:
            off = np.subtract(labels[slope_label(name)].get_position(), corners[0])
            share = off @ along / (along @ along)
            if 0 < share < 1 and np.hypot(*(off - share * along)) < 1:
                found.setdefault(name, []).append(use.factor)
    assert found == {name: [name] for name in SLOPES}
    forward = [text.get_text() for text in drawn("step", forward=True).texts]
    assert not {slope_label(name) for name in SLOPES} & set(forward)


def test_a_slope_is_written_as_the_page_on_notation_has_it():
    assert slope_label("dc_dc_prev") == r"$c_t^{\prime\,c}$"
    assert slope_label("dc_dz_g") == r"$c_t^{\prime\,g}$"
    assert slope_label("dh_dc") == r"$h_t^{\prime\,c}$"


@pytest.mark.parametrize("part", PARTS)
def test_the_part_alone_is_lit(part):
    ax = drawn("rails", lit=part)
    patches = [p for p in ax.patches if isinstance(p, FancyArrowPatch)]
    lit = [w for w, p in zip(USES["rails"], patches, strict=True) if to_hex(p.get_ec()) != UNLIT]
    assert set(lit) == set(PARTS[part](USES["rails"]))
    assert UNLIT_TEXT in {text.get_color() for text in ax.texts}
    assert not any(to_hex(p.get_ec()) == UNLIT for p in drawn("rails").patches)


@pytest.mark.parametrize("forward", [True, False])
def test_it_can_be_read_on_a_phone_and_in_the_dark(forward):
    for ax in (drawn("step", forward), drawn("rails", forward)):
        ax.set_title("A title", fontsize=12)
        assert small_words(ax.figure) == []
        assert dim_words(ax.figure) == []
        assert not faint_lines(ax.figure, SURFACE)
    for part in PARTS:
        figure = drawn("rails", forward, part).figure
        assert dim_words(figure) == []
        assert not faint_lines(figure, SURFACE)


@pytest.mark.parametrize("which", USES)
@pytest.mark.parametrize("forward", [True, False])
def test_no_two_words_share_a_place(which, forward):
    assert collisions(drawn(which, forward).figure) == []


def test_words_on_others_too_small_or_too_dim_would_be_noticed():
    ax = drawn("rails")
    ax.text(*ax.texts[0].get_position(), "on it", fontsize=11, color="#858585")
    assert (ax.texts[0].get_text(), "on it") in collisions(ax.figure)
    assert small_words(ax.figure) == ["on it"]
    assert ("on it", "#ffffff") in dim_words(ax.figure)
    ax.plot([0, 1], [0, 1], color="#56B4E9")
    assert faint_lines(ax.figure) == {"#56b4e9"}
