"""The printed book: complete, linked, legible, of a size to send. Each check is shown failing."""

import os

import printed
import pytest
from joined import read_book
from pdf import ROOT, TARGET, plain, starts
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DictionaryObject, NameObject

HTML = ROOT / "_build/html"
LARGEST = 15_000_000  # bytes


@pytest.fixture(scope="module")
def reader():
    return PdfReader(TARGET)


PAGES, _ = read_book(HTML, ROOT / "_toc.yml", os.environ.get("BOOK_BASE_URL", "").strip())
TITLES = [plain(page.title) for page in PAGES]
PICTURES = [
    picture
    for page in PAGES
    for picture in page.article.select("img")
    if not picture.has_attr("hidden")
]


def test_every_chapter_has_a_bookmark(reader):
    assert list(printed.chapters_lacking(reader, TITLES)) == []
    assert list(printed.chapters_lacking(reader, ["No such chapter"])) == ["No such chapter"]
    assert len(list(printed.flat(reader.outline))) > 100


def test_it_has_a_page_for_every_screen_of_text(reader):
    assert len(reader.pages) > 10 * len(TITLES)


def test_every_link_leads_somewhere(reader):
    found = list(printed.links(reader))
    inside = {str(place).lstrip("/") for _, place, address in found if address is None}
    outside = {address.rstrip("/") for _, _, address in found if address is not None}
    wanted = {link["href"] for page in PAGES for link in page.article.select("a[href]")}
    assert {link[1:] for link in wanted if link.startswith("#")} - inside == set()
    assert {link.rstrip("/") for link in wanted if not link.startswith("#")} - outside == set()
    assert len(inside) > 100
    assert len(outside) > 20
    assert list(printed.loose_links(reader)) == []


def test_the_contents_number_the_sheet_on_which_a_chapter_begins(reader):
    numbers = starts(TARGET)
    listed = "".join(page.extract_text() for page in reader.pages[1:6])
    assert numbers[PAGES[0].id] <= 6  # with its styles the table is short
    for page, title in zip(PAGES, TITLES, strict=True):
        number = numbers[page.id]
        assert str(number) in listed
        assert title.split(". ")[-1] in reader.pages[number - 1].extract_text().replace("\n", " ")


def test_no_formula_is_left_as_its_source(reader):
    assert list(printed.raw_formulas(reader)) == []


def test_every_font_is_embedded(reader):
    assert len(printed.fonts(reader)) > 5
    assert list(printed.fonts_not_embedded(reader)) == []


def test_every_figure_is_there(reader):
    assert len(PICTURES) > 15
    assert printed.pictures(reader) >= len(PICTURES)


def test_it_is_small_enough_to_send_and_says_what_it_is(reader):
    assert TARGET.stat().st_size < LARGEST
    assert reader.metadata.title == "Divide now or divide later?"
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert reader.root_object["/Lang"] == "en"


class Text:
    """A reader of pages that hold these lines."""

    def __init__(self, *lines):
        self.pages = [self]
        self.lines = lines

    def extract_text(self):
        return "\n".join(self.lines)


@pytest.mark.parametrize(
    ("line", "found"),
    [(r"the factor \(1/N\) may", 1), (r"so \frac{a}{N} is", 1), ("one part in N", 0)],
)
def test_a_formula_s_source_is_found(line, found):
    assert len(list(printed.raw_formulas(Text(line)))) == found


def test_loose_links_and_missing_fonts_and_pictures_are_found(tmp_path):
    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    for url in ("https://book.example/", "file:///tmp/book.html"):
        writer.add_annotation(0, Link(rect=(0, 0, 9, 9), url=url))
    writer.add_annotation(0, Link(rect=(0, 0, 9, 9), target_page_index=0))
    inside = page["/Annots"][-1].get_object()
    inside[NameObject("/Dest")] = NameObject("/no-such-place")
    font = DictionaryObject(
        {
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Courier"),
        }
    )
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
    )
    writer.write(tmp_path / "a.pdf")
    reader = PdfReader(tmp_path / "a.pdf")
    assert list(printed.loose_links(reader)) == [
        "page 1: file:///tmp/book.html",
        "page 1: /no-such-place",
    ]
    assert list(printed.fonts_not_embedded(reader)) == ["/Courier"]
    assert printed.pictures(reader) == 0
