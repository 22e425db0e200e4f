"""The extension that puts live figures into the pages."""

import json
import re
from types import SimpleNamespace

import pytest
from test_book import extension

from lstm_src.book.interactive import degrees_over_T
from lstm_src.book.interactive.live import MIME

book_live = extension("book_live")


@pytest.fixture(scope="module")
def page():
    spec = degrees_over_T("at the end", T=3).spec
    spec = spec | {"description": "</script><b>"}
    return book_live.live_figure(spec, 'Lines "cut" once')


def test_the_controls_are_native_and_begin_where_the_figure_does(page):
    assert page.count('type="radio"') == 5
    assert re.findall(r'value="([^"]*)" checked', page) == ["at the end"]
    assert re.findall(r'name="(\w)" value="(\d+)"', page) == [("T", "3")]
    assert page.count("<label>") == 6


def test_what_vega_reads_has_no_controls_and_ends_no_script(page):
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    spec = json.loads(data)
    assert spec["description"] == "</script><b>"
    assert not any("bind" in signal for signal in spec["signals"])


def test_the_first_picture_is_drawn_and_named(page):
    assert 'role="img" aria-label="Lines &quot;cut&quot; once"><svg' in page
    assert "Degrees {1}: scaled once" in page


def test_a_control_of_another_kind_is_refused():
    signal = {"name": "x", "value": 1, "bind": {"input": "color", "name": "x"}}
    with pytest.raises(ValueError, match="expected a range or a radio, got 'color'"):
        book_live.control(signal)


@pytest.mark.parametrize(("body", "files"), [("<p>Text</p>", 0), (None, 0), ("figure", 2)])
def test_only_pages_with_a_figure_refer_to_its_files(page, body, files):
    added = []
    app = SimpleNamespace(
        add_css_file=lambda name: added.append(name),
        add_js_file=lambda name, **settings: added.append(name),
    )
    body = page if body == "figure" else body
    book_live.add_scripts(app, "a", "page.html", {"body": body}, None)
    assert len(added) == files


def test_the_extension_takes_what_the_package_gives():
    assert book_live.MIME == MIME
    data = SimpleNamespace(mime_type="text/html")
    assert book_live.LiveFigures.handle_mime(None, data, False) is None
