"""The drawings of formats, of spreads, and of what stays in range."""

import matplotlib.pyplot as plt
import ml_dtypes
import numpy as np
import pytest
from matplotlib.colors import to_hex
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src.book.drawings.formats import FORMATS, draw_formats
from lstm_src.book.drawings.ranges import SHADES, draw_key, draw_range
from lstm_src.book.drawings.spreads import MARKS, draw_spreads

pytestmark = pytest.mark.usefixtures("book_style")

NUMBERS = 2.0 ** np.random.default_rng(0).normal(-2, 3, 200)
SIZES, COUNTS = np.arange(-20, 11), np.arange(21)


def formats():
    _, ax = plt.subplots(figsize=(5.2, 2.7))
    draw_formats(ax, {"gradient": NUMBERS, "over $2^{20}$": NUMBERS / 2**20})
    ax.set_title("A title", fontsize=12)
    return ax


def spreads():
    rng = np.random.default_rng(0)
    groups = {
        f"T = {T}": {name: rng.lognormal(-1, 0.4, 100) for name in ("now", "at the end")}
        for T in (5, 20)
    }
    _, ax = plt.subplots(figsize=(5.2, 3))
    draw_spreads(ax, groups)
    ax.set_xticks([0.1, 1])
    ax.set_title("A title", fontsize=12)
    return ax, groups


def ranges(errors=None):
    _, ax = plt.subplots(figsize=(5.2, 3))
    errors = 2.0 ** (COUNTS - SIZES[:, None] - 25.0) if errors is None else errors
    draw_range(ax, errors, SIZES, COUNTS, [(np.array([0, 20]), np.array([-14, 6]))])
    draw_key(ax.figure)
    return ax


@pytest.mark.parametrize("draw", [formats, lambda: spreads()[0], ranges])
def test_it_can_be_read_on_a_phone_and_in_the_dark(draw):
    figure = draw().figure
    figure.canvas.draw()
    figure.set_layout_engine("none")  # words that are hidden for a moment keep their room
    assert collisions(figure) == []
    assert small_words(figure) == []
    assert dim_words(figure) == []
    assert not faint_lines(figure)


@pytest.mark.parametrize(
    ("name", "info"),
    [
        ("float32", np.finfo(np.float32)),
        ("bfloat16", ml_dtypes.finfo(ml_dtypes.bfloat16)),
        ("float16", np.finfo(np.float16)),
    ],
)
def test_the_formats_are_those_of_numpy(name, info):
    smallest, normal, end = FORMATS[name]
    assert float(info.smallest_subnormal) == 2.0**smallest
    assert float(info.smallest_normal) == 2.0**normal
    assert 2.0 ** (end - 1) < float(info.max) < 2.0**end


def test_every_number_but_zero_is_a_tick():
    _, ax = plt.subplots()
    draw_formats(ax, {"few": np.array([0, 1, -4, 0.5])})
    (ticks,) = (line for line in ax.lines if line.get_marker() == "|")
    assert sorted(ticks.get_xdata()) == [-1, 0, 2]


def test_a_row_shows_its_draws_and_their_median():
    ax, groups = spreads()
    rows = [values for group in groups.values() for values in group.values()]
    ticks = [line for line in ax.lines if line.get_marker() == "|"]
    middles = [line for line in ax.lines if line.get_marker() in MARKS]
    assert [sorted(t.get_xdata()) for t in ticks] == [sorted(row) for row in rows]
    assert [m.get_xdata()[0] for m in middles] == [np.median(row) for row in rows]
    assert len({m.get_marker() for m in middles}) == 2  # told apart without their colour


def test_the_shades_are_those_of_the_errors_and_overflow_is_hatched():
    errors = np.full((31, 21), 0.5)
    errors[:, :5], errors[0, 0], errors[-1] = 1e-4, 0.05, np.inf
    mesh, hatched = ranges(errors).collections
    mesh.update_scalarmappable()
    shades = np.array([to_hex(c) for c in mesh.get_facecolors()]).reshape(errors.shape)
    assert shades[1, 0] == SHADES[0]
    assert shades[0, 0] == SHADES[2]
    assert set(shades[:-1, 5:].ravel()) == {SHADES[3]}
    assert hatched.hatches == ["xxxx"]
    assert len(ranges(np.full((31, 21), 0.5)).collections) == 1


def test_the_key_names_each_shade_and_what_is_hatched():
    (key,) = ranges().figure.legends
    *shades, over = zip(key.get_patches(), (t.get_text() for t in key.get_texts()), strict=True)
    named = {name: to_hex(patch.get_facecolor()) for patch, name in shades}
    assert named == dict(zip(("safe", "1 %", "10 %", "lost"), SHADES, strict=True))
    assert (over[0].get_hatch(), over[1]) == ("xxxx", "overflow")
