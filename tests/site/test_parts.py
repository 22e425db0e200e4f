"""The parts that chapters are made of, each as CONTRIBUTING.md shows it, on a page of their own."""

import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from browser import served
from faults import changed, lost, named, noticed
from visits import NARROW, WIDE, contents

from conftest import BOOK, ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
FENCE = re.compile(r"^```(markdown|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PICTURE = """import matplotlib.pyplot as plt
from lstm_src.book.style import use_book_style
use_book_style()
fig, ax = plt.subplots(figsize=(7, 2))
ax.plot([0, 1])
plt.show()"""
REFERRED = """
```{glossary}
cotangent
  The derivative of the loss.
```

:::{prf:theorem} A part
:label: thm-part

All of $1/N$.
:::

$$
a + b = c
$$ (eq-part)
"""
TEXTS = {"alt": "a line", "caption": "A line.", "name": "fig-line"}


def snippets():
    """Return the examples of the guide's section: kind and text."""
    section = GUIDE[GUIDE.index("### Parts of a chapter") : GUIDE.index("## How notebooks")]
    return FENCE.findall(section)


def cells():
    """Return the cells of a page that holds each part once."""
    v4 = nbformat.v4
    figure = {"figure": {k: TEXTS[k] for k in ("name", "caption")}, "image": {"alt": TEXTS["alt"]}}
    yield v4.new_markdown_cell("# Parts\n\n" + "A long text. " * 60)
    for kind, text in snippets():
        make = v4.new_markdown_cell if kind == "markdown" else v4.new_code_cell
        yield make(text)
        yield v4.new_markdown_cell("## Next\n\n" + "A long text. " * 60)
    wide = {"mystnb": figure, "tags": ["full-width"]}
    yield v4.new_code_cell(PICTURE, metadata=wide)
    yield v4.new_markdown_cell(REFERRED)


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Build a book of one page."""
    home = tmp_path_factory.mktemp("parts")
    for name in ("_ext", "_static", "_templates", "_config.yml", "CITATION.cff"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, home / name)
    (home / "chapters").mkdir()
    shutil.copy(ROOT / "chapters/references.bib", home / "chapters")
    source = "# Sources\n\n```{bibliography}\n```\n"
    (home / "chapters/bibliography.md").write_text(source, "utf-8")
    toc = "format: jb-book\nroot: chapters/intro\nparts:\n- caption: All\n  chapters:\n"
    toc += "  - file: chapters/bibliography\n"
    (home / "_toc.yml").write_text(toc, "utf-8")
    page = home / "chapters/intro.ipynb"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells()), metadata=kernel), page)
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    run = [sys.executable, ROOT / "scripts/execute.py", page]
    subprocess.run(run, check=True, env=env, capture_output=True, cwd=home)
    build = "from jupyter_book.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", build, "build", ".", "-W", "-n", "--keep-going", "--quiet"],
        cwd=home, env=env, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with served(home / "_build/html") as address:
        yield f"{address}/chapters/intro.html"


def sizes(page, selector):
    """Return how far an element begins and ends from where the column of text does."""
    return page.evaluate(
        """(selector) => {
          const column = document.querySelector("article p:not(aside p)").getBoundingClientRect()
          const part = document.querySelector(selector).getBoundingClientRect()
          return { left: part.left - column.left, right: part.right - column.right }
        }""",
        selector,
    )


NOTE, TABLE, CELL = "aside.margin", ".pst-scrollable-table-container", ".cell.tag_full-width"


def parts_reach_into_the_margin(page, parts):
    page.set_viewport_size(WIDE)
    page.goto(parts)
    assert sizes(page, NOTE)["left"] > page.locator("article p").first.bounding_box()["width"]
    assert 200 < sizes(page, NOTE)["right"] < 260
    for part in (TABLE, CELL):
        assert sizes(page, part)["left"] == 0
        assert 200 < sizes(page, part)["right"] < 260


def without_a_margin_they_stand_in_the_text(page, parts):
    page.goto(parts)
    for media, size in (
        ("screen", NARROW),
        ("screen", {"width": 1100, "height": 800}),
        ("print", WIDE),
    ):
        page.set_viewport_size(size)
        page.emulate_media(media=media)
        for part in (NOTE, TABLE, CELL):
            found = sizes(page, part)
            assert found["left"] == 0
            assert found["right"] <= 0
        note, text = (page.locator(s).first.bounding_box() for s in (NOTE, f"{NOTE} ~ p"))
        assert note["y"] + note["height"] <= text["y"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


LINKS = {  # what leads there -> how its preview begins
    "Backprop": "cotangent\nThe derivative of the loss.",
    "Theorem 0.1": "Theorem 0.1 (A part)\nAll of",
    "(0.1)": "𝑎+𝑏=𝑐",
    "Werbos, 1990": "Paul J. Werbos",
}
OPEN, LOADED = "#preview:popover-open", "book_previews_data"


def shown(page):
    """Return the preview's text, once it is there, without the boxes of its formulas."""
    page.wait_for_selector(OPEN)
    text = re.sub(r"\s*\n\s*", "\n", page.locator(OPEN).inner_text().strip())
    return re.sub(r"(?<=\S)\n(?=\S$|\W)|\s+(?=[+=])|(?<=[+=])\s+", "", text)


def link(page, text):
    """Return the link with a text."""
    return page.locator("article a.internal", has_text=text).first


def a_pointer_shows_where_a_link_leads(page, parts):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(parts)
    assert not any(LOADED in url for url in asked)
    for text, begins in LINKS.items():
        link(page, text).hover()
        assert shown(page).startswith(begins), shown(page)
        box = page.locator(OPEN).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= WIDE["width"]
        page.locator(OPEN).hover()  # it can be read, and stays
        page.wait_for_timeout(400)
        assert page.locator(OPEN).is_visible()
        page.mouse.move(5, 5)
        page.wait_for_selector(OPEN, state="detached")


def a_key_shows_it_and_escape_takes_it_away(page, parts):
    page.goto(parts)
    link(page, "Backprop").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert shown(page).startswith(LINKS["Backprop"])
    described = page.evaluate("document.activeElement.getAttribute('aria-describedby')")
    assert page.locator(f"#{described}[role=tooltip]").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(OPEN).count()
    assert not page.locator("[aria-describedby=preview]").count()
    page.keyboard.press("Tab")
    assert shown(page).startswith(LINKS["Theorem 0.1"])
    page.keyboard.press("Enter")
    assert page.url.endswith("#thm-part")


def the_second_touch_follows(page, parts):
    page.goto(parts)
    touch = page.context.browser.new_context(viewport=NARROW, has_touch=True)
    with touch as context:
        finger = context.new_page()
        finger.set_default_timeout(2_000)
        for path, route in page.planted:
            finger.route(path, route)
        finger.goto(parts)
        link(finger, "Backprop").tap()
        assert shown(finger).startswith(LINKS["Backprop"])
        assert "#" not in finger.url
        box = finger.locator(OPEN).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= NARROW["width"]
        finger.locator("article h1").tap()
        finger.wait_for_selector(OPEN, state="detached")
        for _ in range(2):
            link(finger, "Backprop").tap()
            finger.wait_for_timeout(300)
        assert finger.url.endswith("#term-cotangent")


SCRIPT, DATA = "_static/book_previews.js", "_static/book_previews_data.js"
STYLE, AT_ONCE = "_static/margins.css", "  load(`${root}book_previews_data.js`)\n  let link = null"
BROKEN = {
    parts_reach_into_the_margin: [
        lost(STYLE),
        changed(STYLE, "-36%", "0"),
        changed(STYLE, "width: 136%", "width: 100%"),
    ],
    without_a_margin_they_stand_in_the_text: [
        changed(STYLE, "float: none", "float: right"),
        changed(STYLE, "screen and ", ""),
    ],
    a_pointer_shows_where_a_link_leads: [
        lost(SCRIPT),
        lost(DATA),
        changed(SCRIPT, 'closest?.(".preview")', 'closest?.("x")'),
        changed(SCRIPT, "await setFormulas(all.mathjax);", ""),
        changed(SCRIPT, "  let link = null", AT_ONCE),
    ],
    a_key_shows_it_and_escape_takes_it_away: [
        changed(SCRIPT, "focusin", "focusinto"),
        changed(SCRIPT, '"Escape"', '"Esc"'),
        changed(SCRIPT, 'aria-describedby", card', 'aria-owns", card'),
    ],
    the_second_touch_follows: [
        changed(SCRIPT, "event.preventDefault();", ""),
        changed(SCRIPT, "over === link) return hide()", "false) return hide()"),
    ],
}
FAULTS = [(behaviour, plant) for behaviour, faults in BROKEN.items() for plant in faults]


@pytest.mark.parametrize("behaviour", BROKEN, ids=named)
def test_each_part_works(page, parts, behaviour):
    page.planted = []
    behaviour(page, parts)


@pytest.mark.parametrize(("behaviour", "plant"), FAULTS, ids=named)
def test_it_is_noticed_when_broken(page, parts, behaviour, plant):
    page.planted = planted = []
    note = SimpleNamespace(route=lambda path, route: planted.append((path, route)))
    plant(note)
    for path, route in planted:
        page.route(path, route)
    with noticed(page):
        behaviour(page, parts)


def linked(path):
    """Return the targets of a page's links to parts of pages."""
    text = (BOOK / path).read_text("utf-8")
    return {
        posixpath.normpath(f"{posixpath.dirname(path)}/{href}" if href[0] != "#" else path + href)
        for href in re.findall(r'class="reference internal" href="([^"]*#[^"]+)"', text)
    }


def test_every_link_of_these_kinds_has_a_preview():
    text = (BOOK / DATA).read_text("utf-8")
    held = json.loads(text[text.index("{") : text.rindex("}") + 1])["previews"]
    kinds = re.compile(r"#(term-|equation-|(thm|def|cor|lem|prp)-|id\d+$)")
    links = {link for path in contents(ROOT) for link in linked(path) if kinds.search(link)}
    assert len(links) > 100
    assert {link for link in links if link not in held and "bibliography" in link} == set()
    missing = {link for link in links - held.keys() if not link.partition("#")[2].startswith("id")}
    assert missing == set()
