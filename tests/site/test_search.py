"""The search finds what helps most, quotes it readably and leads to it; each is shown to fail."""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from barriers import dress, violations
from faults import changed, lost, named, noticed
from playwright.sync_api import expect
from visits import NARROW, WIDE

from conftest import BOOK

FIRST = {  # query -> the first three hits, each with its page
    "divide by T": [
        ("Where to divide", "Where to divide"),
        ("What libraries divide by", "Cheat sheet"),
        ("Where they divide", "LSTMs in the wild"),
    ],
    "DDP": [
        ("DDP", "Glossary"),
        ("What libraries divide by", "Cheat sheet"),
        ("What do you write, where?", "Micro-batches and workers"),
    ],
    "padding": [
        ("padding", "Glossary"),
        ("The padding in the count", "A catalogue of mistakes"),
        ("Why padding changes nothing", "Ragged sequences"),
    ],
    "token mean": [
        ("token mean", "Glossary"),
        ("What libraries divide by", "Cheat sheet"),
        ("A mean of means: gradient accumulation in transformers", "LSTMs in the wild"),
    ],
    "clip": [
        ("clipping", "Glossary"),
        ("Which clip, of what?", "Clipping"),
        ("clip_by_value", "API of training"),
    ],
}
SCRIPT, WORDS = "_static/book_search.js", "_static/book_search_words.js"
HIT = "chapters/cheat_sheet.html?q=DDP#what-libraries-divide-by"


def ask(page, base, query):
    """Search, and return the results."""
    page.goto(f"{base}/search.html?q={query.replace(' ', '+')}")
    expect(page.locator(".search-summary")).to_contain_text(re.compile("something|anything|word"))
    return page.locator("#search-results ul.search > li")


def hits(page, base, query, most=3):
    """Return the titles of the first results, each with its page's title."""
    for result in ask(page, base, query).all()[:most]:
        title, where = result.locator("> a"), result.locator(".where")
        yield title.inner_text(), (where if where.count() else title).inner_text().split(":")[0]


@pytest.mark.parametrize("query", FIRST)
def test_the_first_three_hits_help(page, base, query):
    assert list(hits(page, base, query)) == FIRST[query]


@pytest.mark.parametrize(
    ("query", "old", "new"),
    [
        ("divide by T", "named === terms.size", "false"),
        ("DDP", '["sheet", "chapter",', '["test", "sheet", "chapter",'),
        ("padding", 'page.kind === "term"', 'page.kind === "name"'),
        ("token mean", "const kind = ORDER", "const kind = -ORDER"),
        ("clip", "compare(one.parts[0], other.parts[0])", "0"),
    ],
)
def test_another_order_is_noticed(page, address, query, old, new):
    changed(SCRIPT, old, new)(page)
    assert list(hits(page, address, query)) != FIRST[query]


def finds_a_term_by_its_meaning(page, base):
    assert list(hits(page, base, "gradient accumulation", 1)) == [("accumulation", "Glossary")]


def finds_a_function_by_its_name(page, base):
    assert list(hits(page, base, "audit_scaling", 1)) == [("audit_scaling", "API")]


def completes_a_word(page, base):
    assert list(hits(page, base, "accum", 1)) == [("accumulation", "Glossary")]


def quotes_whole_sentences(page, base):
    for query in FIRST:
        for quoted in ask(page, base, query).locator(".context").all_inner_texts()[:5]:
            assert re.search(r"[.?!][)”’]?$", quoted), quoted
            assert not re.match(r"[a-z]", quoted) or quoted.startswith(("lstm", "token")), quoted
            assert not re.search(r"\\|\$|\.ipynb|Print|Contents|Show the code|import ", quoted), (
                quoted
            )


def marks_no_single_letter(page, base):
    marked = ask(page, base, "divide by T").locator("mark").all_inner_texts()
    assert marked
    assert all(word.lower().startswith("divid") for word in marked)


def says_that_nothing_is_found(page, base):
    expect(ask(page, base, "zxqv")).to_have_count(0)
    expect(page.locator(".search-summary")).to_contain_text("No page has anything on “zxqv”")


def says_that_a_letter_is_no_word(page, base):
    expect(ask(page, base, "T")).to_have_count(0)
    page.locator(".search-summary a").click()
    page.wait_for_url("**/chapters/notation.html")


def leads_to_the_place(page, base):
    page.set_viewport_size(NARROW)
    ask(page, base, "DDP").filter(has_text="What libraries divide by").locator("> a").click()
    current = page.locator("mark.current")
    expect(current).to_be_in_viewport()
    expect(page.locator("tr", has=current)).to_contain_text("The workers’ sum by their number W.")


def steps_through_and_hides_the_marks(page, base):
    page.goto(f"{base}/{HIT}")
    counted = page.locator(".found-bar [role=status]")
    expect(counted).to_have_text("5 of 13")
    page.get_by_role("button", name="Next").click()
    expect(counted).to_have_text("6 of 13")
    expect(page.locator("mark.current")).to_be_in_viewport()
    page.get_by_role("button", name="Hide marks").click()
    expect(page.locator("mark, .found-bar")).to_have_count(0)


def opens_what_hides_a_mark(page, base):
    page.goto(f"{base}/{HIT}")
    for _ in range(10):  # the list is folded, and its mark is the second
        page.get_by_role("button", name="Next").click()
    expect(page.locator(".found-bar [role=status]")).to_have_text("2 of 13")
    expect(page.locator("mark.current")).to_be_in_viewport()


def offers_to_hide_nothing_where_nothing_is_marked(page, base):
    page.goto(f"{base}/chapters/cheat_sheet.html?q=zxqv")
    page.wait_for_load_state("load")
    assert page.locator("mark, .found-bar, .highlight-link").count() == 0


def reports_no_error(page, base):
    trouble = []
    page.on("pageerror", lambda error: trouble.append(error))
    page.on("console", lambda m: trouble.append(m.text) if m.type in {"error", "warning"} else None)
    ask(page, base, "clip").first.locator("> a").click()
    expect(page.locator("mark.current")).to_be_in_viewport()
    assert trouble == []


def lets_everybody_in(page, base):
    for path, shown in (("search.html?q=clip", ".context mark"), (HIT, ".found-bar")):
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            page.goto(f"{base}/{path}")
            expect(page.locator(shown).first).to_be_attached()
            assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
            page.evaluate(AXE_SCRIPT)
            for scheme in ("light", "dark"):
                dress(page, scheme)
                marks = {"include": [["mark"], [".found-bar"]]}
                assert (
                    violations(page, marks if ".found" in shown else {"include": [["body"]]}) == []
                )


BAR = "article.append(bar)"
FAULTS = [
    (finds_a_term_by_its_meaning, changed(SCRIPT, "all === terms.size", "named === terms.size")),
    (finds_a_function_by_its_name, changed(SCRIPT, "title === query", "false")),
    (completes_a_word, changed(SCRIPT, "other.stem.startsWith(stem)", "false")),
    (quotes_whole_sentences, changed(SCRIPT, "return said;", "return said.slice(0, -2);")),
    (
        quotes_whole_sentences,
        changed(SCRIPT, "let said = whole(best)", "let said = '….ipynb Print'"),
    ),
    (marks_no_single_letter, changed(WORDS, "{2,}", "{1,}")),
    (says_that_nothing_is_found, changed(SCRIPT, "if (!all) return null;", "")),
    (says_that_a_letter_is_no_word, changed(WORDS, "{2,}", "{1,}")),
    (leads_to_the_place, changed(WORDS, "mark.scrollIntoView", "mark.closest")),
    (leads_to_the_place, changed(WORDS, "after[0] ?? marks[0]", "marks[0]")),
    (steps_through_and_hides_the_marks, changed(WORDS, "(place + 1) %", "place %")),
    (steps_through_and_hides_the_marks, changed(WORDS, "mark.replaceWith(", "mark.append(")),
    (opens_what_hides_a_mark, changed(WORDS, "box.open = true", "box.id")),
    (
        offers_to_hide_nothing_where_nothing_is_marked,
        changed(WORDS, "if (!marks.length) return", "document.body.className = 'found-bar'"),
    ),
    (reports_no_error, changed(WORDS, BAR, f"{BAR}; missing()")),
    (reports_no_error, lost("searchindex.js")),
    (lets_everybody_in, changed("_static/search.css", "var(--book-warm-tint)", "var(--book-warm)")),
    (lets_everybody_in, changed("_static/search.css", "position: fixed", "min-width: 900px")),
]
BEHAVIOURS = list(dict.fromkeys(behaviour for behaviour, _ in FAULTS))


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=named)
def test_it_works(page, base, behaviour):
    behaviour(page, base)


@pytest.mark.parametrize(("behaviour", "plant"), FAULTS, ids=named)
def test_it_is_noticed_when_broken(page, address, behaviour, plant):
    plant(page)
    with noticed(page):
        behaviour(page, address)


def advice(page, base):
    """Return what the search page tells a reader without scripts, if it offers no box."""
    page.goto(f"{base}/search.html")
    assert page.locator("form.bd-search:visible, #search-results:visible").count() == 0
    links = page.locator("article noscript a, article p a")
    return [link.get_attribute("href") for link in links.all() if link.is_visible()]


def test_without_scripts_it_says_what_to_do(browser, base):
    pages = [f"chapters/{name}.html" for name in ("glossary", "cheat_sheet", "api")]
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        assert advice(page, base) == pages
        if base.startswith("http"):
            changed("search.html", "<noscript>\n    <p>", "<noscript>\n    <p hidden>")(page)
            assert advice(page, base) == []


def test_the_index_is_as_light_as_the_text():
    assert (BOOK / "searchindex.js").stat().st_size < 600_000
