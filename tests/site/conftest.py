"""One browser for each process, and the order of the tests."""

import math
import re
from pathlib import Path

import pytest
from browser import FLAGS, find_browser, served
from playwright.sync_api import sync_playwright
from sound import small_book
from visits import WIDE, new_windows, visit
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "_build/html"


class Scopes(LoadScopeScheduling):
    """Keep in one process the tests of a page, and those that share what one of them made."""

    def _split_scope(self, nodeid):
        file, _, name = nodeid.rpartition("::")
        page = re.search(r"\[([^\]]*?\.html)", name)
        if file.endswith("test_pages.py") and page:
            return page[1]
        shares = file.endswith("test_published.py") or "wrong_picture" in name
        return file if shares else nodeid


def pytest_xdist_make_scheduler(config, log):
    """Share the tests out by page."""
    return Scopes(config, log)


def length(item):
    """Say how long a test takes, in no unit: the long ones come first, so that all end together."""
    if item.path.stem == "test_published":
        return math.inf  # it builds a book
    path = getattr(item, "callspec", None) and item.callspec.params.get("path")
    if item.path.stem == "test_pages" and path:
        return (BOOK / path).stat().st_size
    return 90_000


def pytest_collection_modifyitems(items):
    """Let the long tests begin."""
    items.sort(key=length, reverse=True)


def pytest_configure():
    """Say at once what is missing."""
    try:
        find_browser()
    except FileNotFoundError as error:
        raise pytest.UsageError(str(error)) from None
    if not (BOOK / "index.html").is_file():
        raise pytest.UsageError("The book is not built. To build and test it: make test-site")


@pytest.fixture(scope="session")
def browser():
    """Return a browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address():
    """Return where the book is served."""
    with served(BOOK) as address:
        yield address


@pytest.fixture(scope="module", params=["file", "http"])
def base(request, address):
    """Return the book's address: in its folder, and served."""
    return BOOK.as_uri() if request.param == "file" else address


@pytest.fixture(scope="session")
def visit_book(browser, address):
    """Return a function that visits a page of the book, each but once."""
    windows, visits = new_windows(browser), {}

    def look(path):
        if path not in visits:
            visits[path] = visit(windows, BOOK, address, path)
        return visits[path]

    return look


@pytest.fixture(scope="session")
def look(browser, tmp_path_factory):
    """Return a function that visits a small page with a given text."""
    with small_book(tmp_path_factory.mktemp("planted"), BOOK, browser) as look:
        yield look


@pytest.fixture(scope="session")
def window(browser):
    """Return the window of a reader, who may use the clipboard."""
    settings = {"viewport": WIDE, "reduced_motion": "reduce", "color_scheme": "light"}
    allowed = ["clipboard-read", "clipboard-write"]
    with browser.new_context(permissions=allowed, **settings) as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def watched(browser, request):
    """Return a page that notes what goes on in it; a parameter says whether scripts may run."""
    scripts = getattr(request, "param", True)
    with browser.new_context(has_touch=True, java_script_enabled=scripts) as context:
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.errors, page.loaded = [], []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("request", lambda request: page.loaded.append(request.url))
        yield page


@pytest.fixture
def page(window):
    """Return the window as if it were new: what the last test did in it is undone."""
    window.set_default_timeout(20_000)
    yield window
    window.unroute_all()
    window.evaluate("localStorage.clear(); sessionStorage.clear()")
    window.goto("about:blank")
    window.emulate_media(media="screen", color_scheme="light", reduced_motion="reduce")
    window.set_viewport_size(WIDE)
