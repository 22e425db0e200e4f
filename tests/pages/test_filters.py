"""Rows can be found by their libraries, and a page loads the filter's files where it has one."""

import tomllib
from types import SimpleNamespace

import numpy as np
import pytest
from test_book import ROOT, extension

from lstm_src import audit_scaling
from lstm_src.book.cheat_sheet_filter import filter_form
from lstm_src.book.shown import Framed

TABLE = tomllib.loads((ROOT / "chapters/data/cheat_sheet.toml").read_text(encoding="utf-8"))
FORM = filter_form("seen-by", "Rows", [["audit"]])
FRAME = Framed(audit_scaling(lambda scale: scale * np.ones(2)))._repr_html_()


def unfound(rows):
    """Return the rows that no filter finds under a library that their name begins with."""
    return [
        row["id"] for row in rows if not row["name"].startswith(tuple(row.get("libraries", ())))
    ]


def test_every_row_is_found_by_its_library():
    assert unfound(TABLE["rows"]) == []
    first, *rest = TABLE["rows"]
    assert unfound([first | {"libraries": ["Keras"]}, *rest]) == [first["id"]]
    assert unfound([first | {"libraries": []}, *rest]) == [first["id"]]


@pytest.mark.parametrize(
    ("body", "files"),
    [
        (FORM, ["book_filters.css", ("book_filters.js", "seen-by")]),
        (FRAME, ["book_reports.css"]),
        (FORM + FRAME, ["book_filters.css", ("book_filters.js", "seen-by"), "book_reports.css"]),
        ("<p>A report of a filter.</p>", []),
        (None, []),
    ],
)
def test_a_page_refers_to_the_files_that_it_uses(body, files):
    found = []
    app = SimpleNamespace(
        add_css_file=found.append,
        add_js_file=lambda name, **options: found.append((name, options["data-filter"])),
    )
    extension("book_filters").add_files(app, "page", "page.html", {"body": body}, None)
    assert found == files
