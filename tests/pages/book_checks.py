"""Checks of the book's sources. Each takes a file and returns the faults that it finds, as text."""

import re
from html.parser import HTMLParser

import nbformat
import yaml

NOT_LOADED = {"http://www.w3.org", "https://schema.org", "https://spdx.org"}  # vocabularies
NOT_LOADED |= {"https://mybinder.org", "https://colab.research.google.com"}  # links of buttons
PICTURE = r"image/|application/vnd\.vega"
BLOCKS = {"chapter-card": (1, 1), "predict": (1, 9), "takeaway": (1, 1)}  # at least, at most


class Loads(HTMLParser):
    """Collect an output's pictures without an alt text, and what it loads from elsewhere."""

    def __init__(self, source):
        super().__init__()
        self.faults = []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "img" and (fault := alt_fault(attributes.get("alt"))):
            self.faults.append(fault)
        address = "" if tag == "a" else attributes.get("src") or attributes.get("href") or ""
        if re.match(r"(https?:)?//", address):
            self.faults.append(f"loads {address}")


def alt_fault(alt):
    """Say that an alternative text is missing, or nothing."""
    return None if alt and alt.strip() else "a picture has no alt text"


def picture_faults(path):
    """Check every picture among a notebook's stored outputs."""
    faults, names = [], []
    for cell in nbformat.read(path, as_version=4).cells:
        data = [output.get("data", {}) for output in cell.get("outputs", [])]
        for output in data:
            faults += Loads("".join(output.get("text/html", ""))).faults
        pictures = sum(any(re.match(PICTURE, kind) for kind in output) for output in data)
        if not pictures or "remove-cell" in cell.metadata.get("tags", []):
            continue
        settings = cell.metadata.get("mystnb", {})
        figure = settings.get("figure", {})
        faults += filter(None, [alt_fault(settings.get("image", {}).get("alt"))])
        faults += [f"a figure has no {key}" for key in ("name", "caption") if not figure.get(key)]
        faults += [f"a cell draws {pictures} pictures"] if pictures > 1 else []
        names.append(figure.get("name"))
    return faults + [
        f"two figures are named {name}" for name in set(names) if names.count(name) > 1
    ]


def text_of(path):
    """Return a page's Markdown."""
    if path.suffix == ".md":
        return path.read_text("utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def citation_faults(path, bibliography):
    """Name the keys that a page cites and the bibliography lacks."""
    known = set(re.findall(r"^@\w+\{([^,\s]+),", bibliography.read_text("utf-8"), re.MULTILINE))
    groups = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text_of(path))
    keys = {re.sub(r"\{[^}]*\}", "", key).strip() for group in groups for key in group.split(",")}
    return sorted(keys - known)


def opening_faults(path):
    """Say that no picture opens a chapter: one must stand before the second heading."""
    headings = 0
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            headings += len(re.findall(r"^## ", cell.source, re.MULTILINE))
        elif headings < 2 and "figure" in cell.metadata.get("mystnb", {}):
            return []
    return ["no picture opens the chapter"]


def outline_faults(path):
    """Compare the blocks of a numbered chapter with those that every chapter has."""
    text = text_of(path)
    faults = []
    for block, (least, most) in BLOCKS.items():
        count = len(re.findall(rf"^:class: {block}$", text, re.MULTILINE))
        if not least <= count <= most:
            faults.append(f"{count} blocks of class {block}")
    exercises = re.findall(r"\{exercise(?:-start)?\}[^\n]*\n:label: (\S+)", text)
    solved = re.findall(r"\{solution(?:-start)?\} (\S+)", text)
    faults += [] if len(exercises) >= 2 else [f"{len(exercises)} exercises"]
    return faults + [f"no solution of {label}" for label in exercises if label not in solved]


def origin_faults(path):
    """Name the other sites that a file of the book's shell refers to."""
    sites = re.findall(r"(?:https?:|[\"'(])//[\w.-]+\.\w+", path.read_text("utf-8"))
    return [site for site in sites if site not in NOT_LOADED]


def toc_faults(path, pages):
    """Name the pages that only the table of contents, or only the folder, knows."""
    toc = yaml.safe_load(path.read_text("utf-8"))
    listed = [toc["root"], *(page["file"] for part in toc["parts"] for page in part["chapters"])]
    return sorted({name.rsplit("/", 1)[-1] for name in listed} ^ {page.stem for page in pages})
