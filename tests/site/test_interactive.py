"""The live chart in a browser: it shows what the package computes, however it is worked.

Its checks are run on every page that has it, in a folder and on a server, and on pages with a fault
that they must find.
"""

import copy

import pytest
from faults import added, changed, named
from live import (
    CHECKS,
    LOW,
    asks_no_other_site,
    disagreements,
    draw,
    fits,
    go,
    keeps_its_name,
    loads_nothing,
    loads_vega_when_near,
    reports_no_error,
    shown,
    shows_a_picture_without_scripts,
    shows_the_package_s_numbers,
    stays_in_place,
    works_by_keyboard,
    works_by_touch,
)

NAME = "a_certificates"
OTHER = "01_the_question"


without_scripts = pytest.mark.parametrize("watched", [False], ids=["no scripts"], indirect=True)


def test_the_figure_keeps_every_rule(watched, base):
    page = draw(go(watched, f"{base}/chapters/{NAME}.html"))
    found = {check.__name__: list(check(page)) for check in CHECKS}
    assert not any(found.values()), found


def test_other_pages_load_nothing_of_it(watched, base):
    assert loads_nothing(go(watched, f"{base}/chapters/{OTHER}.html")) == []


@without_scripts
def test_without_scripts_the_first_picture_stands_there(watched, address):
    page = go(watched, f"{address}/chapters/{NAME}.html")
    assert list(shows_a_picture_without_scripts(page)) == []


PAGE, SCRIPT, STYLE = f"chapters/{NAME}.html", "_static/book_live.js", "_static/book_live.css"


FAULTS = [  # the check, the fault, what the check must say of it
    (loads_vega_when_near, changed(SCRIPT, '"300px"', '"999999px"'), "early"),
    (
        loads_vega_when_near,
        changed(
            SCRIPT,
            "start(target);",
            "start(target); script.dataset.vega += '?'; library = null; load();",
        ),
        "2 times",
    ),
    (
        shows_the_package_s_numbers,
        changed(
            PAGE,
            '{"T":5,"choice":"at the end","power":1,"term":1}',
            '{"T":5,"choice":"at the end","power":2,"term":1}',
        ),
        "marks",
    ),
    (shows_the_package_s_numbers, changed(SCRIPT, "say();\n    }", "}"), "words"),
    (shows_the_package_s_numbers, changed(SCRIPT, "target.name,", "'T',"), "signals"),
    (
        works_by_keyboard,
        changed(PAGE, '<input type="range"', '<input tabindex="-1" type="range"'),
        "signals",
    ),
    (works_by_keyboard, added(PAGE, "<script>onkeydown = () => false</script>"), "signals"),
    (keeps_its_name, changed(SCRIPT, 'setAttribute("role", "img")', "focus()"), "name"),
    (keeps_its_name, changed(SCRIPT, "name(alt);", ""), "first name"),
    (stays_in_place, changed(STYLE, "display: grid !important;", ""), "at 390 px"),
    (works_by_touch, changed(PAGE, "</label><label>", "</label><label for='other'>"), "signals"),
    (fits, changed(STYLE, "max-width: 100%;", "min-width: 25rem;"), "at 390 px: svg"),
    (asks_no_other_site, added(PAGE, "<script src='http://localhost:9/x.js'></script>"), "x.js"),
    (
        asks_no_other_site,
        changed(SCRIPT, "say();\n    }", "say(); new Image().src = 'http://localhost:9/y'; }"),
        "/y",
    ),
    (reports_no_error, changed(SCRIPT, "say();\n    }", "tell(); }"), "tell is not defined"),
]


@pytest.mark.parametrize(("check", "plant", "said"), FAULTS, ids=named)
def test_a_fault_of_the_figure_is_found(watched, address, check, plant, said):
    assert said in str(list(check(draw(go(watched, f"{address}/{PAGE}", plant)))))


STYLES = [  # the check, the rule of style that is too much, what the check must say of it
    (works_by_keyboard, ".live-figure input { outline: none !important; }", "outline"),
    (works_by_touch, ".live-range { pointer-events: none; }", "signals"),
    (fits, ".live-figure label { width: 22rem; }", "at 320 px: LABEL"),
    (fits, ".live-figure form { margin-left: -90px; }", "at 1280 px: FORM"),
    (fits, ".live-figure input { display: none; }", "INPUT"),
    (fits, "h1 { width: 350px; }", "at 320 px: the page"),
]


def test_a_fault_of_style_is_found(watched, address):
    page, missed = draw(go(watched, f"{address}/{PAGE}")), []
    for check, rule, said in STYLES:
        page.set_viewport_size(LOW)
        style = page.add_style_tag(content=rule)
        found = str(list(check(page)))
        missed += [] if said in found else [f"{check.__name__}, {rule}: {found}"]
        style.evaluate("(style) => style.remove()")
    assert missed == []


def test_every_check_of_the_figure_is_shown_to_fail():
    assert {check for check, _, _ in [*FAULTS, *STYLES]} == set(CHECKS)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda shown: shown["marks"].pop(), "marks"),
        (lambda shown: shown["marks"][0].__setitem__(0, "other"), "marks"),
        (lambda shown: shown.update(message="Degrees {0}: not once"), "message"),
        (lambda shown: shown.update(words="Nothing is said."), "words"),
        (lambda shown: shown["signals"].reverse(), "signals"),
    ],
)
def test_a_wrong_picture_is_found(sound, fault, said):
    wrong = copy.deepcopy(sound)
    fault(wrong)
    assert disagreements(sound, "at the end", 5) == []
    assert any(said in one for one in disagreements(wrong, "at the end", 5))


@pytest.fixture(scope="module")
def sound(watched, address):
    """Return what the figure shows in one place."""
    return shown(draw(go(watched, f"{address}/{PAGE}")), "at the end", 5)


@pytest.mark.parametrize(
    "text",
    [
        f"<script src='../{SCRIPT}'></script>",
        "<script>onscroll = () => fetch('/vega.js')</script>",
    ],
)
def test_what_another_page_loads_of_it_is_found(watched, address, text):
    path = f"chapters/{OTHER}.html"
    assert loads_nothing(go(watched, f"{address}/{path}", added(path, text))) != []


@without_scripts
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('class="live-picture"', 'hidden class="live-picture"', "no picture"),
        ("Degrees {", "", "no verdict"),
        ('role="img" aria-label="', 'role="img" aria-label="A picture." title="', "no alternative"),
        ("<form hidden", "<form", "controls"),
    ],
)
def test_a_page_that_needs_its_scripts_is_found(watched, address, old, new, said):
    page = go(watched, f"{address}/{PAGE}", changed(PAGE, old, new))
    assert said in str(list(shows_a_picture_without_scripts(page)))
