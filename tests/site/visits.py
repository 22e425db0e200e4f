"""Visit a page of a built book twice, over http and from its folder, and note what is there."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import yaml
from barriers import barriers, dress

HERE = Path(__file__).parent
SCRIPTS = ("facts.js", "focus.js", "dark.js")
FACTS, FOCUS, DARK = ((HERE / name).read_text("utf-8") for name in SCRIPTS)
MOVED = "<title>This page has moved</title>"
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
    files: set  # of the book, loaded over http
    axe: dict  # what was checked -> the rules violated, with the elements
    unfocused: list  # what does not show that it has the focus
    dark: list  # what has other colours than the page, in the dark


def book_pages(root):
    """Return the paths of a book's pages, without those that only say where a page has moved."""
    files = (path for path in Path(root).rglob("*.html") if MOVED not in path.read_text("utf-8"))
    pages = (path.relative_to(root).as_posix() for path in files)
    return sorted(
        page for page in pages if not page.startswith("_static/") and page != "index.html"
    )


def contents(project):
    """Return a book's pages in the order of its table of contents."""
    toc = yaml.safe_load(Path(project, "_toc.yml").read_text("utf-8"))
    files = (chapter["file"] for part in toc["parts"] for chapter in part["chapters"])
    return [f"{file}.html" for file in (toc["root"], *files)]


def new_windows(browser):
    """Open a narrow window, which is touched, and a wide one, both without motion.

    Each keeps its place, so pages load fast.
    """
    context = browser.new_context(reduced_motion="reduce", color_scheme="light")
    windows = context.new_page(), context.new_page()
    for window, size in zip(windows, (NARROW, WIDE), strict=True):
        window.set_default_timeout(20_000)
        window.set_viewport_size(size)
    touched = context.new_cdp_session(windows[0])
    touched.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    # As if each page were the first: else the fonts of the last one are asked for as well.
    protocol = context.new_cdp_session(windows[1])
    protocol.send("Network.enable")
    protocol.send("Network.setCacheDisabled", {"cacheDisabled": True})
    return windows


def settle(page):
    """Wait until formulas are set and fonts are there."""
    page.evaluate(SETTLED)


def visit(windows, root, address, path):
    """Visit one page; `address` is where the folder `root` is served."""
    trouble, requests, folder = [], [], Path(root).resolve().as_uri()
    note = {
        "console": lambda m: trouble.append(m.text) if m.type == "error" else None,
        "weberror": lambda failure: trouble.append(str(failure.error)),
        "requestfailed": lambda request: trouble.append(f"not loaded: {request.url}"),
        "response": lambda r: trouble.append(f"{r.status}: {r.url}") if r.status >= 400 else None,
        "request": lambda request: requests.append(request.url),
    }
    narrow, wide = windows
    for event, handler in note.items():
        wide.context.on(event, handler)
    try:
        narrow.goto(f"{folder}/{path}")
        settle(narrow)
        small = narrow.evaluate(FACTS)
        wide.emulate_media(color_scheme="light")
        wide.goto(f"{address}/{path}")
        settle(wide)
        large = wide.evaluate(FACTS)
        wide.keyboard.press("Tab")
        unfocused = wide.evaluate(FOCUS)
        axe = barriers(wide)
        dress(wide, "dark")
        dark = wide.evaluate(DARK)
        wide.wait_for_load_state("networkidle")  # what is loaded late counts too
    finally:
        for event, handler in note.items():
            wide.context.remove_listener(event, handler)
    ours = (folder, address, "data:", "blob:", "about:")
    foreign = [url for url in requests if not url.startswith(ours)]
    served = {f"{address}/{path}", *requests}
    files = {urlsplit(url).path.lstrip("/") for url in served if url.startswith(address)}
    links = [link.replace(address, "", 1) for link in large["links"] if link.startswith(address)]
    large["links"] = sorted(set(links))
    return Visit(path, Path(root), large, small, trouble, foreign, files, axe, unfocused, dark)
