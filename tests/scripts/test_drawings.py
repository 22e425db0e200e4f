"""The logo, the favicon and the preview card are the ones that the code draws."""

import base64
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from scripts.notebook_comparison import Disagreement, compare_pictures

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from drawings import CARD, STATIC, TITLE, arrivals, card, logo, picture


@pytest.mark.parametrize("name", ["logo.svg", "favicon.svg"])
def test_the_stored_logo_is_the_one_that_is_drawn(name):
    stored = (STATIC / name).read_text("utf-8")
    assert stored == logo(TITLE)
    assert stored != logo("Multiply")


def test_the_stored_card_is_the_one_that_is_drawn(tmp_path):
    stored, drawn, other = (
        base64.b64encode(path.read_bytes()).decode()
        for path in (CARD, draw_card(tmp_path / "a.png", 1), draw_card(tmp_path / "b.png", -1))
    )
    compare_pictures(stored, drawn)
    with pytest.raises(Disagreement):
        compare_pictures(stored, other)
    with Image.open(CARD) as picture:
        assert picture.size == (1200, 630)  # what previews are cut to


def draw_card(target, order):
    """Draw the card, with the steps in this order."""
    card(arrivals()[:, ::order], target)
    return target


def test_the_cover_has_a_bar_for_each_part_that_arrives():
    shares = arrivals()
    svg = BeautifulSoup(f"<svg{picture(shares)}", "html.parser")
    assert len(svg.select('[id^="patch_"]')) >= shares.size  # the figure's own ground among them
