"""Drawings on the pages are as wide, and turned as dark, as the tests of their words presume."""

import re

import pytest
from faults import added
from visits import NARROW

from conftest import BOOK

PAGES = [
    path.relative_to(BOOK).as_posix()
    for path in sorted(BOOK.glob("chapters/*.html"))
    if re.search(r'<img[^>]*src="[^"]*_images/[^"]*\.svg"', path.read_text("utf-8"))
]
PHONE = 358  # as tests/book/pictured.py has it
FILTER = "invert(0.93) hue-rotate(180deg)"  # as tests/book/contrast.py reads it
FACTS = """(figures) => figures.map((img) => [
  img.getAttribute("src"), Math.ceil(img.clientWidth), getComputedStyle(img).filter,
])"""


def unlike(page, address, path, mode):
    """Return the drawings of a page that are narrower, or filtered in another way."""
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme=mode)
    page.goto(f"{address}/{path}")
    page.wait_for_function("[...document.querySelectorAll('figure img')].every((i) => i.complete)")
    found = page.locator("figure img[src$='.svg']").evaluate_all(FACTS)
    wanted = FILTER if mode == "dark" else "none"
    return [source for source, width, how in found if width < PHONE or how != wanted]


def test_there_are_drawings():
    assert len(PAGES) >= 4


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_drawings_are_shown_as_they_were_measured(page, address, path, mode):
    assert unlike(page, address, path, mode) == []


@pytest.mark.parametrize("fault", ["max-width: 300px", "filter: none"])
def test_another_width_or_no_filter_would_be_noticed(page, address, fault):
    stronger = ".bd-article" * 4
    added(PAGES[0], f"<style>{stronger} figure img {{ {fault} !important }}</style>")(page)
    assert unlike(page, address, PAGES[0], "dark")
