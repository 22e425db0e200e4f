"""The drawing of the backward pass as a graph has the arrows that the gradients' terms pass."""

from itertools import pairwise

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src import backward
from lstm_src.book.drawings.graph import ONE_WAY, draw_graph, drawn_arrows, place
from lstm_src.book.style import UNLIT
from lstm_src.proof import backward_symbols, in_ring, terms_of_gradients

pytestmark = pytest.mark.usefixtures("book_style")


def drawn(lit=True):
    _, ax = plt.subplots(figsize=(5.2, 3.3))
    draw_graph(ax, lit)
    return ax


def arrows(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def test_every_arrow_is_drawn_once_towards_its_end():
    patches, pairs = arrows(drawn(False)), drawn_arrows()
    assert len(patches) == len(pairs) == len(set(pairs)) == 3 * 7 + 2
    for patch, (start, end) in zip(patches, pairs, strict=True):
        tail, *_, head = patch._path_original.vertices
        for point, value in ((tail, start), (head, end)):
            assert abs(point - place(value)).max() < 13
    assert all(to_hex(patch.get_ec()) != UNLIT for patch in patches)


def test_the_lit_way_is_a_way_and_its_factors_are_a_term_of_the_gradient():
    for (_, end, _), (start, _, _) in pairwise(ONE_WAY):
        assert end == start
    pairs = drawn_arrows()
    lit = [
        pair
        for pair, patch in zip(pairs, arrows(drawn()), strict=True)
        if to_hex(patch.get_ec()) != UNLIT
    ]
    assert set(lit) == {(start, end) for start, end, _ in ONE_WAY}

    terms = terms_of_gradients(backward(*in_ring(backward_symbols(3, 1, 1, 1))))
    spelt = [plainly(factor) for *_, factor in ONE_WAY]
    for gate, column in (("o", 3), ("g", 0)):  # the last arrow but one leads to z^o
        products = [sorted(plainly(s.name) for s in t) for t in terms["params.W_x", 0, column]]
        assert products.count(sorted(spelt)) == (gate == "o")


def plainly(name):
    """Spell a symbol of the picture as one of the proofs: letters and numbers alone."""
    for mark in ("$", r"\prime", "'", r"\,", "{", "}", " ", ","):
        name = name.replace(mark, "")
    gate = {"W_h^f": "W^f_h"}
    return gate.get(name, name)


def test_it_can_be_read_on_a_phone_and_no_two_words_share_a_place():
    for lit in (True, False):
        ax = drawn(lit)
        ax.set_title("A title", fontsize=12)
        assert small_words(ax.figure) == dim_words(ax.figure) == []
        assert not faint_lines(ax.figure)
        found = collisions(ax.figure)
        assert not [pair for pair in found if isinstance(pair, tuple) or pair.startswith("$")]
