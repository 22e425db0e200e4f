"""What a page weighs when it is opened for the first time, in bytes before compression."""

import re
from collections import Counter
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import pytest
from browser import served
from visits import contents, new_page, settle

from conftest import BOOK, ROOT

KINDS = {".html": "text", ".js": "scripts", ".css": "styles", ".woff": "fonts", ".woff2": "fonts"}
BUDGET = {
    "text": 240_000,  # most of it is coloured code
    "scripts": 920_000,  # MathJax 760,000, Bootstrap 81,000
    "styles": 500_000,  # the theme's 312,000
    "fonts": 120_000,  # MathJax's and the icons'
    "pictures": 250_000,
    "interactive figure": 0,
}
TOTAL = 1_950_000
INTERACTIVE = "vega"  # in the address of whatever an interactive figure loads
LARGER = {  # page -> what it may weigh more; the reason
    "chapters/api.html": {"text": 120_000},  # every public name, with links to its source
    "chapters/cheat_sheet.html": {"pictures": 100_000},  # a chart to print
    "chapters/lstms_in_the_wild.html": {"text": 30_000},  # the tables of 26 LSTMs
    "chapters/speed.html": {"pictures": 100_000},  # four measurements
}


def weigh(browser, root, address, path):
    """Return the bytes of each kind that a page loads, and the names of the files."""
    page, urls = new_page(browser), {f"{address}/{path}"}
    page.on("request", lambda request: urls.add(request.url))
    page.goto(f"{address}/{path}", wait_until="networkidle")
    settle(page)
    page.context.close()
    files = {urlsplit(url).path.lstrip("/") for url in urls if url.startswith(address)}
    weights = Counter()
    for file in files:
        kind = KINDS.get(PurePosixPath(file).suffix, "pictures")
        kind = "interactive figure" if INTERACTIVE in file else kind
        weights[kind] += (root / file).stat().st_size
    return weights, files


def too_heavy(weights, more=None):
    """Name the kinds of which a page loads more than its budget allows."""
    more = more or {}
    limits = {kind: limit + more.get(kind, 0) for kind, limit in BUDGET.items()}
    found = [f"{kind}: {n:,} > {limits[kind]:,}" for kind, n in weights.items() if n > limits[kind]]
    total, limit = sum(weights.values()), TOTAL + sum(more.values())
    return found + ([f"in all: {total:,} > {limit:,}"] if total > limit else [])


def idle(page, root, files):
    """Name the files that a page loads and does not use."""
    text = (root / page).read_text("utf-8")
    uses = {"mathjax": 'class="math', "copybutton": 'class="highlight', "clipboard": "highlight"}
    uses |= {"design-tabs": "sd-tab-set", "togglebutton.js": 'class="[^"]*(toggle|dropdown)'}
    uses |= {"searchindex": "search-results", "language_data": "search-results"}
    uses |= {"fontawesome.js": "never", "mathjax/sre": "never", "mathjax/ui": "never"}
    return [
        f for f in files for name, use in uses.items() if name in f and not re.search(use, text)
    ]


@pytest.mark.parametrize("path", [*contents(ROOT), "404.html", "_modules/lstm_src/lstm.html"])
def test_a_page_keeps_its_budget_and_loads_only_what_it_uses(browser, address, path):
    weights, files = weigh(browser, BOOK, address, path)
    assert too_heavy(weights, LARGER.get(path)) == [], weights
    assert idle(path, BOOK, files) == []


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("more.js", 921_000, "scripts"),
        ("more.css", 501_000, "styles"),
        ("vega.js", 1_000, "interactive figure"),
        ("more.png", 251_000, "pictures"),
        ("searchindex.js", 10, "searchindex.js"),
        ("less.js", 10, None),
    ],
)
def test_what_is_too_much_is_found(browser, tmp_path, name, size, said):
    tag = {".js": "<script src={}></script>", ".css": "<link rel=stylesheet href={}>"}
    tag = tag.get(PurePosixPath(name).suffix, "<img alt='' src={}>").format(name)
    (tmp_path / "page.html").write_text(f"<link rel=icon href='data:,'>{tag}", "utf-8")
    (tmp_path / name).write_text("/*" + " " * size + "*/", "utf-8")
    with served(tmp_path) as address:
        weights, files = weigh(browser, tmp_path, address, "page.html")
    found = [*too_heavy(weights), *idle("page.html", tmp_path, files)]
    assert bool(found) == bool(said)
    assert not said or said in found[0]
