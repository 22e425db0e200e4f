"""What a reader does with the book works; each behaviour is shown to fail when it is broken."""

import io
import json
import re

import pytest
from faults import added, changed, lost, named, noticed, plain
from PIL import Image
from playwright.sync_api import expect
from visits import NARROW, WIDE, settle

from conftest import BOOK, ROOT

CHAPTER = "chapters/01_the_question.html"  # one that loads fast
NEXT = "chapters/02_gradient_of_a_mean.html"
WILD = "chapters/08_lstms_in_the_wild.html"
CHEAT_SHEET = "chapters/cheat_sheet.html"
PLAIN = plain(CHAPTER)
THEME_SCRIPT = "_static/scripts/pydata-sphinx-theme.js"


def search_finds(page, base):
    page.goto(f"{base}/{CHAPTER}")
    page.keyboard.press("Control+k")
    expect(page.locator("#pst-search-dialog")).to_be_visible()
    page.keyboard.type("cotangent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=cotangent*")
    found = page.locator("#search-results ul.search li")
    expect(found.filter(has_text="Backprop is linear").first).to_be_visible()
    found.filter(has=page.get_by_text("The question", exact=True)).locator("a").first.click()
    expect(page.locator(".highlighted").first).to_be_attached()


def search_leaves_room_for_its_glass(page, base):
    page.goto(f"{base}/{CHAPTER}")
    page.keyboard.press("Control+k")
    field, glass = (page.locator(f"#pst-search-dialog {part}") for part in ("input", "i"))
    expect(field).to_be_visible()
    inset = field.evaluate("(field) => parseFloat(getComputedStyle(field).paddingLeft)")
    icon = glass.bounding_box()
    assert field.bounding_box()["x"] + inset >= icon["x"] + icon["width"] + 4


def a_link_to_a_place_underlines_its_heading(page, base):
    page.goto(f"{base}/{CHAPTER}#exercises")
    heading = page.locator(":target > h2")
    look = "(h) => [getComputedStyle(h).backgroundColor, getComputedStyle(h).backgroundSize]"
    assert heading.evaluate(look) == ["rgba(0, 0, 0, 0)", "48px 3px"]


def errors_stand_side_by_side(page, base):
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        page.goto(f"{base}/{WILD}")
        rows = page.locator("#wrong table tr").evaluate_all(
            "(rows) => rows.map((row) => [...row.lastElementChild.querySelectorAll('.unbroken')]"
            ".map((number) => number.getBoundingClientRect()).map(({ x, y }) => [x, y]))"
        )
        columns = [[x for x, _ in row] for row in rows]
        assert all(len({y for _, y in row}) == 1 for row in rows)
        assert len(columns[0]) == 3
        assert all(row == columns[0] for row in columns)


def the_cheat_sheet_uses_the_whole_width(page, base):
    page.goto(f"{base}/{CHEAT_SHEET}")
    parts = (page.locator(name).first for name in (".cheat-sheet table", "section > p"))
    table, text = (part.bounding_box()["width"] for part in parts)
    assert table > 880
    assert text < 720
    page.set_viewport_size(NARROW)
    expect(page.locator("button.secondary-toggle")).to_be_visible()  # to what is left out when wide


def theme_switches(page, base):
    page.goto(f"{base}/{CHAPTER}")
    button, seen = page.locator(".theme-switch-button").first, set()
    for _ in range(3):
        button.click()
        mode = page.evaluate("document.documentElement.dataset.mode")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        seen.add((mode, ground))
    assert {mode for mode, _ in seen} == {"auto", "dark", "light"}
    assert len({ground for _, ground in seen}) == 2
    page.evaluate("localStorage.setItem('mode', 'dark'); localStorage.setItem('theme', 'dark')")
    page.goto(f"{base}/{NEXT}")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def pictures_go_dark(page, base):
    for mode in ("light", "dark"):
        page.emulate_media(color_scheme=mode)
        page.goto(f"{base}/{CHAPTER}")
        picture = page.locator("figure img").first
        with Image.open(io.BytesIO(picture.screenshot())) as shot:
            corner = shot.convert("RGB").getpixel((2, 2))
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        ground = [int(part) for part in re.findall(r"\d+", ground)[:3]]
        assert max(abs(a - b) for a, b in zip(corner, ground, strict=True)) <= 3
        assert (mode == "light") == (min(ground) > 128)
    page.emulate_media(color_scheme="light")


def wide_code_says_that_it_scrolls(page, base):
    page.set_viewport_size(NARROW)
    page.goto(f"{base}/{CHAPTER}")
    marked = page.locator("pre.more-right").first
    expect(marked).to_be_attached()
    box = marked.element_handle()
    box.evaluate("(box) => box.scrollTo(box.scrollWidth, 0)")
    page.wait_for_function("(box) => !box.classList.contains('more-right')", arg=box)
    page.set_viewport_size(WIDE)


def keyboard_skips_to_the_text(page, base):
    page.goto(f"{base}/{CHAPTER}")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    expect(skip).to_have_attribute("href", "#main-content")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('main'))")


def tab_to(page, selector, most=40):
    """Press Tab until an element that fits the selector has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no {selector} within {most} presses of Tab")


def keyboard_opens_the_menu(page, base):
    page.set_viewport_size(NARROW)
    page.goto(f"{base}/{CHAPTER}")
    link = page.locator(".bd-sidebar-primary nav a", has_text="Where to divide")
    expect(link).not_to_be_in_viewport()
    tab_to(page, "button.primary-toggle")
    page.keyboard.press("Enter")
    expect(link).to_be_visible()
    tab_to(page, ".bd-links a")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.set_viewport_size(WIDE)


def keyboard_opens_what_is_folded(page, base):
    page.goto(f"{base}/{CHAPTER}")
    settle(page)
    for selector in ("main summary", "main .toggle-button"):
        tab_to(page, selector, 150)
        box = page.evaluate_handle("document.activeElement.closest('details, .toggle')")
        height = "(box) => box.getBoundingClientRect().height"
        before = page.evaluate(height, box)
        page.keyboard.press("Enter")
        assert page.evaluate(height, box) > before + 10


def code_is_copied(page, base):
    page.goto(f"{base}/{CHAPTER}")
    name = CHAPTER.replace(".html", ".ipynb")
    cells = json.loads((ROOT / name).read_text("utf-8"))["cells"]
    source = next("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    cell = page.locator(".cell_input", has_text=source.splitlines()[0]).first
    cell.hover()
    cell.locator("button.copybtn").click()
    assert page.evaluate("navigator.clipboard.readText()").strip() == source.strip()


def print_shows_what_is_folded(page, base):
    page.goto(f"{base}/{CHAPTER}")
    shut = "document.querySelectorAll('main details:not([open])').length"
    before = page.evaluate(shut)
    assert before > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(shut) == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(shut) == before


FAULTS = [
    (search_finds, lost("searchindex.js")),
    (search_finds, lost(THEME_SCRIPT)),
    (search_leaves_room_for_its_glass, lost("_static/search.css")),
    (a_link_to_a_place_underlines_its_heading, lost("_static/book.css")),
    (a_link_to_a_place_underlines_its_heading, changed(CHAPTER, 'id="exercises"', "")),
    (errors_stand_side_by_side, changed("_static/book.css", "+ br {\n  display: none", "+ br {\n")),
    (errors_stand_side_by_side, changed("_static/book.css", "width: 4.25rem", "")),
    (the_cheat_sheet_uses_the_whole_width, lost("_static/cheat_sheet.css")),
    (the_cheat_sheet_uses_the_whole_width, changed("_static/cheat_sheet.css", "44rem", "none")),
    (theme_switches, lost(THEME_SCRIPT)),
    (theme_switches, lost("_static/styles/pydata-sphinx-theme.css")),
    (pictures_go_dark, changed("_static/code.css", "invert(0.93)", "")),
    (pictures_go_dark, changed("_static/code.css", "invert(0.93)", "invert(0.5)")),
    (wide_code_says_that_it_scrolls, lost("_static/book.js")),
    (wide_code_says_that_it_scrolls, changed("_static/book.js", " - box.scrollLeft", "")),
    (keyboard_skips_to_the_text, changed(CHAPTER, 'href="#main-content"', "")),
    (keyboard_opens_the_menu, lost(THEME_SCRIPT)),
    (
        keyboard_opens_the_menu,
        changed(
            CHAPTER, '<button class="sidebar-toggle', '<button tabindex=-1 class="sidebar-toggle'
        ),
    ),
    (keyboard_opens_what_is_folded, lost("_static/togglebutton.js")),
    (keyboard_opens_what_is_folded, changed(CHAPTER, "<summary", "<summary tabindex=-1")),
    (code_is_copied, lost("_static/copybutton.js")),
    (code_is_copied, changed("_static/copybutton.js", "clone.innerText", "clone.tagName")),
    (print_shows_what_is_folded, lost("_static/book.js")),
]
BEHAVIOURS = list(dict.fromkeys(behaviour for behaviour, _ in FAULTS))


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=named)
def test_it_works_on_a_server(page, address, behaviour):
    behaviour(page, address)


@pytest.mark.parametrize("behaviour", [b for b in BEHAVIOURS if b is not code_is_copied], ids=named)
def test_it_works_in_a_folder(page, behaviour):
    behaviour(page, BOOK.resolve().as_uri())


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=named)
def test_it_works_on_the_plain_page(page, address, behaviour):
    PLAIN(page)
    behaviour(page, address)


@pytest.mark.parametrize(("behaviour", "plant"), FAULTS, ids=named)
def test_it_is_noticed_when_broken(page, address, behaviour, plant):
    PLAIN(page)
    plant(page)
    with noticed(page):
        behaviour(page, address)


def lacks_without_scripts(page):
    """Yield what of a page's text only a script would show."""
    yield from [] if page.locator("main h1").last.is_visible() else ["the text"]
    yield from page.locator("main .toggle-hidden").all_text_contents()


def test_the_text_is_there_without_scripts(browser, address):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}/{CHAPTER}")
        assert list(lacks_without_scripts(page)) == []
        added(CHAPTER, "<style>main { display: none !important; }</style>")(page)
        page.reload()
        assert list(lacks_without_scripts(page)) == ["the text"]
        changed(CHAPTER, "<h1>", "<h1 class='toggle-hidden'>")(page)
        page.reload()
        assert any("The question" in text for text in lacks_without_scripts(page))
