"""The pages of the API in short: names at a glance, and each entry folded under what it does."""

from html import escape

from book_files import put
from docutils import nodes
from sphinx import addnodes
from sphinx.ext.autosummary import autosummary_table

PAGES = {"chapters/api", "chapters/api_training"}
SCRIPT = "book_api.js"


def names_only(table):
    """Return a list of the links that stand in the first column of a table."""
    rows = [row.children[0] for row in table.findall(nodes.row)]
    links = [link for cell in rows for link in cell.findall(nodes.reference)]
    items = []
    for link in links:
        name = nodes.literal("", link.astext().rpartition(".")[2])
        short = nodes.reference("", "", name, internal=True, refid=link["refid"])
        items.append(nodes.list_item("", nodes.paragraph("", "", short)))
    return nodes.bullet_list("", *items, classes=["names"])


def folded(entry):
    """Return an entry folded: its name and its first sentence are always to be seen."""
    signature, content = entry.children[0], entry.children[-1]
    name = next(signature.findall(addnodes.desc_name)).astext()
    first = next(content.findall(nodes.paragraph), nodes.Text("")).astext()
    said = f"<code>{escape(name)}</code> <span>{escape(first)}</span>"
    begin = nodes.raw("", f'<details class="api"><summary>{said}</summary>', format="html")
    return [begin, entry.deepcopy(), nodes.raw("", "</details>", format="html")]


def shorten(app, doctree, docname):
    """Fold a page's entries and shorten its lists."""
    if docname not in PAGES or app.builder.format != "html":
        return
    for table in list(doctree.findall(autosummary_table)):
        table.replace_self(names_only(table))
    for entry in list(doctree.findall(addnodes.desc)):
        if isinstance(entry.parent, nodes.section):
            entry.parent.replace(entry, folded(entry))


def add_script(app, pagename, templatename, context, doctree):
    """Refer to the script on these pages alone."""
    if pagename in PAGES:
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app):
    app.connect("builder-inited", lambda app: put(app, SCRIPT))
    app.connect("doctree-resolved", shorten)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
