"""Tables that a reader filters, and reports in frames: their files, on the pages that have some."""

import re

from book_files import put

OURS = ("book_filters.css", "book_filters.js", "book_reports.css")
FORM = re.compile(r'<form class="filter" name="([a-z-]+)"')
FRAME = '<fieldset class="framed"'


def add_files(app, pagename, templatename, context, doctree):
    """Refer to the files where they are of use; the script is told the name of the filter."""
    body = context.get("body") or ""
    form = FORM.search(body)
    if form:
        app.add_css_file(OURS[0])
        app.add_js_file(OURS[1], **{"data-filter": form[1]})  # at once: before a row is drawn
    if FRAME in body:
        app.add_css_file(OURS[2])


def setup(app):
    app.connect("builder-inited", lambda app: put(app, *OURS))
    app.connect("html-page-context", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
