"""What the pages show of filters and reports comes from the data, and says what the data say."""

import numpy as np
import pytest

from lstm_src import audit_scaling
from lstm_src.book.cheat_sheet_filter import filter_form, marked
from lstm_src.book.shown import (
    Framed,
    catalogue_filter,
    catalogue_table,
    seen_by,
)
from lstm_src.placements.mistakes import MISTAKES, Shows


def test_a_framed_report_is_the_report_in_a_frame():
    report = audit_scaling(lambda s: s * np.array([1.0, 2.0]))
    assert repr(Framed(report)) == str(report)
    page = Framed(report)._repr_html_()
    assert page.startswith('<fieldset class="framed"><legend class="good">✓ once</legend>')
    assert report._repr_html_() in page


@pytest.mark.parametrize(
    ("shows", "words"),
    [
        (Shows("once", True, True, "as meant", True), ["none"]),
        (Shows("once", False, True, "as meant"), ["gradient check"]),
        (Shows("once", True, True, "not known"), ["weights"]),
        (Shows("never, once", True, False, "as meant"), ["audit", "one step"]),
        (
            Shows("partly", False, False, "sum", False),
            ["audit", "gradient check", "one step", "weights", "certificate"],
        ),
    ],
)
def test_an_entry_is_found_by_the_checks_that_reject_it(shows, words):
    assert seen_by(shows) == words


def test_every_row_of_the_catalogue_is_marked_and_counted():
    found = {entry: entry.shows for entry in MISTAKES.values()}
    table, form = catalogue_table(found, "All").data, catalogue_filter(found).data
    rows = [line for line in table.splitlines() if line.startswith("| <span")]
    for line, shows in zip(rows, found.values(), strict=True):
        assert line.startswith(f"| {marked('seen-by', seen_by(shows))}[")
    for word in ("audit", "gradient check", "one step", "weights", "certificate", "none"):
        count = sum(word in seen_by(shows) for shows in found.values())
        assert f"{word} <small>{count}</small>" in form
    assert f"All {len(found)} rows" in form


def test_words_are_safe_in_an_address_and_in_a_page():
    assert marked("library", ["Keras 3", "a & b"]) == '<span data-library="keras-3 a-b"></span>'
    form = filter_form("library", "Rows", [["a & b"], ["a & b", "c"]])
    assert 'value="a-b"> a &amp; b <small>2</small>' in form
    assert form.startswith('<form class="filter" name="library" hidden ')
