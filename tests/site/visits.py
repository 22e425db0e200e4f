"""Visit a page of a built book twice, over http and from its folder, and note what is there."""

from pathlib import Path
from typing import NamedTuple

import yaml
from axe_playwright_python.sync_playwright import Axe

HERE = Path(__file__).parent
FACTS, FOCUS = ((HERE / name).read_text("utf-8") for name in ("facts.js", "focus.js"))
# One piece of code in each colour and place is enough to judge its contrast.
SPARSE = """() => {
  const met = new Set();
  for (const span of document.querySelectorAll(".highlight pre span[class]")) {
    const box = span.closest(".cell_output, .cell_input, .admonition, details, article");
    const look = `${span.className} in ${box?.className}`;
    if (met.has(look)) span.replaceWith(...span.childNodes);
    met.add(look);
  }
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
    axe: dict  # theme -> the rules violated, with the elements
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


def violations(page, **options):
    """Return the accessibility rules that a page violates, each with its first elements."""
    # A formula's glyphs are thousands of elements, hidden from those who hear its MathML; that
    # axe does not count as text, so a heading of a table which is a formula seems empty.
    context = {"exclude": [["mjx-math"], ["th:has(> p > .math:only-child)"]]}
    options = {"resultTypes": ["violations"], "preload": False, **options}
    found = Axe().run(page, context, options).response["violations"]
    return [f"{rule['id']}: {[node['html'][:90] for node in rule['nodes'][:3]]}" for rule in found]


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
        page.evaluate(SPARSE)
        axe = {"light": violations(page)}
        page.emulate_media(color_scheme="dark")
        axe["dark"] = violations(page, runOnly=["color-contrast", "link-in-text-block"])
    finally:
        for event, handler in note.items():
            page.remove_listener(event, handler)
    ours = (folder, address, "data:", "blob:", "about:")
    foreign = [url for url in requests if not url.startswith(ours)]
    links = [link.replace(address, "", 1) for link in wide["links"] if link.startswith(address)]
    wide["links"] = sorted(set(links))
    return Visit(path, Path(root), wide, narrow, trouble, foreign, axe, unfocused)
