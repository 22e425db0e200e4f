"""The form of the book's texts: each rule yields what is off, with its file and its place.

python scripts/prose.py
"""

import ast
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_NAME = r"\.(png|svg|jpe?g)\b"
LEAST = 5  # words of an alternative text
MOST = 4  # sentences of a story


def texts(root):
    """Yield the place and the texts of everything in the package that has a title for readers."""
    for path in sorted((root / "lstm_src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found = {
                    part.arg: part.value.value
                    for part in node.keywords
                    if isinstance(part.value, ast.Constant) and isinstance(part.value.value, str)
                }
                if "title" in found:
                    yield f"{path.relative_to(root).as_posix()}:{node.lineno}", found


def cells(root):
    """Yield the place of every cell of the notebooks, and the cell."""
    for path in sorted((root / "chapters").glob("*.ipynb")):
        for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
            yield f"{path.relative_to(root).as_posix()}, cell {number}", cell


def pages(root):
    """Yield the place and the Markdown of every chapter's cells and of every other page."""
    for place, cell in cells(root):
        if cell["cell_type"] == "markdown":
            yield place, "".join(cell["source"])
    for path in sorted((root / "chapters").glob("*.md")):
        yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def titles_are_no_sentences(root):
    """A title begins with a capital letter, or the sign = of a line, and has no full stop."""
    for place, found in texts(root):
        if not re.fullmatch(r"(?:[A-Z]|= ).*[^.]", found["title"]):
            yield f"{place}: the title {found['title']!r}"


def stories_are_short(root):
    """A story is one to four sentences."""
    for place, found in texts(root):
        story = found.get("story")
        if story is not None and not (
            story.endswith(".") and len(re.findall(r"[.:] |\.$", story)) <= MOST
        ):
            yield f"{place}: the story of {found['title']!r} is not one to {MOST} sentences"


def symptoms_are_sentences(root):
    """A symptom ends with a full stop."""
    for place, found in texts(root):
        if not found.get("symptom", ".").endswith("."):
            yield f"{place}: the symptom of {found['title']!r} is no sentence"


def no_number_is_typed(root):
    """No page types a number in its title: chapters are numbered when the book is built."""
    for place, text in pages(root):
        yield from (f"{place}: {line!r}" for line in re.findall(r"^# *\d.*", text, re.MULTILINE))


def no_minutes_are_typed(root):
    """No page says how long it takes to read: that is counted when the book is built."""
    for place, text in pages(root):
        found = re.findall(r"about \d+ minutes", text, re.IGNORECASE)
        yield from (f"{place}: {words!r}" for words in found)


class Alternatives(HTMLParser):
    """Collect the alternative texts of an output in HTML."""

    def __init__(self, source):
        super().__init__()
        self.found = []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.found.append(dict(attributes).get("alt"))


def alternative_texts_say_what_is_seen(root):
    """An alternative text has at least five words, and does not name a file."""
    for place, cell in cells(root):
        found = [cell["metadata"].get("mystnb", {}).get("image", {}).get("alt")]
        for output in cell.get("outputs", []):
            found += Alternatives("".join(output.get("data", {}).get("text/html", ""))).found
        for alt in filter(None, found):  # that there is one, the tests see
            if len(alt.split()) < LEAST or re.search(FILE_NAME, alt):
                yield f"{place}: the alternative text {alt!r} does not say what is to be seen"


RULES = (
    titles_are_no_sentences,
    stories_are_short,
    symptoms_are_sentences,
    no_number_is_typed,
    no_minutes_are_typed,
    alternative_texts_say_what_is_seen,
)


def main(root=ROOT):
    """Print every fault; return whether there is one."""
    faults = [f"{fault} ({rule.__name__})" for rule in RULES for fault in rule(root)]
    print(*faults, sep="\n", end="\n" if faults else "")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
