"""The drawing of a step's order: what is said to commute with a factor does, and the rest not."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src.book.drawings.order import LOSSES, OPERATIONS, draw_order
from lstm_src.book.style import SURFACE
from lstm_src.training import AdamW, clip_by_norm, init_model, loss_and_gradients

pytestmark = pytest.mark.usefixtures("book_style")

RNG = np.random.default_rng(0)
G = RNG.standard_normal((3, 2, 4))  # of three micro-batches on two workers
P = RNG.standard_normal(4)
MODEL = init_model(2, 3, 4, RNG)
X, LABELS = RNG.standard_normal((4, 2, 2)), RNG.integers(0, 4, (4, 2))


def backward(factor):
    options = {"reduction": "sum", "scale": factor}
    return loss_and_gradients(MODEL, X, LABELS, **options).gradients.W_y


def adam(gradient, decay=0.0):
    optimizer = AdamW(0.1, weight_decay=decay)
    return optimizer.step([P], [gradient], optimizer.begin([P]))[0][0]


DONE = {
    "backward": backward,
    "add": lambda factor: (factor * G).sum(axis=0),
    "all-reduce": lambda factor: (factor * G[0]).sum(axis=0),
    "unscale": lambda factor: factor * G[0, 0] / 2.0**16,
    "clip": lambda factor: clip_by_norm([factor * G[0, 0]], 0.1)[0],
    # What the decay takes off the weights, whatever the gradient.
    "decay": lambda factor: adam(factor * G[0, 0], 0.5) - adam(factor * G[0, 0]),
    "step": lambda factor: P - adam(factor * G[0, 0]),
}
"""What comes out of each operation if a factor goes in."""


def commutes(done, factor=1 / 17):
    """Say whether the factor could as well be applied to what comes out."""
    return np.allclose(done(factor), factor * done(1.0), rtol=1e-9, atol=0)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_thin_box_commutes_with_a_common_factor_and_a_thick_one_does_not(name):
    assert commutes(DONE[name]) == OPERATIONS[name].commutes


def test_factors_that_differ_cannot_wait_for_the_sum():
    total = np.array([0.2, 0.5]) @ G[:2, 0]
    assert not np.allclose(np.cross(total[:3], G[:2, 0].sum(axis=0)[:3]), 0)


@pytest.fixture
def ax(book_style):
    _, ax = plt.subplots(figsize=(5.2, 5.5))
    draw_order(ax)
    return ax


def test_all_is_drawn_in_its_order(ax):
    heights = {text.get_text(): text.get_position()[1] for text in ax.texts}
    texts = [operation.text for operation in OPERATIONS.values()]
    found = [heights[text] for text in texts]
    assert found == sorted(found, reverse=True)
    assert {*LOSSES, *LOSSES.values()} <= heights.keys()
    assert min(heights[name] for name in LOSSES) > found[0]
    arrows = [p for p in ax.patches if isinstance(p, FancyArrowPatch)]
    assert len(arrows) == len(OPERATIONS) + len(LOSSES)


def test_thick_edges_are_round_what_does_not_commute(ax):
    thick = [p for p in ax.patches if type(p) is Rectangle and p.get_linewidth() > 2]
    heights = {p.get_y() + p.get_height() / 2 for p in thick}
    places = {text.get_text(): text.get_position()[1] for text in ax.texts}
    assert heights == {places[o.text] for o in OPERATIONS.values() if not o.commutes}
    boxes = [p for p in ax.patches if isinstance(p, FancyBboxPatch)]
    assert len(boxes) == len(OPERATIONS) + len(LOSSES)
    (line,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert max(heights) < line.get_ydata()[0]
    assert line.get_ydata()[0] < min(places[o.text] for o in OPERATIONS.values() if o.commutes)


def test_it_can_be_read_on_a_phone_and_in_the_dark(ax):
    assert collisions(ax.figure) == []
    assert small_words(ax.figure) == []
    assert dim_words(ax.figure) == []
    assert not faint_lines(ax.figure, SURFACE)
    ax.text(*ax.texts[0].get_position(), "on it", fontsize=8, color="#999999")
    assert collisions(ax.figure)
    assert small_words(ax.figure) == ["on it"]
    assert dim_words(ax.figure)
