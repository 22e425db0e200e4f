"""Rows are filtered as a reader asks, and each way in which that may break is noticed."""

import tomllib
from urllib.parse import parse_qs, urlsplit

import pytest
from faults import changed, lost, named, noticed, plain, sent
from playwright.sync_api import expect
from visits import NARROW, WIDE

from conftest import BOOK, ROOT
from lstm_src.placements.mistakes import KINDS, MISTAKES

SHEET, CATALOGUE = "chapters/cheat_sheet.html", "chapters/mistakes.html"
SCRIPT, STYLE = "_static/book_filters.js", "_static/book_filters.css"
LIBRARIES = [
    {word.lower() for word in row["libraries"]}
    for row in tomllib.loads((ROOT / "chapters/data/cheat_sheet.toml").read_text("utf-8"))["rows"]
]
PLACE = "what-libraries-divide-by"
PLACES = """[...document.querySelectorAll("main *:not(mjx-container *)")].map((part) => {
  const { x, y, width, height } = part.getBoundingClientRect()
  return [part.tagName, x, y, width, height].join(" ")
})"""


def rows(page):
    """Return which rows are to be seen."""
    return page.evaluate("""() => [...document.querySelectorAll("[data-library], [data-seen-by]")]
      .flatMap((mark, k) => (mark.closest("tr").checkVisibility() ? [k] : []))""")


def of(*libraries):
    return [k for k, own in enumerate(LIBRARIES) if own & set(libraries)]


def seen_by(check):
    """Return the rows of the entries that a check rejects, as the catalogue states it."""
    by_kind = [entry.shows for kind in KINDS for entry in MISTAKES.values() if entry.kind == kind]
    rejects = {
        "audit": lambda shows: shows.audit != "once",
        "gradient check": lambda shows: not shows.gradient,
        "one step": lambda shows: not shows.one_step,
        "weights": lambda shows: shows.weights != "as meant",
        "certificate": lambda shows: shows.certificate is False,
    }
    return [k for k, shows in enumerate(by_kind) if rejects[check](shows)]


def query(page):
    return parse_qs(urlsplit(page.url).query)


def says(page, text):
    expect(page.locator("form.filter output")).to_have_text(text)


def a_box_chooses_rows(page, base):
    page.goto(f"{base}/{SHEET}#{PLACE}")
    assert rows(page) == list(range(len(LIBRARIES)))
    says(page, f"All {len(LIBRARIES)} rows are shown.")
    page.get_by_label("Keras").check()
    assert rows(page) == of("keras")
    page.get_by_label("JAX").check()
    assert rows(page) == of("keras", "jax")
    says(page, f"{len(of('keras', 'jax'))} of {len(LIBRARIES)} rows are shown.")
    assert query(page) == {"library": ["keras", "jax"]}
    page.reload()
    assert rows(page) == of("keras", "jax")
    page.get_by_role("button", name="Show all").click()
    assert rows(page) == list(range(len(LIBRARIES)))
    assert page.url == f"{base}/{SHEET}#{PLACE}"
    assert page.locator("form.filter :checked").count() == 0


def every_check_chooses_its_entries(page, base):
    page.goto(f"{base}/{CATALOGUE}?other=1")
    for check in ("audit", "gradient check", "one step", "weights", "certificate"):
        page.get_by_label(check).check()
        assert rows(page) == seen_by(check)
        assert query(page) == {"other": ["1"], "seen-by": [check.replace(" ", "-")]}
        page.get_by_label(check).uncheck()


def an_address_opens_filtered(page, base):
    page.goto(f"{base}/{SHEET}?library=deepspeed&library=optax")
    assert rows(page) == of("deepspeed", "optax")
    ticked = page.locator("form.filter :checked")
    assert [box.input_value() for box in ticked.all()] == ["deepspeed", "optax"]
    says(page, f"{len(of('deepspeed', 'optax'))} of {len(LIBRARIES)} rows are shown.")


def headings_go_with_their_rows(page, base):
    page.goto(f"{base}/{CATALOGUE}?seen-by=certificate")
    titles = page.locator(".filter-group > p")
    assert [title.text_content() for title in titles.all() if title.is_visible()] == [
        KINDS["scaling"]
    ]


def that_nothing_matches_is_said(page, base):
    for address in (f"{CATALOGUE}?seen-by=none", f"{SHEET}?library=nobody%22%5D"):
        page.goto(f"{base}/{address}")
        assert rows(page) == []
        assert not any(group.is_visible() for group in page.locator(".filter-group").all())
        count = len(MISTAKES) if "mistakes" in address else len(LIBRARIES)
        says(page, f"Nothing matches: none of {count} rows are shown.")


def keyboard_chooses_rows(page, base):
    page.goto(f"{base}/{SHEET}")
    page.get_by_label("PyTorch").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert rows(page) == of("deepspeed")
    outlines = "getComputedStyle(document.activeElement.closest('label')).outlineStyle"
    assert page.evaluate(outlines) == "solid"
    for _ in range(len(set().union(*LIBRARIES)) - 1):  # the other boxes, then the button
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert rows(page) == list(range(len(LIBRARIES)))


def a_row_fits_a_phone(page, base):
    page.set_viewport_size(NARROW)
    page.goto(f"{base}/{CATALOGUE}")
    wide, above = page.evaluate("""() => {
      const tables = [...document.querySelectorAll(".filter-group table")]
      const places = (row) => [...row.children].map((cell) => cell.getBoundingClientRect())
      return [
        tables.filter((table) => table.scrollWidth > table.parentElement.clientWidth).length,
        tables.flatMap((table) => [...table.rows]).map(places)
          .filter((cells) => cells[4].top < cells[5].bottom || cells[4].left > cells[0].left + 1)
          .length,
      ]
    }""")
    assert (wide, above) == (0, 0)


def paper_shows_all(page, base):
    page.goto(f"{base}/{SHEET}?library=keras")
    page.emulate_media(media="print")
    assert rows(page) == list(range(len(LIBRARIES)))
    assert not page.locator("form.filter").is_visible()
    page.emulate_media(media="screen")


def a_page_without_the_script_is_plain(page, base):
    page.route(f"**/{SCRIPT}*", lambda route: route.abort())
    page.goto(f"{base}/{CATALOGUE}?seen-by=audit")
    assert rows(page) == list(range(len(MISTAKES)))
    assert not page.locator("form.filter").is_visible()


FAULTS = [
    (a_box_chooses_rows, lost(SCRIPT)),
    (a_box_chooses_rows, changed(SCRIPT, "history.replaceState", "void")),
    (a_box_chooses_rows, changed(SCRIPT, "address.searchParams.delete(filter)", "")),
    (a_box_chooses_rows, changed(SCRIPT, "box.checked = false", "void box")),
    (a_box_chooses_rows, changed(SCRIPT, ".value = `", ".title = `")),
    (every_check_chooses_its_entries, changed(CATALOGUE, 'data-seen-by="audit', 'data-seen-by="')),
    (
        every_check_chooses_its_entries,
        changed(SCRIPT, "new URL(location)", "new URL(location.pathname, location)"),
    ),
    (an_address_opens_filtered, changed(SCRIPT, "box.checked = asked", "box.title = asked")),
    (an_address_opens_filtered, changed(SCRIPT, "getAll(filter)", "getAll(filter).slice(0, 1)")),
    (headings_go_with_their_rows, changed(SCRIPT, ", .filter-group)", ")")),
    (that_nothing_matches_is_said, changed(SCRIPT, "Nothing matches: ", "")),
    (that_nothing_matches_is_said, changed(SCRIPT, "CSS.escape(word)", "word")),
    (
        keyboard_chooses_rows,
        changed(SHEET, '<input type="checkbox"', '<input tabindex="-1" type="checkbox"'),
    ),
    (keyboard_chooses_rows, changed(STYLE, ":focus-visible", ":active")),
    (a_row_fits_a_phone, changed(STYLE, "flex-basis: 100%", "flex-basis: 0")),
    (a_row_fits_a_phone, changed(STYLE, "order: 1", "order: 0")),
    (paper_shows_all, changed(SCRIPT, "@media screen", "@media all")),
    (paper_shows_all, changed(STYLE, "@media print", "@media speech")),
    (
        a_page_without_the_script_is_plain,
        changed(STYLE, "html.filters .bd-article", "html .bd-article"),
    ),
]
BEHAVIOURS = list(dict.fromkeys(behaviour for behaviour, _ in FAULTS))


def quick(page, plant=lambda page: None):
    """Let both pages load fast, perhaps with a fault."""
    for path in (SHEET, CATALOGUE):
        plain(path)(page)
    plant(page)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=named)
def test_it_works(page, base, behaviour):
    if not base.startswith("file:"):
        quick(page)
    behaviour(page, base)


@pytest.mark.parametrize(("behaviour", "plant"), FAULTS, ids=named)
def test_it_is_noticed_when_broken(page, address, behaviour, plant):
    quick(page, plant)
    with noticed(page):
        behaviour(page, address)


@pytest.fixture
def fresh(browser):
    """Return a window that is touched."""
    with browser.new_context(viewport=NARROW, has_touch=True, reduced_motion="reduce") as context:
        yield context.new_page()


def test_a_finger_chooses_rows(fresh, address):
    quick(fresh)
    fresh.goto(f"{address}/{SHEET}")
    label = fresh.locator("form.filter label", has_text="DeepSpeed")
    label.tap()
    assert rows(fresh) == of("deepspeed")
    label.tap()
    assert rows(fresh) == list(range(len(LIBRARIES)))


HIDES, SHOWS = "\n  hide(asked());\n", 'classList.add("filters")'
LATER = 'addEventListener("DOMContentLoaded", () => {'


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("late", [None, HIDES, SHOWS], ids=["sound", "rows", "form"])
def test_nothing_jumps_once_the_page_is_drawn(fresh, address, size, late):
    places, text = {}, (BOOK / SCRIPT).read_text("utf-8")
    fresh.set_viewport_size(size)
    for part in ("first", "all"):
        quick(fresh)
        early = text.replace(late, "") if late else text
        sent(fresh, SCRIPT, early.replace(LATER, "void (() => {") if part == "first" else text)
        fresh.goto(f"{address}/{SHEET}?library=keras")
        places[part] = fresh.evaluate(PLACES)
    assert (places["first"] == places["all"]) == (late is None)
