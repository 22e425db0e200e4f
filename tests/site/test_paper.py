"""A page that a reader prints fits its sheets: nothing is cut off, no control is there.

Chromium shrinks a page that is wider than its sheet, so widths are measured in a window as wide as
a sheet without its margins.
"""

from io import BytesIO
from pathlib import Path

import pytest
from faults import added, changed
from pypdf import PdfReader
from visits import WIDE, settle

CHEAT_SHEET, CHAPTER = "chapters/cheat_sheet.html", "chapters/01_the_question.html"
SIDES = 2  # of A4, for the cheat sheet
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


def more(path, text):
    """Return a fault: the text of a page ends with this HTML."""
    return changed(path, "</article>", f"{text}</article>")


def styled(rule, path=CHEAT_SHEET):
    """Return a fault: a page has one more rule of style."""
    return added(path, f"<style>{rule}</style>")


LINE = "A line that is too long. " * 9
SHOWN = "{ display: block !important; visibility: visible !important; }"
FAULTS = [  # page, fault, what must be said of it
    (CHEAT_SHEET, more(CHEAT_SHEET, "<p>One line more.</p>" * 40), "3 sides"),
    (CHEAT_SHEET, styled(".cheat-sheet td { line-height: 9mm !important; }"), "sides"),
    (CHEAT_SHEET, styled("@page cheat-sheet { margin: 11mm; size: letter; }"), "sheets of"),
    (CHEAT_SHEET, styled("@page cheat-sheet { margin: 11mm 60mm; size: A4; }"), "outside"),
    (CHEAT_SHEET, styled(".cheat-sheet table { min-width: 720px; }"), "outside: table"),
    (CHAPTER, changed(CHAPTER, "d-print-none", ""), "a control: footer"),
]
FAULTS += [
    (path, plant, said)
    for path in (CHEAT_SHEET, CHAPTER)
    for plant, said in (
        (more(path, f"<p style='white-space: nowrap'>{LINE}"), "outside: p"),
        (more(path, f"<p style='white-space: nowrap; overflow: auto'>{LINE}"), "cut off: p"),
        (styled(f"html .bd-header-article {SHOWN}", path), "a control: button"),
        (styled(f"html .bd-sidebar.bd-sidebar-primary {SHOWN}", path), "a control: nav"),
    )
]


@pytest.mark.parametrize(("path", "plant", "said"), FAULTS)
def test_a_fault_on_paper_is_found(page, address, path, plant, said):
    plant(page)
    page.goto(f"{address}/{path}")
    assert said in str(list(paper_faults(page, path)))
