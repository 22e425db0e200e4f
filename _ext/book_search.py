"""The search: what the built pages say, part by part, in one file that also works from a folder.

Sphinx's own index holds single words, of code and formulas too, and takes its excerpts from the
pages, which a page in a folder may not read. Here a part of a page is a heading, a term or a public
name, with the prose below it; `book_search.js` ranks the parts and quotes whole sentences.
"""

import json
import re
from pathlib import Path

from book_files import put
from book_plain import plain
from bs4 import BeautifulSoup, NavigableString

SCRIPTS = ("book_search_words.js", "book_search.js")
KINDS = {"glossary": "term", "cheat_sheet": "sheet", "api": "name"}
KINDS |= dict.fromkeys((f"cheat_sheet_{part}" for part in ("tests", "workers", "trainers")), "test")
KINDS |= dict.fromkeys(("notation", "mistakes", "bibliography"), "reference")
NO_PROSE = (
    "pre, script, style, svg, button, form, nav, noscript, .headerlink, .viewcode-link,"
    " .cell_input, .reading-time, details.hide > summary, thead,"
    " .chapter-card > .admonition-title, details.api > summary, .names"
)
BLOCKS = re.compile(
    "p|li|[oud]l|d[td]|table|thead|tbody|t[rdh]|caption|fig(ure|caption)|div|section|details|summary"
    "|blockquote|aside"
)


def words_of(tag):
    """Return the text of a tag on one line, its formulas in plain letters."""
    return " ".join(tag.get_text().split())


def title_of(tag):
    """Return what a heading, a term or a signature is called, or None for any other tag."""
    classes = tag.get("class") or []
    if re.fullmatch("h[1-6]", tag.name):
        for number in tag.select(".section-number"):
            number.decompose()
        return words_of(tag)
    if tag.name == "dt" and "sig" in classes:
        *_, owner, name = f".{tag['id']}".split(".")
        return f"{owner}.{name}" if owner[:1].isupper() else name
    return words_of(tag) if tag.name == "dt" and tag.find_parent("dl", class_="glossary") else None


def place_of(tag):
    """Return the id at which a part begins; a page itself needs none."""
    if tag.name == "h1":
        return ""
    return tag.get("id") or tag.parent.get("id", "")


def label(cell):
    """Return what a table calls the content of a cell: the row's name and the column's."""
    row, table = cell.find_parent("tr"), cell.find_parent("table")
    cells = row.find_all(["td", "th"], recursive=False)
    place = next(i for i, other in enumerate(cells) if other is cell)
    if not place:
        return ""
    heads = table.select("thead tr:last-child > *")
    head = words_of(heads[place]) if len(heads) == len(cells) else ""
    return f"{words_of(cells[0].find('strong') or cells[0])}\v{head}\t"


def parts(article):
    """Return the parts of a page: place, title and text.

    A line of the text is a paragraph or a table's cell: there the names of its row and its column
    stand in front, with a vertical tab between the two and a tab after them.
    """
    for tag in article.select(".math"):
        tag.replace_with(plain(tag.get_text()) if tag.name == "span" else "\n")
    labels = {id(cell): label(cell) for cell in article.select("tbody td")}
    for tag in article.select(NO_PROSE):
        tag.decompose()
    found, line = [], []

    def end(prefix=""):
        text = re.sub(r"^(Do|Learn|Need)\. ", "", " ".join("".join(line).split()))  # of a card
        line.clear()
        if found and re.search(r"\w{2}", text):
            found[-1][2].append(f"{prefix}{text}")

    def walk(tag, prefix=""):
        for child in list(tag.children):
            if isinstance(child, NavigableString):
                line.append(child if type(child) is NavigableString else "")
            elif title := title_of(child):
                end(prefix)
                found.append([place_of(child), title, []])
            elif BLOCKS.fullmatch(child.name):
                end(prefix)
                inner = labels.get(id(child), prefix)
                walk(child, inner)
                end(inner)
            else:
                walk(child, prefix)

    walk(article)
    end()
    return [(place, title, "\n".join(lines)) for place, title, lines in found]


def index(root, names):
    """Return the pages in the book's order, each with its address, title, kind and parts."""
    pages = []
    for name in names:
        page = BeautifulSoup(Path(root, f"{name}.html").read_text("utf-8"), "html.parser")
        found = parts(page.select_one("article.bd-article"))
        kind = KINDS.get(name.rpartition("/")[2], "chapter")
        pages.append({"url": f"{name}.html", "title": found[0][1], "kind": kind, "parts": found})
    return pages


def write_index(app, exception):
    """Write the index beside the pages, once they are all there."""
    if exception or app.builder.format != "html":
        return
    names = [app.config.root_doc, *app.env.toctree_includes[app.config.root_doc]]
    data = json.dumps(index(app.outdir, names), ensure_ascii=False, separators=(",", ":"))
    Path(app.outdir, "searchindex.js").write_text(f"const BOOK_PAGES = {data};\n", "utf-8")


def replace_search(app):
    """Turn Sphinx's own search off, and put our scripts where the pages find them."""
    if app.builder.format != "html":
        return
    app.builder.search = False
    put(app, *SCRIPTS)


def add_scripts(app, pagename, templatename, context, doctree):
    """Let a page mark what was searched for; Sphinx's script for that marks single letters too."""
    scripts = (
        [SCRIPTS[0], "../searchindex.js", SCRIPTS[1]] if pagename == "search" else [SCRIPTS[0]]
    )
    for name in scripts:
        app.add_js_file(name, loading_method="defer")
    context["script_files"] = [
        file for file in context["script_files"] if "sphinx_highlight" not in str(file.filename)
    ]


def search_page(app):
    """Return the page of the search."""
    yield "search", {"title": "Search"}, "search.html"


def setup(app):
    app.connect("builder-inited", replace_search)
    app.connect("html-collect-pages", search_page)
    app.connect("html-page-context", add_scripts, priority=900)  # after those that add scripts
    app.connect("build-finished", write_index)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
