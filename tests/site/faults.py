"""Plant a fault: a file of the book is changed or lost on its way to the browser."""

import re
from contextlib import contextmanager
from pathlib import PurePosixPath

import pytest
from playwright.sync_api import Error, expect

from conftest import BOOK

TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


FORMULA = re.compile(r'<(span|div) class="math .*?</\1>', re.DOTALL)
SETTER = re.compile(r"<script[^>]*mathjax/startup\.js[^>]*></script>")
TOKEN = re.compile(r'<span class="\w{1,3}">([^<]*)</span>')  # a coloured piece of code


def sent(page, path, text):
    """Send this text in place of a file of the book."""
    kind = f"{TYPES[PurePosixPath(path).suffix]}; charset=utf-8"
    page.route(f"**/{path}*", lambda route: route.fulfill(body=text, content_type=kind))


def plain(path):
    """Return what makes a page quick to load: it has no formulas and no colours in its code."""

    def plant(page):
        text = SETTER.sub("", FORMULA.sub("", (BOOK / path).read_text("utf-8")))
        sent(page, path, TOKEN.sub(r"\1", text))

    return plant


def changed(path, old, new):
    """Return a fault: `old` is `new` in a file of the book."""

    def plant(page):
        text = (BOOK / path).read_text("utf-8")
        assert old in text, f"no {old!r} in {path}"
        sent(page, path, text.replace(old, new))

    return plant


def added(path, text):
    """Return a fault: a page has this HTML in addition, at its end."""
    return changed(path, "</body>", f"{text}</body>")


def lost(path):
    """Return a fault: a file can't be had."""
    return lambda page: page.route(f"**/{path}*", lambda route: route.abort())


def named(part):
    """Name a test's parameter by its function, if it is one."""
    return getattr(part, "__name__", "")


@contextmanager
def noticed(page):
    """Expect what is done on a broken page to fail, and soon."""
    page.set_default_timeout(2_000)
    expect.set_options(timeout=2_000)
    try:
        with pytest.raises((AssertionError, Error)):
            yield
    finally:
        expect.set_options(timeout=10_000)
