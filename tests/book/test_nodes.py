"""The drawings of two nodes: the signs stand where a node adds, and the labels are its pullback."""

import re

import matplotlib.pyplot as plt
import pytest
import sympy
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, FancyArrowPatch
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src.book.drawings.lines import RADIUS
from lstm_src.book.drawings.nodes import NODES, PLACES, WIDTH, draw_node
from lstm_src.book.style import SURFACE

pytestmark = pytest.mark.usefixtures("book_style")

BOTH = pytest.mark.parametrize("node", NODES)


def drawn(node, forward):
    _, ax = plt.subplots(figsize=(2.6, 1.1))
    draw_node(ax, node, forward)
    return ax


def arrows(ax):
    """Return the ends of all arrows, from tail to head."""
    paths = [p._path_original for p in ax.patches if isinstance(p, FancyArrowPatch)]
    return [tuple(map(tuple, path.vertices.round(6))) for path in paths]


@BOTH
def test_values_go_to_the_right_and_cotangents_back_along_the_same_lines(node):
    ahead, back = arrows(drawn(node, True)), arrows(drawn(node, False))
    assert all(tail[0] < head[0] for tail, head in ahead)
    assert [(head, tail) for tail, head in back] == ahead
    assert len(ahead) == 3


@BOTH
@pytest.mark.parametrize("forward", [True, False])
def test_a_plus_stands_where_two_arrows_meet_and_a_dot_where_two_part(node, forward):
    ax = drawn(node, forward)
    (sign,) = [p for p in ax.patches if isinstance(p, Circle)]
    middle = WIDTH - PLACES["junction"] if node == "add" else PLACES["junction"]
    assert tuple(sign.center) == (middle, 0)
    near = [abs(head[0] - middle) < 2 * RADIUS for _, head in arrows(ax)]
    assert sum(near) == (2 if to_hex(sign.get_facecolor()) == "#ffffff" else 1)
    assert (len(ax.lines) == 2) == (to_hex(sign.get_facecolor()) == "#ffffff")


@BOTH
def test_what_is_written_backward_is_the_pullback_of_what_is_written_forward(node):
    v, v_1, v_2, w, w_1, w_2 = names = sympy.symbols("v v_1 v_2 w w_1 w_2")

    def read(label):
        text = re.sub(r"\\bar\{(\w)\}|\$|\w+=", r"\1", label)
        return sympy.sympify(text, locals={str(name): name for name in names})

    (stem, *branches), (back, *backs) = (map(read, NODES[node][f]) for f in (True, False))
    inputs, outputs = ([v], branches) if node == "copy" else ([v_1, v_2], [stem])
    sent, found = ([w_1, w_2], [back]) if node == "copy" else ([w], backs)
    assert (backs if node == "copy" else [back]) == sent
    J = sympy.Matrix(outputs).jacobian(inputs)
    assert list(J.T * sympy.Matrix(sent)) == found
    assert (stem if node == "copy" else branches) == (v if node == "copy" else [v_1, v_2])


@BOTH
@pytest.mark.parametrize("forward", [True, False])
def test_it_can_be_read_on_a_phone_and_in_the_dark(node, forward):
    figure, axes = plt.subplots(1, 2, figsize=(5.2, 1.2))
    for ax in axes:
        draw_node(ax, node, forward)
    assert small_words(figure) == []
    assert dim_words(figure) == []
    assert not faint_lines(figure, SURFACE)
    assert collisions(figure) == []
