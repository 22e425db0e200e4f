"""The drawing of the cuts is true: every way from the loss crosses every cut exactly once."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lstm_src.book.drawings.cuts import ARROWS, CUTS, LOSS, ROW, STEPS, SUM, draw_cuts

NODES = {"L": LOSS, "sum": SUM, "start": (5.2, 10), "W": (5.2, 0), "h0": (-0.6, ROW)}
NODES |= {step: (x, ROW) for step, x in STEPS.items()}


def nearest(point):
    return min(NODES, key=lambda name: np.hypot(*np.subtract(NODES[name], point)))


EDGES = {arrow: (nearest(arrow[0]), nearest(arrow[1])) for arrow in ARROWS}


def ways(node):
    """Return all ways from a node to an end, as tuples of arrows."""
    following = [arrow for arrow, (start, _) in EDGES.items() if start == node]
    if not following:
        return [()]
    return [(arrow, *rest) for arrow in following for rest in ways(EDGES[arrow][1])]


def crossings(way, corners):
    """Count the points of a cut that lie on a way."""

    def apart(point, arrow):
        start, end = map(np.asarray, arrow)
        along = np.clip(np.dot(point - start, end - start) / np.dot(end - start, end - start), 0, 1)
        return np.hypot(*(point - start - along * (end - start)))

    return sum(min(apart(np.asarray(c), arrow) for arrow in way) < 0.08 for c in corners[1:-1])


def test_the_drawing_holds_all_ways():
    ends = [EDGES[way[-1]][1] for way in ways("start")]
    assert sorted(ends) == ["W"] * 6 + ["h0"] * 3  # from step s through s weights' shares, and out


@pytest.mark.parametrize("cut", CUTS)
def test_every_way_crosses_a_cut_once(cut):
    corners = CUTS[cut][1]
    assert {crossings(way, corners) for way in ways("start")} == {1}
    missing = [corners[0], *corners[2:]]  # without its first crossing
    assert 0 in {crossings(way, missing) for way in ways("start")}


def test_it_is_drawn_inside_its_axes():
    figure, axes = plt.subplots(figsize=(5.2, 4.8))
    draw_cuts(axes)
    figure.canvas.draw()
    frame = axes.get_window_extent()
    for text in axes.texts:
        box = text.get_window_extent()
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1
    plt.close(figure)
