"""Under the title of a chapter, how long it takes to read: the one place where that is said.

Words are read at WORDS a minute, to which lines of code, displayed formulas and pictures add their
seconds. What is folded does not count, code or solution, except for proofs: they are to be read.
"""

import re
from math import ceil

from docutils import nodes

WORDS = 180  # a minute, for a text to be thought about
SECONDS = {"line": 3.0, "formula": 15.0, "picture": 30.0}
STEP = 5  # minutes; a finer number would say more than is known


def is_folded(node):
    """Say whether a part of a page opens only when asked: a cell's code, or a solution."""
    classes = set(node.get("classes", []))
    source = node.get("nb_element") == "cell_code_source"
    whole_cell = {"tag_hide-cell", "solution"} & classes
    return bool(whole_cell) or (source and "tag_hide-input" in node.parent["classes"])


def open_parts(node):
    """Yield what is open under a node, in order, paragraph by paragraph."""
    if isinstance(node, nodes.Element) and not is_folded(node):
        yield node
        for child in node.children:
            yield from open_parts(child)


def counts(doctree):
    """Return the words, the lines of code, the displayed formulas and the pictures of a page."""
    parts = list(open_parts(doctree))

    def kind(*types):
        return [part for part in parts if isinstance(part, types)]

    code, silent = kind(nodes.literal_block), (nodes.literal_block, nodes.math_block, nodes.Inline)
    text = " ".join(p.astext() for p in kind(nodes.TextElement) if not isinstance(p, silent))
    return {
        "words": len(re.findall(r"\w+", text)),
        "line": sum(1 for block in code for line in block.astext().splitlines() if line.strip()),
        "formula": len(kind(nodes.math_block)),
        "picture": len(kind(nodes.image)),
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
