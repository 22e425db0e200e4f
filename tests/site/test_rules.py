"""Each rule passes a sound page and catches the faults planted in copies of it."""

import itertools
import shutil

import pytest
import rules
from browser import served
from visits import new_page, visit

from conftest import BOOK

FORMULA = """<span class="math"><mjx-container><mjx-math aria-hidden="true">x</mjx-math>
<mjx-assistive-mml><math><mi>x</mi></math></mjx-assistive-mml></mjx-container></span>"""
SOUND = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>A sound page</title>
<meta name="description" content="A page on which every rule of the book is kept, as it should.">
<link rel="icon" href="data:,"><style>body {{ color: #222; background: #fff; }}
.icon::before {{ content: "\\f002"; font: 900 1em "Font Awesome 6 Free"; }}
@media (prefers-color-scheme: dark) {{ body {{ color: #ddd; background: #111; }} }}
a {{ color: inherit; }} mjx-assistive-mml {{ position: absolute; clip-path: inset(50%); }}
</style></head>
<body><nav aria-label="Chapters"><a href="other.html#place">Another page</a></nav>
<main><article><h1>A sound page</h1><p>A formula is {FORMULA} here.</p><h2>A part</h2>
<p>Text <i class="icon"></i></p><img src="picture.png" alt="A square with one plain light ground"
width="9">
<details><summary>More</summary><p>What was folded.</p></details>
<div class="highlight"><pre tabindex="0">code()</pre><button class="copybtn">Copy</button></div>
</article>
<div class="prev-next-area"><a href="other.html"><p class="prev-next-title">Other</p></a></div>
</main></body></html>"""
FAULTS = [
    (rules.no_errors, "<h2>", "<script>console.error('no')</script><h2>"),
    (rules.no_errors, "<h2>", "<script>undefinedFunction()</script><h2>"),
    (rules.no_errors, "<h2>", "<script src='missing.js'></script><h2>"),
    (rules.no_other_site, "<h2>", "<script src='http://localhost:9/x.js'></script><h2>"),
    (rules.formulas_are_set, FORMULA, "<span class='math'>x</span>"),
    (rules.formulas_are_set, "<mjx-math", "<mjx-merror>Undefined</mjx-merror><mjx-math"),
    (rules.formulas_can_be_heard, "<math><mi>x</mi></math>", ""),
    (rules.no_raw_markup, "A formula", r"A formula \(x\)"),
    (rules.no_raw_markup, "A formula", "A formula $x^2$"),
    (rules.no_raw_markup, "A formula", "A formula of {doc}`other`"),
    (rules.nothing_overflows, "<h2>", "<p style='width: 500px'>A wide line</p><h2>"),
    (rules.nothing_overflows, "A part", f"A{'p' * 80}rt"),
    (rules.folded_parts_open, "<details>", "<details onclick='event.preventDefault()'>"),
    (rules.folded_parts_open, "<p>What was", "<p hidden>What was"),
    (rules.pictures_are_there, 'src="picture.png"', "src='none.png'"),
    (rules.pictures_can_be_heard, "A square with one plain light ground", ""),
    (rules.pictures_can_be_heard, "A square with one plain light ground", "A square"),
    (rules.pictures_can_be_heard, "plain light ground", "ground in picture.png"),
    (rules.headings_are_in_order, "h2>", "h3>"),
    (rules.headings_are_in_order, "h2>", "h1>"),
    (rules.headings_are_in_order, "h1>", "h2>"),
    (rules.landmarks_are_there, "main>", "div>"),
    (rules.landmarks_are_there, ' aria-label="Chapters"', ""),
    (rules.page_is_described, ' lang="en"', ""),
    (rules.page_is_described, "<title>A sound page</title>", "<title></title>"),
    (rules.page_is_described, 'name="description"', ""),
    (rules.neighbours_have_titles, ">Other<", "><"),
    (rules.code_can_be_copied, '<button class="copybtn">Copy</button>', ""),
    (rules.focus_can_be_seen, "a { color", "* { outline: none !important; } a { color"),
    (
        rules.nothing_moves,
        "a { color",
        "@keyframes k { to { left: 9px } } h1 { animation: k 1s infinite } a { color",
    ),
    (rules.icons_are_drawn, "f002", "f003"),
    (rules.readers_meet_no_barrier, "color: #222", "color: #bbb"),
    (rules.readers_meet_no_barrier, "color: #ddd", "color: #333"),
    (rules.readers_meet_no_barrier, "Copy</button>", "</button>"),
    (rules.links_lead_somewhere, "other.html#place", "nowhere.html"),
    (rules.links_lead_somewhere, "other.html#place", "other.html#nowhere"),
]


@pytest.fixture(scope="module")
def look(browser, tmp_path_factory):
    """Return a function that visits a page with a given text."""
    root = tmp_path_factory.mktemp("planted")
    shutil.copy(BOOK / "_static/arrivals.png", root / "picture.png")
    shutil.copytree(BOOK / "_static/vendor/fontawesome", root / "_static/vendor/fontawesome")
    (root / "other.html").write_text("<p id='place'>Here</p>", "utf-8")
    page, numbers = new_page(browser), itertools.count()
    with served(root) as address:

        def look(text):
            name = f"page-{next(numbers)}.html"  # a new one, for the browser keeps the old
            (root / name).write_text(text, "utf-8")
            return visit(page, root, address, name)

        yield look


def names(found):
    return [rule.__name__ for rule in rules.RULES if list(rule(found))]


def test_a_sound_page_keeps_every_rule(look):
    found = look(SOUND)
    assert {rule.__name__: list(rule(found)) for rule in rules.RULES if list(rule(found))} == {}


@pytest.mark.parametrize(
    ("rule", "old", "new"), FAULTS, ids=lambda part: getattr(part, "__name__", "")
)
def test_a_rule_catches_its_fault(look, rule, old, new):
    assert old in SOUND
    assert rule.__name__ in names(look(SOUND.replace(old, new)))


def test_every_rule_is_shown_to_fail():
    assert {rule for rule, _, _ in FAULTS} == set(rules.RULES)
