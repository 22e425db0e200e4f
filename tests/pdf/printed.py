"""What holds of the book as a PDF: each check takes it and yields the faults that it finds."""

import re
import unicodedata
from copy import copy
from typing import NamedTuple

from pdf import plain, starts
from pypdf import PdfReader

CHECKS = []
A4 = (595, 842)  # points
LARGEST = 10_000_000  # bytes
FORMULA = re.compile(r"\\(?:frac|sum|left|mathsf|partial|begin|bar|text)\b|\\[()\[\]]")


class Printed(NamedTuple):
    """A printed book."""

    reader: PdfReader
    pages: list  # the joined pages that it is printed from
    texts: list  # of each sheet
    starts: dict  # named place -> number of its sheet


def read(path, pages):
    """Read a book that was printed from these pages."""
    reader = PdfReader(path)
    texts = [unicodedata.normalize("NFKC", sheet.extract_text()) for sheet in reader.pages]
    return Printed(reader, pages, texts, starts(path))


def check(function):
    """Keep a function as a check."""
    CHECKS.append(function)
    return function


def of_page(book, page, sheets):
    """Return what belongs to a page of the book, of a list with an entry for each sheet."""
    first = book.starts[page.id]
    later = [start for other in book.pages if (start := book.starts[other.id]) > first]
    return sheets[first - 1 : min(later, default=len(sheets) + 1) - 1]


def flat(outline):
    """Yield the entries of an outline, those below others too."""
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


@check
def chapters_have_bookmarks(book):
    """Every chapter has a bookmark of its own, every section one below."""
    chapters = [entry.title for entry in book.reader.outline if not isinstance(entry, list)]
    sections = [entry.title for entry in flat(book.reader.outline)]
    for page in book.pages:
        yield from [] if plain(page.title) in chapters else [page.title]
        yield from (name for _, name in page.sections if plain(name) not in sections)


@check
def contents_number_the_sheets(book):
    """The contents give each chapter the number of the sheet on which it begins."""
    first = min(book.starts[page.id] for page in book.pages)
    listed = "".join(book.texts[: first - 1]).splitlines()
    for page in book.pages:
        title, number = plain(page.title), book.starts[page.id]
        yield from [] if f"{title} {number}" in listed else [f"no line {title} {number}"]
        below = book.texts[number - 1].replace(title, "", 1)  # every sheet has it at its head
        if title.split(". ")[-1] not in below.replace("\n", " "):
            yield f"sheet {number}: no {title}"


def words(text):
    """Return the words of a text, however they are written: a style may put them in capitals."""
    return set(re.findall(r"[^\W\d_]{4,}", unicodedata.normalize("NFKC", text).casefold()))


@check
def no_text_is_lost(book):
    """Every word of a page's prose is on its sheets, with what was folded."""
    for page in book.pages:
        prose = copy(page.article)
        for part in prose.select(".math, code, pre, summary, script, style, svg"):
            part.decompose()
        lost = words(prose.get_text(" ")) - words("\n".join(of_page(book, page, book.texts)))
        yield from (f"{page.id}: {word}" for word in sorted(lost))


@check
def no_formula_is_left_as_its_source(book):
    """No source of a formula stands outside a program's text."""
    for number, text in enumerate(book.texts, start=1):
        for line in text.splitlines():
            program = re.search(r"""["'#=]|print|title|label|sympy""", line)
            if FORMULA.search(line) and not program:
                yield f"sheet {number}: {line}"


@check
def equations_keep_their_numbers(book):
    """The number of an equation stands beside it."""
    for page in book.pages:
        lines = "\n".join(of_page(book, page, book.texts)).splitlines()
        for number in page.article.select(".eqno"):
            yield from [] if number.text in lines else [f"{page.id}: {number.text}"]


def photographs(sheet):
    """Count the pictures of a figure's size that a sheet draws point by point."""
    things = (sheet["/Resources"].get("/XObject") or {}).values()
    things = (thing.get_object() for thing in things)
    return sum(thing["/Subtype"] == "/Image" and thing["/Width"] > 300 for thing in things)


def pictures(reader):
    """Yield the number of the sheet and the text of each picture, drawn by points or by lines."""
    numbers = {sheet.indirect_reference.idnum: k for k, sheet in enumerate(reader.pages, start=1)}
    left = [reader.root_object.get("/StructTreeRoot")]
    while left:
        part = left.pop()
        part = part.get_object() if hasattr(part, "get_object") else part
        if isinstance(part, list):
            left += part
        elif isinstance(part, dict):
            left.append(part.get("/K"))
            if part.get("/S") == "/Figure" and part.get("/Alt"):
                yield numbers[part.raw_get("/Pg").idnum], part["/Alt"]


@check
def every_figure_is_there(book):
    """A page's sheets draw as many pictures as it has, and each is there by its text."""
    sheets = {}
    for number, text in pictures(book.reader):
        sheets.setdefault(text, set()).add(number)
    every = range(1, len(book.reader.pages) + 1)
    for page in book.pages:
        own, shown = set(of_page(book, page, every)), page.article.select("img:not([hidden])")
        lost = [image["alt"] for image in shown if not own & sheets.get(image["alt"], set())]
        yield from (f"{page.id}: {text}" for text in lost)
        wanted = sum(not image["src"].endswith(".svg") for image in shown)
        found = sum(map(photographs, of_page(book, page, book.reader.pages)))
        yield from [] if found >= wanted else [f"{page.id}: {found} of {wanted} pictures"]


def links(reader):
    """Yield the number of the sheet and the target of each link: a place's name, or an address."""
    for number, sheet in enumerate(reader.pages, start=1):
        for annotation in sheet.get("/Annots") or []:
            link = annotation.get_object()
            action = link.get("/A", {})
            place = str(link.get("/Dest") or action.get("/D")).lstrip("/")
            yield number, place, action.get("/URI")


@check
def links_are_kept(book):
    """What a page links to, the print links to."""
    found = list(links(book.reader))
    inside = {f"#{place}" for _, place, address in found if address is None}
    outside = {address.rstrip("/") for _, _, address in found if address is not None}
    for page in book.pages:
        wanted = {link["href"].rstrip("/") for link in page.article.select("a[href]")}
        yield from sorted(wanted - inside - outside)


@check
def links_lead_somewhere(book):
    """No link leads nowhere, or into the folder that the book was built in."""
    places = {name.lstrip("/") for name in book.reader.named_destinations}
    for number, place, address in links(book.reader):
        if address is None and place not in places:
            yield f"sheet {number}: {place}"
        if address is not None and not str(address).startswith(("https://", "http://", "mailto:")):
            yield f"sheet {number}: {address}"


def fonts(reader):
    """Return the fonts of all sheets, each by its name."""
    found = {}
    for sheet in reader.pages:
        for font in (sheet["/Resources"].get("/Font") or {}).values():
            font = font.get_object()
            found[font.get("/BaseFont", "/Type3 font")] = font
    return found


@check
def fonts_are_embedded(book):
    """Every font's glyphs are in the file. A font of type 3 always holds its own."""
    for name, font in fonts(book.reader).items():
        if font["/Subtype"] == "/Type3":
            continue
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        descriptor = inner.get("/FontDescriptor")
        keys = descriptor.get_object().keys() if descriptor else set()
        if not {"/FontFile", "/FontFile2", "/FontFile3"} & keys:
            yield name


@check
def sheets_are_a4(book):
    """All sheets have one size."""
    for number, sheet in enumerate(book.reader.pages, start=1):
        size = (round(sheet.mediabox.width), round(sheet.mediabox.height))
        yield from [] if size == A4 else [f"sheet {number}: {size}"]


@check
def it_is_small_enough_to_send(book):
    """A mail can carry the file."""
    size = book.reader.stream.seek(0, 2)
    yield from [] if size < LARGEST else [f"{size:,} bytes"]


@check
def it_says_what_it_is(book):
    """Title and language are named, and tags tell headings from text."""
    root = book.reader.root_object
    found = {
        "title": book.reader.metadata.title == "Divide now or divide later?",
        "tags": bool(root.get("/MarkInfo", {}).get("/Marked")) and "/StructTreeRoot" in root,
        "language": root.get("/Lang") == "en",
    }
    yield from (name for name, kept in found.items() if not kept)


def scarce(book):
    """Name what a book has so little of that the checks would prove little."""
    addresses = [address for _, _, address in links(book.reader)]
    counts = {
        "sheets for each page": (len(book.texts) / len(book.pages), 10),
        "bookmarks": (len(list(flat(book.reader.outline))), 100),
        "links inside": (addresses.count(None), 100),
        "links outside": (len(addresses) - addresses.count(None), 20),
        "fonts": (len(fonts(book.reader)), 5),
        "pictures": (len(list(pictures(book.reader))), 15),
        "numbered equations": (sum(len(p.article.select(".eqno")) for p in book.pages), 1),
    }
    yield from (name for name, (found, least) in counts.items() if found <= least)
