"""The book's drawings: what they draw is what they were given."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from lstm_src.book.style import STYLE, draw_shares, use_book_style


@pytest.fixture(autouse=True)
def book_style():
    backend = mpl.get_backend()
    mpl.use("agg")
    with mpl.rc_context():
        use_book_style()
        yield
    plt.close("all")
    mpl.use(backend)


def test_the_style_replaces_what_was_set_before():
    mpl.rcParams["lines.dashed_pattern"] = (1, 1)
    use_book_style()
    assert mpl.rcParams["lines.dashed_pattern"] == mpl.rcParamsDefault["lines.dashed_pattern"]
    assert mpl.rcParams["figure.dpi"] == STYLE["figure.dpi"]


def test_stacked_parts_have_the_given_heights_and_meet_without_gaps():
    shares = np.array([[1.0, 0.0, -1.0], [2.0, 3.0, 0.5], [0.5, -1.0, -2.0]])
    _, ax = plt.subplots()
    draw_shares(ax, shares)
    bars = np.array(
        [[(bar.get_y(), bar.get_y() + bar.get_height()) for bar in c] for c in ax.containers]
    )
    np.testing.assert_allclose(bars[..., 1] - bars[..., 0], shares)
    np.testing.assert_allclose(bars[:, 0], [[0, 1], [1, 3], [3, 3.5]])
    np.testing.assert_allclose(bars[:, 2], [[0, -1], [0, 0.5], [-1, -3]])
    np.testing.assert_allclose(ax.lines[0].get_ydata(), shares.sum(0))


def test_a_part_carries_its_label_where_there_is_room():
    shares = np.array([[1.0, 1.0], [2.0, 0.001]])
    for labels, shown in ((None, ["1", "1", "2"]), ("ab", ["a", "a", "b"])):
        _, ax = plt.subplots()
        ax.set_ylim(0, 3)
        draw_shares(ax, shares, labels=labels)
        assert [text.get_text() for text in ax.texts] == shown
        np.testing.assert_allclose(ax.texts[-1].get_position(), (1, 2))


def test_no_label_stands_where_the_line_of_the_sum_would_cross_it():
    _, ax = plt.subplots()
    ax.set_ylim(-2, 3)
    draw_shares(ax, np.array([[2.0, 2.0], [-1.0, 1.0]]), labels="ab")  # the first sum is at 1
    assert [(text.get_text(), *text.get_position()) for text in ax.texts] == [
        ("a", 2, 1),
        ("b", 1, -0.5),
        ("b", 2, 2.5),
    ]
