"""The drawing of the cell: every name stands in it once, and no two things share a place."""

import itertools

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import FancyArrowPatch

from lstm_src.book.drawings.cell import ARROWS, BOXES, ENDS, draw_cell
from lstm_src.book.style import COLOURS, use_book_style


@pytest.fixture
def ax():
    backend = mpl.get_backend()
    mpl.use("agg")
    with mpl.rc_context():
        use_book_style()
        _, ax = plt.subplots(figsize=(5.2, 3.7))
        draw_cell(ax)
        yield ax
    plt.close("all")
    mpl.use(backend)


def collisions(ax):
    """Return the pairs of texts that overlap, and the texts that stick out of the figure."""
    ax.figure.canvas.draw()
    renderer = ax.figure.canvas.get_renderer()
    boxes = {text: text.get_window_extent(renderer) for text in ax.texts}
    pairs = itertools.combinations(boxes, 2)
    found = [(a.get_text(), b.get_text()) for a, b in pairs if boxes[a].overlaps(boxes[b])]
    inside = ax.figure.bbox
    out = [t.get_text() for t, box in boxes.items() if inside.count_contains(box.corners()) < 4]
    return found + out


def place(ax, name):
    (text,) = [text for text in ax.texts if text.get_text() == name]
    return text.get_position()


def test_every_name_stands_once_and_none_touches_another(ax):
    names = [text.get_text() for text in ax.texts]
    for name in [*BOXES, *ENDS, "tanh", "+", "keep", "write", "show"]:
        assert names.count(name) == 1
    assert names.count("×") == 3
    assert collisions(ax) == []


def test_a_text_over_another_or_outside_would_be_noticed(ax):
    ax.text(*place(ax, "keep"), "twice")
    assert collisions(ax) == [("keep", "twice")]
    ax.texts[-1].set_position((10.8, -0.3))
    ax.texts[-1].set_in_layout(False)  # else the axes make room for it
    assert collisions(ax) == ["twice"]


def test_the_step_runs_from_left_to_right(ax):
    for before, after in (("$c_{t-1}$", "$c_t$"), ("$h_{t-1}$", "$h_t$"), ("keep", "write")):
        assert place(ax, before)[0] < place(ax, after)[0]


def test_every_way_is_an_arrow_in_a_colour_of_the_style(ax):
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == len(ARROWS)
    colours = {mpl.colors.to_hex(arrow.get_edgecolor()) for arrow in arrows}
    assert colours == {COLOURS["blue"].lower(), COLOURS["orange"].lower(), "#444444"}


def test_every_arrow_ends_at_a_thing_and_each_gate_receives_one_and_sends_one(ax):
    ends = [corners[-1] for _, *corners in ARROWS]
    starts = [corners[0] for _, *corners in ARROWS]
    for x in BOXES.values():
        assert [end for end in ends if end[0] == x and end[1] < 2.4]
        assert [start for start in starts if start[0] == x and start[1] > 2.4]
