"""Under the title of a chapter, how long it takes to read: the one place where that is said.

Words are read at WORDS a minute, to which lines of code, displayed formulas and pictures add their
seconds. Exercises take as long as they take: the line says "reading".
"""

import re
from math import ceil

from docutils import nodes

WORDS = 180  # a minute, for a text to be thought about
SECONDS = {"line": 3.0, "formula": 15.0, "picture": 30.0}
STEP = 5  # minutes; a finer number would say more than is known


def counts(doctree):
    """Return the words, the lines of code, the displayed formulas and the pictures of a page."""
    code = list(doctree.findall(nodes.literal_block))
    text = " ".join(
        paragraph.astext()
        for paragraph in doctree.findall(lambda node: isinstance(node, nodes.TextElement))
        if not isinstance(paragraph, nodes.literal_block | nodes.math_block | nodes.Inline)
    )
    return {
        "words": len(re.findall(r"\w+", text)),
        "line": sum(1 for block in code for line in block.astext().splitlines() if line.strip()),
        "formula": len(list(doctree.findall(nodes.math_block))),
        "picture": len(list(doctree.findall(nodes.image))),
    }


def minutes(found):
    """Return the minutes of a page with these counts, rounded up to a whole STEP."""
    exact = found["words"] / WORDS + sum(found[kind] * s / 60 for kind, s in SECONDS.items())
    return STEP * max(1, ceil(exact / STEP))


def is_chapter(doctree):
    """Say whether a page has what every chapter has: its card, and something to predict."""
    blocks = {name for node in doctree.findall(nodes.admonition) for name in node["classes"]}
    return {"chapter-card", "predict"} <= blocks


def add_minutes(app, doctree):
    """Put the line after the title of a chapter."""
    if not is_chapter(doctree):
        return
    title = next(iter(doctree.findall(nodes.title)))
    said = nodes.paragraph(classes=["reading-time"])
    said += nodes.Text(f"About {minutes(counts(doctree))} minutes of reading")
    title.parent.insert(title.parent.index(title) + 1, said)


def setup(app):
    app.connect("doctree-read", add_minutes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
