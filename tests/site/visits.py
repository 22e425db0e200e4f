"""Visit a page of a built book twice, over http and from its folder, and note what is there."""

from pathlib import Path
from typing import NamedTuple

import yaml
from axe_playwright_python.base import AXE_SCRIPT

HERE = Path(__file__).parent
FACTS, FOCUS = ((HERE / name).read_text("utf-8") for name in ("facts.js", "focus.js"))
# Marks one piece of text of each look: the others have its contrast. A formula's glyphs go: they
# are elements without text, hidden from those who hear its MathML.
LOOKS = """() => {
  for (const glyphs of document.querySelectorAll("mjx-math")) glyphs.replaceChildren();
  const met = new Set();
  for (const old of document.querySelectorAll("[data-look]")) old.replaceWith(...old.childNodes);
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].find((node) => node.nodeType === 3 && node.data.trim());
    if (!text || !element.checkVisibility()) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const grounds = [];
    for (let box = element; box; box = box.parentElement) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(box);
      grounds.push(backgroundColor, backgroundImage, opacity);
    }
    const shown = grounds.filter((value) => !["rgba(0, 0, 0, 0)", "none", "1"].includes(value));
    const look = [color, fontSize, fontWeight, ...shown].join();
    if (met.has(look)) continue;
    met.add(look);
    const mark = document.createElement("span");
    mark.dataset.look = "";
    text.replaceWith(mark);
    mark.append(text);
  }
}"""
PLAIN_CODE = """() => {
  for (const span of document.querySelectorAll(".highlight pre span[class]"))
    span.replaceWith(...span.childNodes);
}"""
SETTLED = "Promise.all([window.MathJax?.startup?.promise, document.fonts.ready]).then(() => true)"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


class Visit(NamedTuple):
    """What was found on a page."""

    path: str  # of the page in the book
    root: Path  # the book's folder
    wide: dict  # facts over http, 1280 pixels wide
    narrow: dict  # facts from the folder, 390 pixels wide
    trouble: list  # errors of the page, failed requests
    foreign: list  # addresses asked for outside the book
    axe: dict  # what was checked -> the rules violated, with the elements
    unfocused: list  # what does not show that it has the focus


def book_pages(root):
    """Return the paths of a book's pages."""
    pages = (path.relative_to(root).as_posix() for path in Path(root).rglob("*.html"))
    return sorted(
        page for page in pages if not page.startswith("_static/") and page != "index.html"
    )


def contents(project):
    """Return a book's pages in the order of its table of contents."""
    toc = yaml.safe_load(Path(project, "_toc.yml").read_text("utf-8"))
    files = (chapter["file"] for part in toc["parts"] for chapter in part["chapters"])
    return [f"{file}.html" for file in (toc["root"], *files)]


def new_page(browser, width=WIDE, **options):
    """Open a page that asks for no motion."""
    page = browser.new_context(viewport=width, reduced_motion="reduce", **options).new_page()
    page.set_default_timeout(20_000)
    return page


def settle(page):
    """Wait until formulas are set and fonts are there."""
    page.evaluate(SETTLED)


def violations(page, context, **options):
    """Return the accessibility rules that a page violates, each with its first elements."""
    options = {"resultTypes": ["violations"], "preload": False, **options}
    found = page.evaluate("([context, options]) => axe.run(context, options)", [context, options])
    found = found["violations"]
    return [f"{rule['id']}: {[node['html'][:90] for node in rule['nodes'][:3]]}" for rule in found]


def contrast(page, scheme):
    """Return where the contrast is too weak in a colour scheme."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(LOOKS)
    return violations(page, {"include": [["[data-look]"]]}, runOnly=["color-contrast"])


def barriers(page):
    """Return the violations of all other rules."""
    page.evaluate(PLAIN_CODE)
    # axe does not count MathML as text: a heading of a table which is a formula seems empty.
    context = {"exclude": [["th:has(> p > .math:only-child)"]]}
    return violations(page, context, rules={"color-contrast": {"enabled": False}})


def visit(page, root, address, path):
    """Visit one page; `address` is where the folder `root` is served."""
    trouble, requests, folder = [], [], Path(root).resolve().as_uri()
    note = {
        "console": lambda m: trouble.append(m.text) if m.type == "error" else None,
        "pageerror": lambda error: trouble.append(str(error)),
        "requestfailed": lambda request: trouble.append(f"not loaded: {request.url}"),
        "response": lambda r: trouble.append(f"{r.status}: {r.url}") if r.status >= 400 else None,
        "request": lambda request: requests.append(request.url),
    }
    for event, handler in note.items():
        page.on(event, handler)
    try:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(NARROW)
        page.goto(f"{folder}/{path}")
        settle(page)
        narrow = page.evaluate(FACTS)
        page.set_viewport_size(WIDE)
        page.goto(f"{address}/{path}")
        settle(page)
        wide = page.evaluate(FACTS)
        page.keyboard.press("Tab")
        unfocused = page.evaluate(FOCUS)
        page.evaluate(AXE_SCRIPT)
        axe = {scheme: contrast(page, scheme) for scheme in ("light", "dark")}
        axe["all rules"] = barriers(page)
    finally:
        for event, handler in note.items():
            page.remove_listener(event, handler)
    ours = (folder, address, "data:", "blob:", "about:")
    foreign = [url for url in requests if not url.startswith(ours)]
    links = [link.replace(address, "", 1) for link in wide["links"] if link.startswith(address)]
    wide["links"] = sorted(set(links))
    return Visit(path, Path(root), wide, narrow, trouble, foreign, axe, unfocused)
