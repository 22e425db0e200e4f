"""The logo, the favicon and the preview card are the ones that the code draws."""

import base64
import sys
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from lstm_src.book.interactive import where_to_divide
from scripts.notebook_comparison import Disagreement, compare_pictures

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from drawings import CARD, STATIC, TITLE, card, cover, logo


@pytest.mark.parametrize("name", ["logo.svg", "favicon.svg"])
def test_the_stored_logo_is_the_one_that_is_drawn(name):
    stored = (STATIC / name).read_text("utf-8")
    assert stored == logo(TITLE)
    assert stored != logo("Multiply")


def test_the_stored_card_is_the_one_that_is_drawn(tmp_path):
    stored, drawn, other = (
        base64.b64encode(path.read_bytes()).decode()
        for path in (
            CARD,
            draw_card(tmp_path / "a.png", "on all terms but the last"),
            draw_card(tmp_path / "b.png", "at the end"),
        )
    )
    compare_pictures(stored, drawn)
    with pytest.raises(Disagreement):
        compare_pictures(stored, other)
    with Image.open(CARD) as picture:
        assert picture.size == (1200, 630)  # what previews are cut to


def draw_card(target, choice):
    """Draw the card, with 1/N put there."""
    card(where_to_divide(choice), target)
    return target


def test_the_cover_shows_the_first_pages_figure_at_rest():
    about = {"title": TITLE, "authors": [], "version": 0, "date-released": date(2000, 1, 1)}
    page, first = (
        BeautifulSoup(html, "html.parser")
        for html in (cover(about), where_to_divide()._repr_html_())
    )
    for part in (".where-verdict", ".where-map", ".where-rows"):
        assert page.select(part) == first.select(part) != []
    assert not page.select("script, input")
    assert first.select("script, input")
