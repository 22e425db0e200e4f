"""Print the built book as one PDF, with links, bookmarks and page numbers.

    python scripts/pdf.py

Chromium prints the joined pages twice: the first print says on which page each chapter begins, the
second has these numbers in its table of contents.
"""

import logging
import os
import sys
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pikepdf
import yaml
from browser import FLAGS, find_browser
from bs4 import BeautifulSoup
from drawings import cover
from joined import read_book
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "_build/pdf/divide-now-or-divide-later.pdf"
READY = """Promise.race([
  Promise.all([MathJax.startup.promise, document.fonts.ready]).then(() => true),
  new Promise((_, fail) => setTimeout(() => fail("The formulas are not set."), 300_000)),
])"""
SHEET = """<!DOCTYPE html>
<html lang="en" data-theme="light" data-mode="light" class="one-book">
<head><meta charset="utf-8"><title>{title}</title>
<style>{running}</style>
{head}
</head>
<body>
<section class="cover">{cover}</section>
<nav class="list-of-pages bd-article mathjax_ignore" aria-label="Contents"><h1>Contents</h1>
{contents}</nav>
{body}
</body></html>
"""


def plain(title):
    """Return a title as the text of a CSS string."""
    text = BeautifulSoup(title, "html.parser").get_text()
    return text.replace("\\(", "").replace("\\)", "").replace("\\", "").replace('"', "\\22 ")


def running_titles(pages):
    """Return the style that puts each page's title at the head of its sheets."""
    # A name in CSS must not begin with a digit, as a chapter's does: so sheets are numbered.
    rule = (
        '@page sheet-{k} {{ @top-right {{ content: "{title}"; }} }} '
        "#sheet-{k} {{ page: sheet-{k}; }}"
    )
    return "\n".join(rule.format(k=k, title=plain(page.title)) for k, page in enumerate(pages))


def table_of_contents(pages, numbers):
    """Return the list of pages and sections, with the numbers that are known."""

    def line(target, title, kind):
        number = f'<span class="number">{numbers.get(target, "")}</span>'
        return f'<p class="{kind}"><a href="#{target}"><span>{title}</span>{number}</a></p>'

    lines = []
    for page in pages:
        lines += [f'<p class="part">{escape(page.part)}</p>'] if page.part else []
        lines.append(line(page.id, page.title, "chapter"))
        lines += [line(target, title, "section") for target, title in page.sections]
    return "\n".join(lines)


def sheet(pages, head, about, numbers):
    """Return the whole book as one page of HTML."""
    body = "\n".join(
        f'<div id="sheet-{k}" class="sheet">{page.article}</div>' for k, page in enumerate(pages)
    )
    return SHEET.format(
        title=escape(about["title"]),
        running=running_titles(pages),
        head=head,
        cover=cover(about),
        contents=table_of_contents(pages, numbers),
        body=body,
    )


def starts(pdf):
    """Return the number of the sheet on which each named place of a PDF stands."""
    reader = PdfReader(pdf)
    places = reader.named_destinations
    return {
        name.lstrip("/"): reader.get_destination_page_number(place) + 1
        for name, place in places.items()
    }


def print_html(browser, html, target):
    """Print a page of HTML to a PDF, once its formulas are set."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source = target.with_suffix(".html")
    source.write_text(html, encoding="utf-8")
    page = browser.new_page()
    page.set_default_timeout(300_000)
    page.goto(source.as_uri())
    page.evaluate(READY)
    page.pdf(
        path=target, prefer_css_page_size=True, print_background=True, outline=True, tagged=True
    )
    page.close()


def describe(pdf, about):
    """Put title, authors and the version's date into a PDF, and pack its many small objects."""
    day = datetime.combine(about["date-released"], datetime.min.time(), UTC)
    stamp = day.strftime("D:%Y%m%d%H%M%SZ")
    with pikepdf.open(pdf, allow_overwriting_input=True) as book:
        for key in [*book.docinfo]:
            del book.docinfo[key]
        book.docinfo["/Title"] = about["title"]
        book.docinfo["/Author"] = ", ".join(author["name"] for author in about["authors"])
        book.docinfo["/Subject"] = (
            "Where the 1/N of a mean loss may be applied in an LSTM's backprop"
        )
        book.docinfo["/CreationDate"] = book.docinfo["/ModDate"] = stamp
        packed = pikepdf.ObjectStreamMode.generate  # the tags are most of what Chromium writes
        book.save(pdf, object_stream_mode=packed, deterministic_id=True)


def main():
    """Print the book."""
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # Chromium miscounts objects, harmlessly
    about = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    site = os.environ.get("BOOK_BASE_URL", "").strip()
    pages, head = read_book(ROOT / "_build/html", ROOT / "_toc.yml", site)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        numbers = {}
        for _ in range(2):
            print_html(browser, sheet(pages, head, about, numbers), TARGET)
            before, numbers = numbers, starts(TARGET)
        browser.close()
    if before != numbers:
        sys.exit("The page numbers moved between the two prints.")
    describe(TARGET, about)
    TARGET.with_suffix(".html").unlink()
    print(f"The book as a PDF, {len(PdfReader(TARGET).pages)} pages: {TARGET}")


if __name__ == "__main__":
    main()
