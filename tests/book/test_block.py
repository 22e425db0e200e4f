"""The drawing of a block shows what the fast code has in memory while it runs."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src import GATES, State, init_params, lstm, plain
from lstm_src.book.drawings.block import APART, ARRAYS, PRODUCTS, VIEWS, draw_block
from lstm_src.book.style import INK, RAIL_COLOURS, SURFACE

pytestmark = pytest.mark.usefixtures("book_style")

T, B, D, H = 2, 2, 3, 4


class Watched:
    """NumPy, with a record of what its functions are given."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        function = getattr(np, name)
        if not isinstance(function, np.ufunc):
            return function

        def recorded(*given, out):
            self.calls.append((name, *given, out))
            return function(*given, out=out)

        return recorded


def places(array):
    """Return which of the six arrays of the first step an array is made of."""
    block = array.base
    if block is None or block.shape != (T, 6, B, H):
        return None
    parts = array if array.ndim == 3 else array[None] if array.ndim == 2 else array[0]
    starts = np.array([part.__array_interface__["data"][0] for part in parts])
    return tuple((starts - block.__array_interface__["data"][0]) // block[0, 0].nbytes)


@pytest.fixture
def run(monkeypatch):
    """Run the fast code over two steps: the calls of the first, the block, the plain second."""
    rng = np.random.default_rng(0)
    params, x = init_params(D, H, rng), rng.standard_normal((T, B, D))
    state, watched = State(*rng.standard_normal((2, B, H))), Watched()
    monkeypatch.setattr(lstm, "np", watched)
    lstm.forward(params, x, state)
    blocks = [a.base for _, *arrays in watched.calls for a in arrays if places(a)]
    calls = [(name, *map(places, arrays)) for name, *arrays in watched.calls]
    weights = plain.by_gate(params)
    after, _ = plain.step(weights, x[0], *state)  # the last c overwrites the first, so look here
    return calls, blocks[0][1], (weights, x[1], *after)


def drawn():
    _, ax = plt.subplots(figsize=(5.2, 2.9))
    draw_block(ax)
    return ax


def test_each_array_holds_what_is_written_in_its_box(run):
    _, arrays, (weights, x, h, c) = run
    after, _ = plain.step(weights, x, h, c)
    z = [x @ W_x + h @ W_h + b for W_x, W_h, b in zip(*weights, strict=True)]
    gates = [np.tanh(z[0]), *(1 / (1 + np.exp(-part)) for part in z[1:])]
    expected = {"$c_{t-1}$": c, r"$\tanh\,c_t$": np.tanh(after.c)}
    expected |= {f"${gate}_t$": value for gate, value in zip(GATES, gates, strict=True)}
    for label, found in zip(ARRAYS, arrays, strict=True):
        np.testing.assert_allclose(found, expected[label], rtol=0, atol=1e-15)
    assert np.abs(arrays[2] - arrays[3]).max() > 0.01  # two gates are told apart


def test_the_pairs_are_those_that_are_multiplied(run):
    calls, _, _ = run
    products = [call for call in calls if call[0] == "multiply" and None not in call[1:3]][:2]
    found = [pair for _, left, right, _ in products for pair in zip(left, right, strict=True)]
    assert found == [*PRODUCTS]


def test_the_views_are_those_that_the_code_takes(run):
    calls, _, _ = run
    outs = {name: out for name, *_, out in reversed(calls)}  # of the first call of each
    last = [call for call in calls if call[0] == "multiply"][-1]  # the slopes by a tanh
    assert {"z": outs["matmul"], "gates": outs["divide"], "tanhs": last[2]} == VIEWS


def test_what_is_joined_in_the_drawing_are_the_pairs():
    ax = drawn()
    joined = {}
    for line in ax.lines:
        xs = line.get_xdata()
        joined[int(xs[0]) // APART, int(xs[-1]) // APART] = to_hex(line.get_color())
    assert joined == {pair: RAIL_COLOURS[state].lower() for pair, (_, state) in PRODUCTS.items()}
    dots = [p.center for p in ax.patches if isinstance(p, Circle) and to_hex(p.get_fc()) == INK]
    rows = [tuple(sorted(int(x) // APART for x, y in dots if y == row)) for row in
            sorted({y for _, y in dots}, reverse=True)]  # fmt: skip
    assert rows == [*VIEWS.values()]
    shown = [text.get_text() for text in ax.texts]
    assert {*ARRAYS, *VIEWS, *(label for label, _ in PRODUCTS.values())} <= set(shown)


def test_it_can_be_read_on_a_phone_and_no_two_words_share_a_place():
    assert collisions(drawn().figure) == []
    ax = drawn()
    assert small_words(ax.figure) == []
    assert dim_words(ax.figure) == []
    assert not faint_lines(ax.figure, SURFACE)
    ax.text(0, 0, "on it")
    assert ("$c_{t-1}$", "on it") in collisions(ax.figure)
