"""The theme's style sheets keep what the book can meet, and nothing on a page looks otherwise."""

from importlib.resources import files

import pytest
from book_sheets import reduced

PAGE = "chapters/02_gradient_of_a_mean.html"  # it has folded proofs
WHOLE = {  # a sheet -> the whole of it
    "styles/pydata-sphinx-theme.css": files("pydata_sphinx_theme")
    / "theme/pydata_sphinx_theme/static/styles/pydata-sphinx-theme.css",
    "sphinx-design.min.css": files("sphinx_design") / "static/sphinx-design.min.css",
}
LOOKS = """() => [...document.querySelectorAll("body *")].map((part) => {
  const look = getComputedStyle(part)
  return part.className + [...look].filter((name) => !name.startsWith("--"))
    .map((name) => name + look.getPropertyValue(name)).join()
})"""
KEPT = [  # a rule, the words of the book
    (".a{x:y}", "a"),
    (".a,.b{x:y}", "b"),
    ("p>em:first-child{x:y}", ""),
    (".a:not(.b){x:y}", "a"),
    (".a:is(.b,.c){x:y}", "a b"),
    (".bs-tooltip-top{x:y}", ""),
    ("@media print{.a{x:y}}", "a"),
    ("@font-face{src:url(a.woff)}", ""),
    ("@keyframes a{to{x:y}}", ""),
]
LOST = [(".a{x:y}", "b"), (".a .b,.c{x:y}", "a"), ("@media print{.a{x:y}}", ""), ("/*a*/", "")]


@pytest.mark.parametrize(("css", "words"), KEPT)
def test_what_can_be_met_is_kept(css, words):
    assert reduced(css, set(words.split())) == css


@pytest.mark.parametrize(("css", "words"), LOST)
def test_what_nothing_meets_is_gone(css, words):
    assert reduced(css, set(words.split())) == ""


def looks(page, address):
    """Return how each element of a page is shown, before any script changes it."""
    page.route("**/*.js*", lambda route: route.abort())
    page.goto(f"{address}/{PAGE}")
    page.evaluate("document.fonts.ready.then(() => true)")
    return page.evaluate(LOOKS)


def sheet(page, name, text):
    page.route(f"**/{name}*", lambda route: route.fulfill(body=text, content_type="text/css"))


def test_nothing_looks_otherwise_with_the_whole_sheets(page, address):
    ours = looks(page, address)
    for name, file in WHOLE.items():
        sheet(
            page, name, file.read_text("utf-8").replace("woff2", "woff")
        )  # as the icons are stored
    assert looks(page, address) == ours


def test_a_rule_too_few_shows(page, address):
    ours = looks(page, address)
    name = "sphinx-design.min.css"
    sheet(page, name, reduced(WHOLE[name].read_text("utf-8"), set()))
    assert looks(page, address) != ours
