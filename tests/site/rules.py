"""What holds on every page: each rule takes a visit and yields the faults that it finds."""

import functools
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from fontTools.ttLib import TTFont

RULES = []
SENTENCE = 25  # characters


def rule(function):
    """Keep a function as a rule."""
    RULES.append(function)
    return function


def both(visit, fact):
    """Return a fact of both visits, without repetition."""
    return list(dict.fromkeys([*visit.wide[fact], *visit.narrow[fact]]))


@rule
def no_errors(visit):
    """The page reports no error, and all that it asks for is there."""
    return visit.trouble


@rule
def no_other_site(visit):
    """The page asks nothing of any other site."""
    return visit.foreign


@rule
def formulas_are_set(visit):
    """Every formula is typeset, without an error."""
    return both(visit, "broken") + both(visit, "unrendered")


@rule
def formulas_can_be_heard(visit):
    """Every formula is there as MathML too, for screen readers."""
    return both(visit, "silent")


@rule
def no_raw_markup(visit):
    """No LaTeX and no role of the markup is left in the text."""
    return both(visit, "raw")


@rule
def nothing_overflows(visit):
    """Nothing sticks out of a page, wide or narrow: what is wide scrolls in its own box."""
    return both(visit, "wide")


@rule
def folded_parts_open(visit):
    """A click opens what is folded."""
    return both(visit, "shut")


@rule
def pictures_are_there(visit):
    """Every picture is loaded."""
    found = [*visit.wide["images"], *visit.narrow["images"]]
    return [image["source"] for image in found if not image["loaded"]]


@rule
def pictures_say_how_large_they_are(visit):
    """A picture's place is kept for it, so that no text moves when it comes."""
    found = [*visit.wide["images"], *visit.narrow["images"]]
    return [image["source"] for image in found if not image["sized"]]


@rule
def pictures_can_be_heard(visit):
    """A picture's alternative text says what is to be seen; a decoration is marked as one."""
    for image in visit.wide["images"]:
        alt = (image["alt"] or "").strip()
        names_a_file = re.search(r"\.(png|svg|jpe?g|gif)\b|[0-9a-f]{16}", alt)
        lacking = len(alt.split()) < 5 if image["content"] else image["alt"] is None
        if names_a_file or (lacking and not image["hidden"]):
            yield f"{image['source']}: alt={alt!r}"


@rule
def headings_are_in_order(visit):
    """One main heading, the first; none skips a level, none is empty."""
    for facts in (visit.wide, visit.narrow):
        levels = [level for level, _ in facts["headings"]]
        if levels[:1] != [1] or levels.count(1) != 1:
            yield f"the levels of the headings are {levels}"
        pairs = zip(facts["headings"], facts["headings"][1:], strict=False)
        yield from (f"level {b[0]} after level {a[0]}: {b[1]}" for a, b in pairs if b[0] > a[0] + 1)
        yield from (f"an empty heading of level {n}" for n, text in facts["headings"] if not text)


@rule
def landmarks_are_there(visit):
    """One main part, and navigation with names."""
    count = visit.wide["landmarks"].count("main")
    yield from [] if count == 1 else [f"{count} main parts"]
    yield from [] if "nav" in visit.wide["landmarks"] else ["no navigation"]
    yield from visit.wide["unnamed"]


@rule
def page_is_described(visit):
    """Language, title and description, for those who find the page elsewhere."""
    for fact, least in (("language", 2), ("title", 10), ("description", 50)):
        if len(visit.wide[fact]) < least:
            yield f"{fact}: {visit.wide[fact]!r}"


@rule
def neighbours_have_titles(visit):
    """The links to the previous and next page say where they lead."""
    return [f"no title at the link to {to}" for to, title in visit.wide["neighbours"] if not title]


@rule
def code_can_be_copied(visit):
    """Every piece of code has a button that copies it."""
    return both(visit, "code")


@rule
def code_can_be_copied_by_touch(visit):
    """That button is there to be seen where nothing can hover."""
    return visit.narrow["uncopied"]


@rule
def code_fits_its_box(visit):
    """No line of code is cut off in a wide window."""
    return visit.wide["overlong"]


@rule
def tables_fit_their_boxes(visit):
    """No column is cut off in a wide window.

    Nor in a narrow one, where it holds sentences, or the first column holds links.
    """
    yield from (cell["name"] for cell in visit.wide["cut"])
    for cell in visit.narrow["cut"]:
        if cell["named"] or (cell["words"] > SENTENCE and not cell["report"]):
            yield f"{cell['name']} in the narrow window"


@rule
def names_are_not_torn(visit):
    """A name in a table breaks only after what parts its words."""
    return both(visit, "torn")


@rule
def what_is_folded_has_one_mark(visit):
    """All that is folded on a page is marked alike."""
    return visit.wide["marks"] if len(visit.wide["marks"]) > 1 else []


@rule
def paragraphs_begin_with_words(visit):
    """Where a paragraph begins with a source, that stands in its sentence, not in brackets."""
    return visit.wide["bracketed"]


@rule
def the_dark_has_one_set_of_colours(visit):
    """Tables, folded parts and pictures have the page's own colours in the dark."""
    return visit.dark


@rule
def focus_can_be_seen(visit):
    """Whatever has the keyboard's focus shows it by a ring."""
    return visit.unfocused


@rule
def nothing_moves(visit):
    """Who asks for less motion gets none."""
    return both(visit, "moving")


@rule
def icons_are_drawn(visit):
    """Every icon is among those that the fonts keep."""
    fonts = visit.root / "_static/vendor/fontawesome/webfonts"
    for shown, family, weight in visit.wide["icons"]:
        kind = "brands" if "Brands" in family else "solid" if int(weight) > 600 else "regular"
        if not {ord(character) for character in shown} <= characters(
            fonts / f"fa-{kind}-{weight}.woff"
        ):
            yield f"{kind} {shown.encode('unicode_escape').decode()}"


@rule
def readers_meet_no_barrier(visit):
    """axe-core finds no violation in the light and in the dark."""
    return [f"{theme}: {found}" for theme, faults in visit.axe.items() for found in faults]


@rule
def links_lead_somewhere(visit):
    """Every link inside the book leads to a page that is there, and to a place on it."""
    for link in visit.wide["links"]:
        parts = urlsplit(link)
        target = visit.root / unquote(parts.path).lstrip("/")
        if not target.is_file():
            yield f"no page at {link}"
        elif parts.fragment and unquote(parts.fragment) not in places(target):
            yield f"no place {link}"


@functools.cache
def characters(font):
    """Return the code points that a font draws."""
    return set(TTFont(font).getBestCmap() or {})


class Places(HTMLParser):
    """Collect the ids of a page."""

    def __init__(self, source):
        super().__init__()
        self.found = set()
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        """Note one element's id."""
        self.found |= {value for key, value in attributes if key == "id"}


@functools.cache
def places(path):
    """Return the ids of a page."""
    return Places(path.read_text("utf-8")).found
