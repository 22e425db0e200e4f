"""What a reader meets in a PDF. Each check yields the faults that it finds, as text."""

import re

FORMULA = re.compile(r"\\(?:frac|sum|left|mathsf|partial|begin|bar|text)\b|\\[()\[\]]")


def flat(outline):
    """Yield the entries of an outline, those below others too."""
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


def chapters_lacking(reader, titles):
    """Name the chapters that have no bookmark of their own."""
    marks = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    yield from (title for title in titles if title not in marks)


def links(reader):
    """Yield the number of the page and the target of each link: a place's name, or an address."""
    for number, page in enumerate(reader.pages, start=1):
        for annotation in page.get("/Annots") or []:
            link = annotation.get_object()
            action = link.get("/A", {})
            yield number, link.get("/Dest") or action.get("/D"), action.get("/URI")


def loose_links(reader):
    """Name the links that lead nowhere, or into the folder that the book was built in."""
    places = {name.lstrip("/") for name in reader.named_destinations}
    for number, place, address in links(reader):
        if address is None and str(place).lstrip("/") not in places:
            yield f"page {number}: {place}"
        if address is not None and not str(address).startswith(("https://", "http://", "mailto:")):
            yield f"page {number}: {address}"


def raw_formulas(reader):
    """Name the pages that show the source of a formula outside a program's text."""
    for number, page in enumerate(reader.pages, start=1):
        for line in page.extract_text().splitlines():
            program = re.search(r"""["'#=]|print|title|label|sympy""", line)
            if FORMULA.search(line) and not program:
                yield f"page {number}: {line}"


def fonts(reader):
    """Return the fonts of all pages, each by its name."""
    found = {}
    for page in reader.pages:
        for font in (page["/Resources"].get("/Font") or {}).values():
            font = font.get_object()
            found[font.get("/BaseFont", "/Type3 font")] = font
    return found


def fonts_not_embedded(reader):
    """Name the fonts whose glyphs are not in the file. A font of type 3 always holds its own."""
    for name, font in fonts(reader).items():
        if font["/Subtype"] == "/Type3":
            continue
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        descriptor = inner.get("/FontDescriptor")
        keys = descriptor.get_object().keys() if descriptor else set()
        if not {"/FontFile", "/FontFile2", "/FontFile3"} & keys:
            yield name


def pictures(reader):
    """Return how many pictures of a figure's size are drawn on the pages."""
    count = 0
    for page in reader.pages:
        for thing in (page["/Resources"].get("/XObject") or {}).values():
            thing = thing.get_object()
            count += thing["/Subtype"] == "/Image" and thing["/Width"] > 300
    return count
