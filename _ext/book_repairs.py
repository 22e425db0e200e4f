"""Repairs of a page's HTML: roles and labels for readers who hear it, line breaks for all."""

import re

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
)


def repair(body):
    """Return the HTML of a page's body with all repairs made."""
    for pattern, replacement in REPAIRS:
        body = re.sub(pattern, replacement, body)
    return body


def repair_page(app, pagename, templatename, context, doctree):
    """Repair a page just before it is put into its template."""
    if context.get("body"):
        context["body"] = repair(context["body"])


def setup(app):
    app.connect("html-page-context", repair_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
