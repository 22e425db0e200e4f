"""A page that a reader prints fits its sheets: nothing is cut off, no control is there.

Chromium shrinks a page that is wider than its sheet, so widths are measured in a window as wide as
a sheet without its margins.
"""

from io import BytesIO
from pathlib import Path

import pytest
from faults import changed
from pypdf import PdfReader
from visits import WIDE, settle

CHEAT_SHEET, CHAPTER = "chapters/cheat_sheet.html", "chapters/01_the_question.html"
SIDES = 4  # of A4, for the cheat sheet
A4 = (595, 842)  # points
PAPER = Path(__file__).with_name("paper.js").read_text("utf-8")
WIDTH = """() => {
  const inner = (rule) => [rule, ...[...rule.cssRules ?? []].flatMap(inner)]
  const named = getComputedStyle(document.body).page.replace("auto", "")
  const ours = (rule) => rule instanceof CSSPageRule && rule.selectorText === named
  const { style } = [...document.styleSheets].flatMap(inner).findLast(ours)
  const sheet = document.body.appendChild(document.createElement("div"))
  sheet.style = `position: fixed; width: calc(210mm - ${style.marginLeft} - ${style.marginRight})`
  const width = sheet.offsetWidth
  sheet.remove()
  return width
}"""


def paper_faults(page, path):
    """Yield what is wrong with a page when it is printed."""
    settle(page)
    page.emulate_media(media="print")
    page.set_viewport_size(WIDE | {"width": page.evaluate(WIDTH)})
    yield from page.evaluate(PAPER)
    if path == CHEAT_SHEET:
        sheets = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
        yield from [f"{len(sheets)} sides"] if len(sheets) > SIDES else []
        sizes = {(round(sheet.mediabox.width), round(sheet.mediabox.height)) for sheet in sheets}
        yield from [f"sheets of {sizes}"] if sizes != {A4} else []


@pytest.mark.parametrize("path", [CHEAT_SHEET, CHAPTER])
def test_a_page_can_be_printed(page, address, path):
    page.goto(f"{address}/{path}")
    assert list(paper_faults(page, path)) == []


LINE = "A line that is too long. " * 9
SHOWN = "{ display: block !important; visibility: visible !important; }"
FAULTS = [  # where it is put, what, what must be said of it
    ("article", f"<p style='white-space: nowrap'>{LINE}", "outside: p"),
    ("article", f"<p style='white-space: nowrap; overflow: auto'>{LINE}", "cut off: p"),
    ("body", f"<style>html .bd-header-article {SHOWN}</style>", "a control: button"),
    ("body", f"<style>html .bd-sidebar.bd-sidebar-primary {SHOWN}</style>", "a control: nav"),
]
SIDE_FAULTS = [
    ("article", "<p>One line more.</p>" * 40, "5 sides"),
    ("body", "<style>.cheat-sheet td { line-height: 9mm !important; }</style>", "sides"),
    ("body", "<style>@page cheat-sheet { margin: 11mm; size: letter; }</style>", "sheets of"),
    ("body", "<style>@page cheat-sheet { margin: 11mm 60mm; size: A4; }</style>", "outside"),
    ("body", "<style>.cheat-sheet table { min-width: 720px; }</style>", "outside: table"),
]
ADD = """([place, html]) => {
  const whole = document.createRange().createContextualFragment(html)
  window.planted = [...document.querySelectorAll(place)].flatMap((element) => {
    const parts = [...whole.cloneNode(true).childNodes]
    element.append(...parts)
    return parts
  })
}"""


@pytest.mark.parametrize(
    ("path", "faults"), [(CHEAT_SHEET, [*FAULTS, *SIDE_FAULTS]), (CHAPTER, FAULTS)]
)
def test_faults_on_paper_are_found(page, address, path, faults):
    page.goto(f"{address}/{path}")
    missed = []
    for place, html, said in faults:
        page.evaluate(ADD, [place, html])
        found = str(list(paper_faults(page, path)))
        missed += [] if said in found else [f"{html}: {found}"]
        page.evaluate("planted.forEach((part) => part.remove())")
    assert missed == []
    assert list(paper_faults(page, path)) == []


def test_a_control_on_paper_is_found(page, address):
    changed(CHAPTER, "d-print-none", "")(page)
    page.goto(f"{address}/{CHAPTER}")
    assert "a control: footer" in str(list(paper_faults(page, CHAPTER)))
