"""The live figure in a browser: wherever a slider stands, it shows what the package computes.

It needs the built book, Chromium, and Playwright beside what the book itself needs.
"""

from pathlib import Path

import pytest
from browser import served

from lstm_src.interactive import CHOICES, parts_table

BOOK = Path(__file__).resolve().parents[2] / "_build/html"
PAGES = ("intro", "06_through_time", "08_where_to_divide")
OTHER = "01_the_question"
READY = "!!document.querySelector('.live-figure').view"
SHOWN = """() => {
    const view = document.querySelector('.live-figure').view
    const drawn = (item, name) => [...item.items ?? []].flatMap((part) =>
      item.name?.startsWith(name) ? [part.datum] : drawn(part, name))
    const terms = drawn(view.scenegraph().root, 'part_')
    const of = (name) => [...document.querySelectorAll(`[class*="${name}_"] text`)]
    return {signals: ['choice', 'T', 'N'].map((name) => view.signal(name)),
            terms: terms.map(({term, part, lo, hi, end}) => ({term, part, lo, hi, end})),
            gates: of('gate').length, verdict: of('verdict')[0].textContent,
            message: of('message')[0].textContent,
            words: document.querySelector('.live-words').textContent}
}"""
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸"


@pytest.fixture(scope="module", params=["file", "http"])
def root(request):
    """Return the book's address: in its folder, and served."""
    if request.param == "file":
        yield BOOK.as_uri()
        return
    with served(BOOK) as address:
        yield address


@pytest.fixture
def open_page(browser):
    contexts = []

    def open_at(address, **settings):
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.errors, page.loaded = [], []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("request", lambda request: page.loaded.append(request.url))
        page.goto(address)
        return page

    yield open_at
    for context in contexts:
        context.close()


def figure(page):
    """Return the figure of a page, drawn by Vega."""
    found = page.locator(".live-figure")
    found.scroll_into_view_if_needed()
    page.wait_for_function(READY)
    return found


def choose(page, choice, T, N):
    """Move the controls as a reader does, and wait for the picture."""
    page.get_by_label(choice, exact=True).check()
    for label, value in (("Steps T", T), ("Terms in the mean N", N)):
        page.get_by_label(label).fill(str(value))
    page.wait_for_function(f"document.querySelector('.live-figure').view.signal('N') === {N}")
    page.evaluate("document.querySelector('.live-figure').view.runAsync().then(() => 0)")


def power(m):
    return ("1", "1/N")[m] if m < 2 else f"1/N{SUPERSCRIPTS[m]}"


def disagreements(shown, choice, T, N):
    """Say in what the picture differs from what the package computes."""
    rows = [row for row in parts_table() if row["choice"] == choice and row["T"] == T]
    faults = [] if shown["signals"] == [choice, T, N] else ["signals"]
    end, gates, labels = 0, 0, []
    for term in range(T, 0, -1):
        own = [row for row in rows if row["term"] == term]
        part = sum(row["size"] * N ** (1 - row["power"]) for row in own)
        powers = [row["power"] for row in own]
        end, gates = end + part, gates + max(powers)
        labels.append("…".join(map(power, sorted({min(powers), max(powers)}))))
        (found,) = [row for row in shown["terms"] if row["term"] == term]
        if (found["lo"], found["hi"]) != (min(powers), max(powers)):
            faults.append(f"powers of term {term}")
        if abs(found["part"] - part) > 1e-9 or abs(found["end"] - end) > 1e-9:
            faults.append(f"bar of term {term}")
    once = all(row["power"] == 1 for row in rows)
    ratio = f"{end:.2f}" if end < 9.995 else f"{end:.0f}"
    word = "right" if once else "too large" if end > 1 else "too small"
    verdict = f"sum: {ratio} × the true gradient: {word}"
    faults += ["verdict"] if shown["verdict"] != verdict else []
    faults += ["message"] if ("exactly once" in shown["message"]) != once else []
    faults += ["gates"] if shown["gates"] != gates else []
    spoken = f"from the last term to the first: {', '.join(labels)}. {verdict}."
    faults += ["words"] if not shown["words"].endswith(spoken) else []
    return faults


@pytest.mark.parametrize("choice", CHOICES)
def test_the_figure_shows_the_package_s_numbers(open_page, root, choice):
    page = open_page(f"{root}/chapters/intro.html")
    figure(page)
    for T, N in ((2, 8), (5, 33), (8, 64)):
        choose(page, choice, T, N)
        assert disagreements(page.evaluate(SHOWN), choice, T, N) == []
    assert page.errors == []


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (lambda shown: shown["terms"][0].update(part=0.2), "bar of term"),
        (lambda shown: shown["terms"][0].update(hi=2), "powers of term"),
        (lambda shown: shown.update(gates=4), "gates"),
        (lambda shown: shown.update(verdict="sum: 1.01 × the true gradient: right"), "verdict"),
        (lambda shown: shown.update(message="Term 5 never meets 1/N"), "message"),
        (lambda shown: shown.update(words="Nothing is said."), "words"),
        (lambda shown: shown["signals"].reverse(), "signals"),
    ],
)
def test_a_wrong_picture_is_found(open_page, fault, found):
    page = open_page(f"{BOOK.as_uri()}/chapters/intro.html")
    figure(page)
    choose(page, "at the end", 5, 20)
    shown = page.evaluate(SHOWN)
    assert disagreements(shown, "at the end", 5, 20) == []
    fault(shown)
    assert any(found in one for one in disagreements(shown, "at the end", 5, 20))


def test_a_wrong_number_in_the_page_is_found(browser):
    page = browser.new_page()
    text = (BOOK / "chapters/intro.html").read_text("utf-8")
    row = "at the end,5,1,1,0."
    assert row in text
    address = f"{BOOK.as_uri()}/chapters/intro.html"
    wrong = text.replace(row, row + "9")
    page.route(address, lambda route: route.fulfill(body=wrong, content_type="text/html"))
    page.goto(address)
    figure(page)
    choose(page, "at the end", 5, 20)
    assert "bar of term 1" in disagreements(page.evaluate(SHOWN), "at the end", 5, 20)
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_no_other_site_and_loads_vega_only_when_the_figure_is_near(
    open_page, root, name
):
    page = open_page(f"{root}/chapters/{name}.html", viewport={"width": 1280, "height": 300})
    page.wait_for_load_state("load")
    assert not [url for url in page.loaded if "/vega-" in url]
    figure(page)
    assert len([url for url in page.loaded if "/vega-" in url]) == 1
    assert [url for url in page.loaded if not url.startswith((root, "data:"))] == []
    assert page.errors == []


def test_other_pages_load_nothing_of_it(open_page, root):
    page = open_page(f"{root}/chapters/{OTHER}.html")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")
    assert [url for url in page.loaded if "vega" in url or "book_live" in url] == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_figure_fits_the_page(open_page, name, width):
    page = open_page(
        f"{BOOK.as_uri()}/chapters/{name}.html", viewport={"width": width, "height": 800}
    )
    figure(page)
    choose(page, "again at every step", 8, 64)
    column = page.locator(".bd-article").bounding_box()
    for part in page.locator(".live-figure svg, .live-figure form, .live-figure label").all():
        box = part.bounding_box()
        assert column["x"] <= box["x"] + 1
        assert box["x"] + box["width"] <= column["x"] + column["width"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_alone_works_the_figure(open_page):
    page = open_page(f"{BOOK.as_uri()}/chapters/intro.html")
    figure(page)
    page.get_by_label("on each gradient that enters").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    page.wait_for_function("document.querySelector('.live-figure').view.signal('N') === 64")
    page.evaluate("document.querySelector('.live-figure').view.runAsync().then(() => 0)")
    assert disagreements(page.evaluate(SHOWN), "at the end", 5, 64) == []
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_the_first_picture_stands_there(open_page, name):
    page = open_page(f"{BOOK.as_uri()}/chapters/{name}.html", java_script_enabled=False)
    picture = page.locator(".live-picture")
    assert picture.locator("svg").is_visible()
    assert "× the true gradient" in picture.text_content()
    assert len(picture.get_attribute("aria-label").split()) > 20
    assert not page.locator(".live-figure form").is_visible()
