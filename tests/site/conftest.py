"""One browser for each process."""

import re
from pathlib import Path

import pytest
from browser import FLAGS, find_browser, served
from playwright.sync_api import sync_playwright
from visits import WIDE, new_page, visit
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "_build/html"


class OnePageOneProcess(LoadScopeScheduling):
    """Keep the tests of a page in one process, which visits it once; spread the others."""

    def _split_scope(self, nodeid):
        file, _, name = nodeid.rpartition("::")
        page = re.search(r"\[([^\]]*?\.html)", name)
        if file.endswith("test_pages.py") and page:
            return page[1]
        return file if file.endswith("test_published.py") else nodeid


def pytest_xdist_make_scheduler(config, log):
    """Share the tests out by page."""
    return OnePageOneProcess(config, log)


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
    page, visits = new_page(browser), {}

    def look(path):
        if path not in visits:
            visits[path] = visit(page, BOOK, address, path)
        return visits[path]

    return look


@pytest.fixture(scope="session")
def context(browser):
    """Return the settings of a reader, who may use the clipboard."""
    settings = {"viewport": WIDE, "reduced_motion": "reduce", "color_scheme": "light"}
    allowed = ["clipboard-read", "clipboard-write"]
    with browser.new_context(permissions=allowed, **settings) as context:
        yield context


@pytest.fixture
def page(context):
    """Return a page of its own; what it kept is forgotten."""
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.close()
