"""The drawings of ragged batches: divisors, the one sum, and what each direction reads."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch, Rectangle
from pictured import collisions, dim_words, faint_lines, small_words

from lstm_src.book.drawings import reading
from lstm_src.book.drawings.batch import BORDER, LANES, SUM, draw_batch
from lstm_src.book.drawings.reading import LENGTHS, READINGS, draw_reading, read_at
from lstm_src.placements.mistakes.bidirectional import reversed_tokens
from lstm_src.training import length_mask

pytestmark = pytest.mark.usefixtures("book_style")

DRAWN = {"batch": (draw_batch, 2.55), "reading": (draw_reading, 4.2)}


def drawn(which):
    draw, height = DRAWN[which]
    _, ax = plt.subplots(figsize=(5.2, height))
    draw(ax)
    ax.set_title("A title", fontsize=12)
    return ax


def arrows(ax):
    paths = [p._path_original for p in ax.patches if isinstance(p, FancyArrowPatch)]
    return [(path.vertices[0], path.vertices[-1]) for path in paths]


@pytest.mark.parametrize("which", DRAWN)
def test_it_can_be_read_on_a_phone_and_in_the_dark(which):
    figure = drawn(which).figure
    assert collisions(figure) == []
    assert small_words(figure) == []
    assert dim_words(figure) == []
    assert not faint_lines(figure)


def test_words_on_others_would_be_noticed():
    ax = drawn("batch")
    ax.text(*ax.texts[0].get_position(), "on it", fontsize=8)
    assert (ax.texts[0].get_text(), "on it") in collisions(ax.figure)
    assert small_words(ax.figure) == ["on it"]


def test_each_sequence_has_its_own_divisor_and_both_meet_behind_the_border():
    ax = drawn("batch")
    words = {text.get_text(): text.get_position() for text in ax.texts}
    middle = sum(LANES.values()) / 2
    for length, height in LANES.items():
        x, y = words[f"÷{length}"]
        assert y == height
        assert x < BORDER
    meeting = [end for _, end in arrows(ax) if abs(end[1] - middle) < 8 and end[0] < SUM + 8]
    assert len(meeting) == len(LANES)
    assert all(end[0] > BORDER for end in meeting)
    (out,) = (start for start, end in arrows(ax) if end[0] > SUM + 8)
    assert out[0] > BORDER


# What is read


def order_of(name):
    """Return what the code reads at each step of a padded batch: tokens from 1, padding as 0."""
    problem = SimpleNamespace(mask=length_mask(LENGTHS))
    steps = np.arange(1, len(problem.mask) + 1)[:, None]
    numbers = np.where(problem.mask, steps, 0)[..., None]
    turned = {
        "forwards": lambda array: array,
        "reversed as a whole": lambda array: array[::-1],
        "each reversed by itself": lambda array: reversed_tokens(problem, array),
    }
    return turned[name](numbers)[..., 0]


def places(ax):
    """Return the numbers in the places, reading by reading, as (steps, sequences)."""
    texts = [t.get_text() for t in ax.texts if t.get_text() in "·123456"]
    numbers = [0 if text == "·" else int(text) for text in texts]
    return np.array(numbers).reshape(len(READINGS), len(LENGTHS), max(LENGTHS)).swapaxes(1, 2)


def test_what_is_drawn_is_what_the_code_reads():
    found = places(drawn("reading"))
    for name, numbers in zip(READINGS, found, strict=True):
        np.testing.assert_array_equal(numbers, order_of(name))
    dotted = [p for p in drawn("reading").patches if isinstance(p, Rectangle)]
    dotted = [p for p in dotted if p.get_linestyle() in (":", "dotted")]
    assert len(dotted) == (found == 0).sum()


def test_another_reading_would_be_noticed(monkeypatch):
    wrong = READINGS | {"each reversed by itself": READINGS["reversed as a whole"]}
    monkeypatch.setattr(reading, "READINGS", wrong)
    found = places(drawn("reading"))
    assert (found[2] != order_of("each reversed by itself")).any()


def test_padding_comes_first_in_one_reading_alone():
    first = {name: read_at(name, 0, LENGTHS[0], max(LENGTHS)) for name in READINGS}
    assert first == {"forwards": 1, "reversed as a whole": None, "each reversed by itself": 3}
