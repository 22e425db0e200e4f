"""Repairs of a page's HTML: roles and labels for who hears it, sizes and line breaks for all."""

import html
import re
from pathlib import Path, PurePosixPath

from PIL import Image

CODE_WIDTH = 72  # characters that fit the column, in a box too


def mark_long_lines(block):
    """Mark what is too long for the column in a block of code, and where its next line begins."""

    def mark(line):
        text = html.unescape(re.sub("<[^>]*>", "", line))
        if len(text) <= CODE_WIDTH:
            return line
        indent = len(text) - len(text.lstrip()) + 4
        return f'<span class="long-line" style="--indent: {indent}ch">{line}</span>'

    return block[1] + "\n".join(map(mark, block[2].split("\n"))) + block[3]


def break_names(cell):
    """Let the names in a cell of a table break after what parts their words."""
    names = re.compile(r'(?<=<span class="pre">)[^<]+(?=</span>)')
    return names.sub(
        lambda name: re.sub(r"(?<=\w{3}[_.=])(?=[A-Za-z]{3})", "<wbr>", name[0]), cell[0]
    )


REPAIRS = (
    # A list may hold list items only; its labels are numbers that no citation shows.
    (r'role="doc-biblioentry">\n<span class="label">.*?</span></span>', 'role="listitem">'),
    # The corner of a table is no heading of anything.
    (r"<th[^>]*>(?:<p></p>)?</th>", "<td></td>"),
    # A folded cell says "Show the code"; the label says something else.
    (r'<summary aria-label="[^"]*">', "<summary>"),
    # A page has several proofs, and the bar over a folded one says so already.
    (r'(<div class="proof admonition") id="proof">(\s*<p>)Proof\. (?!\()', r"\1>\2"),
    (r'(<div class="proof admonition") id="proof">', r"\1>"),
    # A part of a file begins and ends with the blank lines that part it from the rest.
    (r"(<pre><span></span>)\n+", r"\1"),
    (r"\n{2,}</pre>", "\n</pre>"),
    # Browsers break a line between a formula and the full stop after it.
    (r'(<span class="math [^>]*>[^<]*</span>)([.,;:!?)’]+)', r'<span class="unbroken">\1\2</span>'),
    (r'(?s)(?<!-text notranslate">)(<div class="highlight"><pre>)(.*?)(</pre>)', mark_long_lines),
    (r"(?s)<t[dh]\b.*?</t[dh]>", break_names),
)


def repair(body):
    """Return the HTML of a page's body with all repairs made."""
    for pattern, replacement in REPAIRS:
        body = re.sub(pattern, replacement, body)
    return body


def size(path):
    """Return the width and height of a picture in pixels, of an SVG as it states them."""
    if path.suffix == ".svg":
        head = re.search("<svg[^>]*>", path.read_text("utf-8"))[0]
        stated = [re.search(rf'\b{side}="([\d.]+)"', head) for side in ("width", "height")]
        box = re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', head)
        sides = [side[1] for side in stated] if all(stated) else box.groups()
        return tuple(round(float(side)) for side in sides)
    with Image.open(path) as picture:
        return picture.size


def state_sizes(body, pictures):
    """State how large each picture is, of a dict from name to path, so that no text moves."""

    def state(tag):
        path = pictures.get(PurePosixPath(tag[1]).name)
        if path is None or " width=" in tag[0]:
            return tag[0]
        width, height = size(path)
        return tag[0].replace("<img ", f'<img width="{width}" height="{height}" ', 1)

    return re.sub(r'<img [^>]*?src="([^"]*)"[^>]*>', state, body)


def repair_page(app, pagename, templatename, context, doctree):
    """Repair a page just before it is put into its template."""
    if context.get("body"):
        named = {name: Path(app.srcdir, path) for path, name in app.builder.images.items()}
        context["body"] = state_sizes(repair(context["body"]), named)


def setup(app):
    app.connect("html-page-context", repair_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
