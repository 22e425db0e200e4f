"""The font files hold our characters, those of every page among them."""

import html
import io
import re

import fonts
import matplotlib
import pytest
from fontTools.ttLib import TTFont
from visits import book_pages

from conftest import BOOK, ROOT

SYSTEM = set("✓✗⟨⟩⊙ᵀₜ∈")  # left to the system's fonts
DROPPED = re.compile(r"(?s)<(script|style|pre|code|svg)\b.*?</\1>|<[^>]+>")
RANGE = re.compile(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?")


def unknown(text):
    """Return the characters of a text that the browser is not told to look for in our fonts."""
    css = (ROOT / "_static/face.css").read_text("utf-8")
    ranges = re.findall(r"unicode-range: ([^;]+);", css)
    assert len(set(ranges)) == 1
    known = {
        code
        for first, last in RANGE.findall(ranges[0])
        for code in range(int(first, 16), int(last or first, 16) + 1)
    } & set(fonts.CHARACTERS)
    return {letter for letter in text if ord(letter) not in known} - SYSTEM - set("\n\t\r")


def test_every_page_finds_its_characters():
    pages = [page for page in book_pages(BOOK) if page.startswith("chapters/")]
    texts = ((BOOK / page).read_text("utf-8").partition("<main")[2] for page in pages)
    assert unknown("".join(html.unescape(DROPPED.sub("", text)) for text in texts)) == set()


def test_a_character_that_no_font_has_is_found():
    assert unknown("z̄ σ × 中") == {"中"}


def test_a_font_is_cut_and_gets_our_name():
    original = ROOT / matplotlib.get_data_path() / "fonts/ttf/DejaVuSerif.ttf"
    font = TTFont(io.BytesIO(fonts.cut(original.read_bytes(), "Regular", flavor=None)))
    assert [font["name"].getDebugName(place) for place in (1, 2)] == ["Divide Serif", "Regular"]
    assert {ord("a"), ord("σ"), 0x304} <= set(font.getBestCmap()) <= set(fonts.CHARACTERS)


def test_another_package_is_refused(tmp_path):
    (tmp_path / "other.tgz").write_bytes(b"other")
    with pytest.raises(SystemExit, match="is not source-serif"):
        fonts.main(tmp_path / "other.tgz")


def test_the_stored_files_are_for_browsers_and_have_their_licence():
    folder = ROOT / "_static/fonts"
    for face in fonts.FACES:
        assert (folder / f"serif-{face}.woff2").read_bytes()[:4] == b"wOF2"
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text("utf-8")
