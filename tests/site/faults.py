"""Plant a fault: a file of the book is changed or lost on its way to the browser."""

from pathlib import PurePosixPath

from conftest import BOOK

TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


def changed(path, old, new):
    """Return a fault: `old` is `new` in a file of the book."""

    def plant(page):
        text = (BOOK / path).read_text("utf-8")
        assert old in text, f"no {old!r} in {path}"
        kind = f"{TYPES[PurePosixPath(path).suffix]}; charset=utf-8"
        body = text.replace(old, new)
        page.route(f"**/{path}*", lambda route: route.fulfill(body=body, content_type=kind))

    return plant


def added(path, text):
    """Return a fault: a page has this HTML in addition, at its end."""
    return changed(path, "</body>", f"{text}</body>")


def lost(path):
    """Return a fault: a file can't be had."""
    return lambda page: page.route(f"**/{path}*", lambda route: route.abort())
