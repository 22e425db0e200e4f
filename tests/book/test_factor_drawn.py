"""The drawing of a factor in an optimizer: its powers are those of the code, and it is read."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import FancyArrowPatch
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src.book.drawings.optimizers import KINDS, draw_optimizers, powers_kept
from lstm_src.book.style import SURFACE
from lstm_src.training import SGD, Adagrad, Adam, AdamW, RMSprop

pytestmark = pytest.mark.usefixtures("book_style")


@pytest.fixture
def ax():
    _, ax = plt.subplots(figsize=(5.2, 3.4))
    draw_optimizers(ax)
    return ax


@pytest.mark.parametrize(
    ("optimizer", "powers"),
    [
        (SGD(0.1), {"step": 1}),
        (SGD(0.1, momentum=0.9, nesterov=True), {"velocity": 1, "step": 1}),
        (Adam(0.1, eps=0), {"mean": 1, "mean_square": 2, "step": 0}),
        (AdamW(0.1, eps=0, weight_decay=0), {"mean": 1, "mean_square": 2, "step": 0}),
        (RMSprop(0.1, eps=0), {"mean_square": 2, "step": 0}),
        (RMSprop(0.1, eps=0, momentum=0.5), {"mean_square": 2, "velocity": 0, "step": 0}),
        (Adagrad(0.1, eps=0), {"square_sum": 2, "step": 0}),
    ],
    ids=str,
)
def test_each_part_holds_its_power_of_the_factor(optimizer, powers):
    assert powers_kept(optimizer) == powers


@pytest.mark.parametrize(
    ("optimizer", "part"),
    [
        (Adam(0.1, eps=1.0), "step"),
        (Adam(0.1, eps=0, weight_decay=0.5), "mean"),
        (SGD(0.1, weight_decay=0.5), "step"),
    ],
    ids=str,
)
def test_what_holds_no_factor_is_refused(optimizer, part):
    with pytest.raises(ValueError, match=f"a power of the factor in {part}"):
        powers_kept(optimizer)


def test_the_boxes_say_the_powers_that_the_code_has(ax):
    said = [text.get_text() for text in ax.texts]
    powers = [power for kind in KINDS.values() for power in powers_kept(kind).values()]
    assert said.count("$a^2$") == powers.count(2) == 1
    assert said.count("$a$") == powers.count(1) + 2  # and the two gradients
    assert said.count("1") == powers.count(0) + 1  # and the ratio
    outside = [t for t in said if "theta" in t or "epsilon" in t]
    assert len(outside) == 4
    arrows = sum(isinstance(patch, FancyArrowPatch) for patch in ax.patches)
    assert arrows == len(outside) + 2 + 5


def test_it_can_be_read(ax):
    assert collisions(ax.figure) == []
    assert small_words(ax.figure) == []
    assert dim_words(ax.figure) == []
    assert not faint_lines(ax.figure, SURFACE)
