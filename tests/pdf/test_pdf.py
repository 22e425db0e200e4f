"""The printed book: complete, linked, legible, of a size to send. Each check is shown failing.

The faults are planted in a book of two short pages, joined and printed as the large one is.
"""

import os

import printed
import pytest
import yaml
from browser import FLAGS, find_browser
from joined import read_book
from pdf import ROOT, TARGET, describe, print_html, sheet
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject

ABOUT = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
STYLE = (ROOT / "_static/print.css").read_text("utf-8")
PICTURE, DRAWING = ((ROOT / f"_static/{name}").as_uri() for name in ("arrivals.png", "logo.svg"))
HEAD = f"<style>{STYLE}</style><script>MathJax = {{ startup: {{}} }}</script>"
CONTENTS = "root: one\nparts: [{caption: More, chapters: [{file: two}]}]"
ONE = f"""<head></head><article class="bd-article"><section id="first"><h1>1. The first page</h1>
<p>Nothing here is hard. <a href="two.html#there">The second page</a> goes on, and
<a href="https://book.example/">another book</a> too.</p>
<details><summary>More</summary><p>What was folded.</p></details>
<div class="math"><p class="eqno">(1)</p></div>
<img src="{PICTURE}" alt="A picture">
<img src="{DRAWING}" alt="A drawing" width="40"></section></article>"""
TWO = """<head></head><article class="bd-article"><section id="second"><h1>2. The second page</h1>
<section id="there"><h2>Its section</h2><p>It ends.</p></section></section></article>"""


@pytest.fixture(scope="module")
def book():
    """Return the printed book."""
    pages, _ = read_book(
        ROOT / "_build/html", ROOT / "_toc.yml", os.environ.get("BOOK_BASE_URL", "").strip()
    )
    return printed.read(TARGET, pages)


@pytest.mark.parametrize("check", printed.CHECKS, ids=lambda check: check.__name__)
def test_the_book(book, check):
    assert list(check(book)) == []


def test_the_book_has_much_to_check(book):
    assert list(printed.scarce(book)) == []


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Return a function that prints the short book, with another text in place of one."""
    folder = tmp_path_factory.mktemp("short")
    for name, text in (("one.html", ONE), ("two.html", TWO), ("toc.yml", CONTENTS)):
        (folder / name).write_text(text, "utf-8")
    pages, _ = read_book(folder, folder / "toc.yml")
    html, target = sheet(pages, HEAD, ABOUT, {"one": 3, "two": 4}), folder / "short.pdf"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)

        def short(old="", new=""):
            assert old in html
            print_html(browser, html.replace(old, new) if old else html, target)
            describe(target, ABOUT)
            return printed.read(target, pages)

        yield short
        browser.close()


@pytest.fixture(scope="module")
def sound(short):
    """Return the short book."""
    return short()


def complaints(book):
    return {check.__name__: found for check in printed.CHECKS if (found := list(check(book)))}


def test_a_short_book_passes_every_check_but_has_little_to_check(sound):
    assert complaints(sound) == {}
    assert len(list(printed.scarce(sound))) == 7


PRINTED = [  # check, what is replaced before the print, by what
    (printed.chapters_have_bookmarks, "h1>", "p>"),
    (printed.chapters_have_bookmarks, "h2>", "p>"),
    (printed.contents_number_the_sheets, ">3<", ">4<"),
    (printed.contents_number_the_sheets, "<h1>", "<h1 style='visibility: hidden'>"),
    (printed.no_text_is_lost, ' open=""', ""),
    (printed.no_text_is_lost, "<p>It ends", "<p hidden>It ends"),
    (printed.no_formula_is_left_as_its_source, "It ends", r"The factor \(1/N\) may stand"),
    (printed.no_formula_is_left_as_its_source, "It ends", r"So \frac{a}{N} is"),
    (printed.equations_keep_their_numbers, 'class="eqno"', "hidden"),
    (printed.every_figure_is_there, 'alt="A picture"', 'hidden alt="A picture"'),
    (printed.every_figure_is_there, 'alt="A drawing"', 'hidden alt="A drawing"'),
    (printed.every_figure_is_there, DRAWING, "lost.svg"),
    (printed.no_text_is_lost, "<p>Nothing here", "<p>Nothing h-e-r-e"),
    (printed.links_are_kept, ' href="#two--there"', ""),
    (printed.links_are_kept, ' href="https://book.example/"', ""),
    (printed.links_lead_somewhere, "https://book.example/", "notes.html"),
    (printed.sheets_are_a4, "size: A4", "size: letter"),
    (printed.it_says_what_it_is, 'lang="en"', 'lang="fr"'),
]


@pytest.mark.parametrize(("check", "old", "new"), PRINTED)
def test_a_fault_in_what_is_printed_is_found(short, check, old, new):
    assert check.__name__ in complaints(short(old, new))


def lose_font(writer):
    """Name a font whose glyphs are elsewhere."""
    names = {"/Subtype": "/Type1", "/BaseFont": "/Courier"}
    font = DictionaryObject({NameObject(k): NameObject(v) for k, v in names.items()})
    writer.pages[0]["/Resources"]["/Font"][NameObject("/F0")] = font


EDITED = [  # check, what is done to the print
    (printed.fonts_are_embedded, lose_font),
    (printed.it_is_small_enough_to_send, lambda w: w.add_attachment("a", bytes(printed.LARGEST))),
    (printed.it_says_what_it_is, lambda w: w.add_metadata({"/Title": "short.html"})),
    (printed.it_says_what_it_is, lambda w: w.root_object.pop("/MarkInfo")),
    (printed.it_says_what_it_is, lambda w: w.root_object.pop("/StructTreeRoot")),
    (printed.links_lead_somewhere, lambda w: w.root_object.pop("/Dests")),
]


@pytest.mark.parametrize(("check", "edit"), EDITED)
def test_a_fault_of_the_print_is_found(sound, tmp_path, check, edit):
    writer = PdfWriter(clone_from=sound.reader)
    edit(writer)
    writer.write(tmp_path / "edited.pdf")
    edited = sound._replace(reader=PdfReader(tmp_path / "edited.pdf"))
    assert check.__name__ in complaints(edited)


def test_every_check_is_shown_to_fail():
    assert {check for check, *_ in [*PRINTED, *EDITED]} == set(printed.CHECKS)
