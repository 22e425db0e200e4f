"""The text has the book's face and lines of a good length, and stays when the face comes."""

from pathlib import Path

import pytest
from faults import changed, lost
from visits import SETTLED

HERE, PAGE = Path(__file__).parent, "chapters/05_every_length.html"
FACE, FONTS = "_static/face.css", "_static/fonts/serif-"
FACES = ("upright", "italic", "bold")
FACTS = (HERE / "face.js").read_text("utf-8")
SHIFT = """() => new Promise((done) => {
  let sum = 0
  const add = (entries) => entries.forEach((entry) => (sum += entry.value))
  const watch = new PerformanceObserver((list) => add(list.getEntries()))
  watch.observe({ type: 'layout-shift' })
  window.shift = () => new Promise((done) => requestAnimationFrame(() =>
    requestAnimationFrame(() => (add(watch.takeRecords()), done(sum)))))
  requestAnimationFrame(() => requestAnimationFrame(done))
})"""


def faults(page, address):
    """Yield what is wrong with the text of a page."""
    page.goto(f"{address}/{PAGE}", wait_until="domcontentloaded")
    page.evaluate(SETTLED)
    facts = page.evaluate(FACTS)
    yield from [f"another face: {part}" for part in facts["other"]]
    yield from [f"not there: {face}" for face in FACES if face not in facts["loaded"]]
    letters = sum(facts["lines"]) / len(facts["lines"])
    if not 64 <= letters <= 73:
        yield f"{letters:.1f} letters in a line"


def shift(page, address):
    """Return how far the page moves when its fonts come late."""
    held = []
    page.route(f"**/{FONTS}*", lambda route: held.append(route))
    page.goto(f"{address}/{PAGE}", wait_until="domcontentloaded")
    page.evaluate("MathJax.startup.promise.then(() => true)")
    page.evaluate(SHIFT)
    assert held, "the fonts were not asked for"
    for route in held:
        route.continue_()
    page.unroute(f"**/{FONTS}*")
    page.evaluate("document.fonts.ready.then(() => true)")
    return page.evaluate("shift()")


def test_the_text_is_set_in_the_book_s_face(page, address):
    assert list(faults(page, address)) == []


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (lost(FACE), "another face"),
        (lost(f"{FONTS}italic.woff2"), "not there: italic"),
        (changed(FACE, "size-adjust: 115%", "size-adjust: 100%"), "letters in a line"),
        (changed(FACE, "var(--pst-font-family-base)", "sans-serif"), "another face: H2"),
    ],
)
def test_a_text_set_otherwise_is_found(page, address, plant, said):
    plant(page)
    assert said in str(list(faults(page, address)))


def test_the_page_stays_in_place_when_the_fonts_come(page, address):
    assert shift(page, address) < 0.05


def test_a_page_that_jumps_is_found(page, address):
    changed(FACE, '"Like Georgia", "Like Times", "Like DejaVu", serif', "monospace")(page)
    assert shift(page, address) > 0.05
