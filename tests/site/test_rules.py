"""Each rule passes a sound page and catches the faults planted in copies of it."""

import pytest
import rules
import test_weight
from sound import FORMULA, SOUND

FAINT = """<style>.faint { color: #777 !important; }</style>
<script>matchMedia("(prefers-color-scheme: SCHEME)").onchange = (change) => {
  document.body.className = change.matches ? "faint" : "";
}</script>"""  # after a change alone, as the theme's script does
BUTTON = '<button class="copybtn">Copy</button>'
TABLE = "<div style='overflow: auto'><table style='width: WIDTHpx'><td>A</td><td>CELL</table></div>"
NAME = "<table style='table-layout: fixed; width: 4em; overflow-wrap: anywhere'>"
NAME += "<td><code>a_longer_name</code></table>"
FOLDED = "<details><summary>One <svg width='9' height='9'></svg></summary><p>Folded.</p></details>"
CITED = "<p>(<a href='bibliography.html#id1'>Somebody, 2020</a>). Then words.</p>"
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
    (rules.pictures_say_how_large_they_are, ' height="9"', ""),
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
    (rules.code_can_be_copied, BUTTON, ""),
    (rules.code_can_be_copied_by_touch, "a { color", ".copybtn { opacity: 0; } a { color"),
    (rules.code_fits_its_box, "code()", "a_call() " * 30),
    (rules.tables_fit_their_boxes, "<h2>", f"{TABLE.replace('WIDTH', '1400')}<h2>"),
    (
        rules.tables_fit_their_boxes,
        "<h2>",
        f"{TABLE.replace('WIDTH', '500').replace('CELL', 'A cell with a sentence in it.')}<h2>",
    ),
    (
        rules.tables_fit_their_boxes,
        "<h2>",
        f"{TABLE.replace('WIDTH', '500').replace('>A<', '><a href=other.html>A</a><')}<h2>",
    ),
    (rules.names_are_not_torn, "<h2>", f"{NAME}<h2>"),
    (rules.what_is_folded_has_one_mark, "<h2>", f"{FOLDED}<h2>"),
    (rules.paragraphs_begin_with_words, "<h2>", f"{CITED}<h2>"),
    *(
        (rules.the_dark_has_one_set_of_colours, "a { color", f"{style} a {{ color")
        for style in ("details > p { background: #123; }", "img { padding: 8px; }")
    ),
    (rules.the_dark_has_one_set_of_colours, "<h2>", "<table><td style='color: #fff'>1</table><h2>"),
    (
        rules.the_dark_has_one_set_of_colours,
        "<h2>",
        "<table><td><a style='color: #9bf' href='other.html'>1</a></table><h2>",
    ),
    (rules.focus_can_be_seen, "a { color", "* { outline: none !important; } a { color"),
    *(
        (rules.focus_can_be_seen, "a { color", f"a:focus {{ {style}; }} a {{ color")
        for style in (
            "outline: none; box-shadow: 0 0 2px red",
            "outline: 1px solid #000",
            "outline: 2px solid #ddd",
            "opacity: 0.3",
        )
    ),
    (
        rules.nothing_moves,
        "a { color",
        "@keyframes k { to { left: 9px } } h1 { animation: k 1s infinite } a { color",
    ),
    (rules.icons_are_drawn, "f002", "f003"),
    (rules.readers_meet_no_barrier, "color: #222", "color: #bbb"),
    (rules.readers_meet_no_barrier, "color: #ddd", "color: #333"),
    *(
        (rules.readers_meet_no_barrier, "<h2>", f"{FAINT.replace('SCHEME', scheme)}<h2>")
        for scheme in ("light", "dark")
    ),
    (rules.readers_meet_no_barrier, "Copy</button>", "</button>"),
    (rules.links_lead_somewhere, "other.html#place", "nowhere.html"),
    (rules.links_lead_somewhere, "other.html#place", "other.html#nowhere"),
]


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
    assert {rule for rule, _, _ in [*FAULTS, *test_weight.FAULTS]} == set(rules.RULES)
