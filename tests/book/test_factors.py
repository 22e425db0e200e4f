"""The drawing of a factor on the rails: its powers are those that code leaves, and it is read."""

import matplotlib.pyplot as plt
import pytest
from pictured import collisions, dim_words, small_words

from lstm_src.book.drawings.factors import FACTORS, draw_factor_on_sums, powers_left
from lstm_src.placements import PLACEMENTS
from lstm_src.placements.mistakes import MISTAKES
from lstm_src.proof import certificate

pytestmark = pytest.mark.usefixtures("book_style")

BY_STEP = {
    "on u": {1: {1}, 2: {1}, 3: {1}},
    "on u + p": {1: {1, 2, 3}, 2: {1, 2}, 3: {1}},
    "on p and q": {1: {2}, 2: {1}, 3: {0}},
}


def test_the_powers_are_those_that_can_be_counted_by_hand():
    assert {name: powers_left(scaled) for name, scaled in FACTORS.items()} == BY_STEP


@pytest.mark.parametrize(
    ("name", "code"), [("on u", PLACEMENTS["on_entry"]), ("on u + p", MISTAKES["every_step"])]
)
def test_the_powers_are_those_of_the_code(name, code):
    def last_term(params, tape, dh, scale):
        only = dh * 0
        only[-1] = dh[-1]
        return code(params, tape, only, scale=scale)

    found = certificate(last_term, 3, 1, 1, 1, pass_scale=True, final_state=False).degrees
    assert found["params.b"] == set().union(*BY_STEP[name].values())


def test_it_shows_the_powers_and_can_be_read():
    figure, ax = plt.subplots(figsize=(5.2, 3.2))
    draw_factor_on_sums(ax)
    words = [text.get_text() for text in ax.texts]
    assert [word for word in words if "$s" in word] == [
        *("$s$", "$s$, $s^2$, $s^3$"),
        *("$s$", "$s$, $s^2$"),
        *("$s$", "$s$"),
    ]
    assert collisions(figure) == []
    assert small_words(figure) == []
    assert dim_words(figure) == []
