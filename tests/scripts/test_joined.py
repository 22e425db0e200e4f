"""The pages of the book joined into one: no id twice, every link inside, nothing left folded."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from joined import contents, needed_head, new_target, read_book  # noqa: E402

PAGES = {"chapters/01_a", "chapters/b"}
PAGE = """<html><head><link rel="stylesheet" href="../_static/a.css">
<script src="../_static/mathjax/m.js"></script><script src="../_static/other.js"></script></head>
<body><nav>not printed</nav>
<article class="bd-article"><section id="a"><h1>{title}<a class="headerlink" href="#a">#</a></h1>
<section id="part"><h2>A part</h2><a href="b.html#part">there</a> <a href="#part">here</a>
<a href="../_modules/m.html"><span class="viewcode-link">[source]</span></a>
<img src="../_images/x.png" hidden><details><summary>Proof</summary>It holds.</details>
<div class="no-print">live</div>
<svg><clippath id="c"></clippath><g clip-path="url(#c)"></g></svg>
<noscript><img src="data:,"></noscript><script>live()</script>
</section></section></article></body></html>"""


@pytest.fixture
def book(tmp_path):
    (tmp_path / "chapters").mkdir()
    for name in ("01_a", "b"):
        (tmp_path / f"chapters/{name}.html").write_text(PAGE.format(title=name), "utf-8")
    toc = "root: chapters/01_a\nparts:\n- caption: One\n  chapters: [{file: chapters/b}]\n"
    (tmp_path / "_toc.yml").write_text(toc, "utf-8")
    pages, head = read_book(tmp_path, tmp_path / "_toc.yml")
    return pages, head, BeautifulSoup("".join(str(page.article) for page in pages), "html.parser")


@pytest.mark.parametrize(
    ("link", "site", "target"),
    [
        ("b.html#x", "", "#b--x"),
        ("b.html", "", "#b"),
        ("#x", "", "#01_a--x"),
        ("../_modules/m.html#f", "", None),
        ("../_modules/m.html#f", "https://a.example", "https://a.example/_modules/m.html#f"),
        ("https://b.example/b.html", "", "https://b.example/b.html"),
    ],
)
def test_a_link_leads_into_the_joined_page(link, site, target):
    assert new_target(link, "chapters/01_a", PAGES, site) == target


def test_no_id_stands_twice_and_every_link_finds_its_place(book):
    _, _, soup = book
    ids = Counter(tag["id"] for tag in soup.select("[id]"))
    assert set(ids.values()) == {1}
    assert {link["href"] for link in soup.select("a")} == {"#01_a--part", "#b--part"}
    assert {link["href"][1:] for link in soup.select("a")} <= ids.keys()
    assert {part["clip-path"] for part in soup.select("g")} == {"url(#01_a--c)", "url(#b--c)"}


def test_paper_shows_what_a_screen_folds_and_no_live_figure(book):
    _, _, soup = book
    assert all(details.has_attr("open") for details in soup.select("details"))
    assert "live" not in str(soup)
    assert len(soup.select('img[src="data:,"]')) == 2
    assert soup.img["src"] == "../html/_images/x.png"


def test_pages_keep_their_order_titles_and_what_they_load(book):
    pages, head, _ = book
    assert [(page.id, page.title, page.part) for page in pages] == [
        ("01_a", "01_a", None),
        ("b", "b", "One"),
    ]
    assert pages[1].sections == [("b--part", "A part")]
    assert head.count("../html/_static/a.css") == head.count("m.js") == 1
    assert "other.js" not in head


def test_a_file_is_loaded_once_whatever_its_version(tmp_path):
    for name, version in (("a", "?v=1"), ("b", "")):
        script = f"<head><script src='mathjax/m.js{version}'></script></head>"
        (tmp_path / f"{name}.html").write_text(script, "utf-8")
    assert needed_head(tmp_path, ["a", "b"]).count("m.js") == 1


def test_the_whole_book_is_listed():
    listed = [path for path, _ in contents(ROOT / "_toc.yml")]
    assert len(listed) == len(
        {*(ROOT / "chapters").glob("*.md"), *(ROOT / "chapters").glob("*.ipynb")}
    )
