"""The drawing of ranks shows what the simulated grid holds, and what it adds up; and the tables."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src.book.drawings.ranks import AXES, SHADES, draw_ranks, place
from lstm_src.book.many_ranks import ORDER, factor, remade, reports_table
from lstm_src.placements.reported import REPORTED
from lstm_src.training.ranks import Ranks


def drawn():
    _, ax = plt.subplots(figsize=(5.2, 3.2))
    draw_ranks(ax)
    return ax


def boxes(ax):
    """Return the middle of each box with its colour, and with the words that stand there."""
    found = {}
    for box in (patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)):
        middle = box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2
        (words,) = [t.get_text() for t in ax.texts if t.get_position() == middle]
        found[middle] = to_hex(box.get_facecolor()), words
    return found


@pytest.mark.usefixtures("book_style")
def test_ranks_of_one_colour_and_text_are_those_that_read_the_same_tokens():
    found, ranks = boxes(drawn()), Ranks(**AXES)
    steps, sequences = np.mgrid[1:9, 1:5]
    held = ranks.split(np.stack([sequences, steps], axis=2), context=0, data=1)
    for rank in np.ndindex(*ranks.shape):
        colour, words = found[place(rank)]
        read, when = held[rank][..., 0], held[rank][..., 1]
        expected = f"seq. {read.min()}, {read.max()}\nsteps {when.min()}–{when.max()}"
        assert words == expected
        assert colour == SHADES[rank[:2]].lower()
    assert len(set(found.values())) == 4
    assert len(found) == 8


@pytest.mark.usefixtures("book_style")
def test_every_rank_is_joined_along_data_and_tensor_and_the_pairs_along_context():
    arrows = [p for p in drawn().patches if isinstance(p, FancyArrowPatch)]
    assert len(arrows) == 4 + 4 + 2  # tensor, data, and a pair's for both of its ranks
    assert {a.get_arrowstyle().__class__.__name__ for a in arrows} == {"CurveFilledAB"}


@pytest.mark.usefixtures("book_style")
def test_it_can_be_read_on_a_phone_and_no_two_words_share_a_place():
    ax = drawn()
    assert collisions(ax.figure) == []
    assert small_words(ax.figure) == []
    assert dim_words(ax.figure) == []
    assert not faint_lines(ax.figure)
    ax.text(*place((0, 0, 0)), "on it")
    assert any("on it" in pair for pair in collisions(ax.figure))


@pytest.mark.parametrize(
    ("number", "text"),
    [(1 / 2, "½"), (1 / 4, "¼"), (4, "4"), (0, "0"), (7 / 8, "7/8"), (2**0.5, "1.4142")],
)
def test_a_factor_is_a_fraction_where_it_is_one(number, text):
    assert factor(number) == f"×\u00a0{text}"


def test_a_report_is_shown_with_its_source_its_lines_and_what_was_read_off():
    shown = remade(REPORTED["own_count"]).data
    assert "{cite:p}`megatron7513`" in shown
    assert 'all_reduce(own, "context", op="mean")' in shown
    assert "with context = 4:** ×\u00a0¼; mended ×\u00a01." in shown


def test_the_table_has_a_row_for_each_report_in_the_order_of_the_axes():
    rows = reports_table({e: e.number for e in REPORTED.values()}).data.splitlines()[2:]
    assert len(rows) == len(REPORTED)
    axes = [row.split("|")[1].strip() for row in rows]
    assert axes == sorted(axes, key=ORDER.index)
    for entry in REPORTED.values():
        assert sum(f"`{entry.source}`" in row and entry.did in row for row in rows) == 1
