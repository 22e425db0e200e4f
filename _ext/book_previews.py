"""Previews: what a link to a term, a theorem, a formula or a source leads to, beside the link.

All of them stand in one file, which a page loads once a reader points at such a link. A page in a
folder may not read its neighbours, so the file holds the previews themselves.
"""

import json
import re
from html import escape
from pathlib import Path

from book_files import put
from book_plain import plain
from bs4 import BeautifulSoup

FILES = ("book_previews.js", "book_previews.css")
DATA = "_static/book_previews_data.js"
KINDS = "dl.glossary > dt[id], div.proof[id], div.math[id^=equation-], div.citation[id]"
SILENT = ".headerlink, .eqno, .caption-number, dl dl, script, style"


def preview(tag):
    """Return the HTML that is shown of what a link leads to: nothing in it can be pressed."""
    shown = tag.find_next_sibling("dd") if tag.name == "dt" else tag
    shown = BeautifulSoup(str(shown), "html.parser").contents[0]
    for part in shown.select(SILENT):
        part.decompose()
    for part in [shown, *shown.find_all(True)]:
        part.attrs = {"class": part["class"]} if "math" in part.get("class", []) else {}
        if part.name in ("a", "section"):
            part.name = "span" if part.name == "a" else "div"
    html = shown.decode_contents() if "math" not in shown.get("class", []) else str(shown)
    return re.sub(r"\s+", " ", html).strip()


def titled(tag):
    """Return the name of a term, or of a theorem with its number, in plain letters, or None."""
    title = tag if tag.name == "dt" else tag.select_one(".admonition-title")
    if title is None:
        return None
    for formula in title.select("span.math"):
        formula.string = plain(formula.get_text())
    return escape(" ".join(title.get_text().removesuffix("#").split()))


def previews(root, names):
    """Return all previews of a book's pages: address to title and HTML."""
    found = {}
    for name in names:
        page = BeautifulSoup(Path(root, f"{name}.html").read_text("utf-8"), "html.parser")
        for tag in page.select_one("article.bd-article").select(KINDS):
            title = titled(tag)
            if "proof" in tag.get("class", []):
                tag.select_one(".admonition-title").decompose()
            found[f"{name}.html#{tag['id']}"] = [title, preview(tag)]
    return found


def write_previews(app, exception):
    """Write the file of all previews, once the pages are there."""
    if exception or app.builder.format != "html":
        return
    names = [app.config.root_doc, *app.env.toctree_includes[app.config.root_doc]]
    data = {"previews": previews(app.outdir, names), "mathjax": app.config.mathjax3_config}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    Path(app.outdir, DATA).write_text(f"window.bookPreviews = {text};\n", "utf-8")


def add_files(app, pagename, templatename, context, doctree):
    """Refer to the files on pages with links to parts of pages."""
    if re.search(r'class="[^"]*reference internal[^>]*href="[^"]*#', context.get("body") or ""):
        app.add_js_file(FILES[0], loading_method="defer")
        app.add_css_file(FILES[1])


def setup(app):
    app.connect("builder-inited", lambda app: put(app, *FILES))
    app.connect("html-page-context", add_files)
    app.connect("build-finished", write_previews)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
