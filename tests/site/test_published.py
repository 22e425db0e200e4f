"""What others find a published book by: addresses, preview pictures, structured data."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
import yaml
from visits import contents

from conftest import ROOT

BASE = "https://book.example/divide/"
PAGES = contents(ROOT)


class Head(HTMLParser):
    """Collect what a page says about itself."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.links, self.data, self.inside = {}, [], [], False
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        """Note addresses and descriptions."""
        have = dict(attributes)
        if tag == "meta":
            self.tags[have.get("property") or have.get("name")] = have.get("content")
        if tag == "link" and have.get("rel") == "canonical":
            self.tags["canonical"] = have["href"]
        if tag in {"a", "link", "script", "img"}:
            self.links += [have[key] for key in ("href", "src") if have.get(key)]
        self.inside = have.get("type") == "application/ld+json"

    def handle_data(self, data):
        """Note structured data."""
        if self.inside:
            self.data.append(json.loads(data))
            self.inside = False


def in_book(root, url):
    """Say whether an address is that of a file of the book."""
    return url.startswith(BASE) and (root / urlsplit(url).path[len("/divide/") :]).is_file()


def page_faults(root, path):
    """Yield what a page lacks to be found and shown elsewhere."""
    head = Head((root / path).read_text("utf-8"))
    tags, cited = head.tags, yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    if tags.get("canonical") != BASE + path or tags.get("og:url") != BASE + path:
        yield f"canonical: {tags.get('canonical')}, og:url: {tags.get('og:url')}"
    if not in_book(root, tags.get("og:image", "")):
        yield f"no preview picture at {tags.get('og:image')}"
    if len(tags.get("og:image:alt") or "") < 20:
        yield "the preview picture has no alternative text"
    if not 50 <= len(tags.get("description") or "") <= 200:
        yield f"description: {tags.get('description')}"
    if tags.get("og:description") != tags.get("description"):
        yield "two descriptions"
    book = head.data[0].get("isPartOf", head.data[0]) if head.data else {}
    expected = [cited["title"], str(cited["version"]), str(cited["date-released"]), BASE]
    if [book.get(key) for key in ("name", "version", "datePublished", "url")] != expected:
        yield f"structured data: {head.data}"


def site_faults(root):
    """Yield what the book as a whole lacks."""
    site = (root / "sitemap.xml").read_text("utf-8")
    listed = re.findall("<loc>(.*?)</loc>", site)
    if sorted(listed) != sorted(BASE + path for path in PAGES):
        yield f"the sitemap lists {sorted(set(listed) ^ {BASE + path for path in PAGES})}"
    lost = Head((root / "404.html").read_text("utf-8"))
    ours = [link for link in lost.links if not link.startswith(("http", "#", "data:"))]
    for link in ours:  # they must work at any depth
        if not link.startswith("/divide/") or not in_book(root, BASE + link[len("/divide/") :]):
            yield f"404: {link}"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Build the book as it is published at an address."""
    folder = tmp_path_factory.mktemp("published")
    environment = os.environ | {"BOOK_BASE_URL": BASE}
    environment |= {"BOOK_REPOSITORY_URL": "https://github.com/owner/name"}
    program = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", program, "build", ".", "-W", "-n", "--path-output", folder]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return folder / "_build/html"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_found(published, path):
    assert list(page_faults(published, path)) == []


def test_the_book_can_be_found(published):
    assert list(site_faults(published)) == []


FAULTS = [
    (
        page_faults,
        "chapters/glossary.html",
        f'rel="canonical" href="{BASE}',
        'rel="canonical" href="/',
    ),
    (page_faults, "chapters/glossary.html", "_static/card.png", "_static/gone.png"),
    (page_faults, "chapters/glossary.html", "og:image:alt", "og:image:all"),
    (page_faults, "chapters/glossary.html", 'name="description"', 'name="descriptor"'),
    (
        page_faults,
        "chapters/glossary.html",
        'property="og:description" content="',
        'property="og:description" content="Other',
    ),
    (page_faults, "chapters/glossary.html", '"version": "', '"version": "9.'),
    (site_faults, "sitemap.xml", "glossary", "glosses"),
    (site_faults, "404.html", "/divide/chapters/glossary", "chapters/glossary"),
]


@pytest.mark.parametrize(("check", "path", "old", "new"), FAULTS)
def test_a_planted_fault_is_found(published, check, path, old, new):
    file = published / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    arguments = (published, path) if check is page_faults else (published,)
    faults = list(check(*arguments))
    file.write_text(text, "utf-8")
    assert faults
