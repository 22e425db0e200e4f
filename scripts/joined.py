"""Join the pages of the built book into one, for printing.

Every page keeps its text; what changes is what only a screen can do. Ids get the page's name in
front, so that a link leads to its own page's place, and what is folded is opened. Of an interactive
figure only its `<noscript>`, or what has the class `only-print`, is printed.
"""

import posixpath
from typing import NamedTuple
from urllib.parse import urlsplit

import yaml
from bs4 import BeautifulSoup

REFERRING = ("for", "aria-labelledby", "aria-describedby", "headers")
LEFT_OUT = "script, style, form, input, button, .headerlink, .no-print, .screen-only"


class Page(NamedTuple):
    """A page of the book, ready to be joined to the others."""

    id: str  # the file's name
    title: str  # with the chapter's number
    part: str | None  # the caption of the part that begins with this page
    sections: list  # (id, title) of each section of the second level
    article: object  # its HTML, a tag of Beautiful Soup


def contents(toc):
    """Return the path and the caption of every page; a caption stands with its part's first."""
    toc = yaml.safe_load(toc.read_text("utf-8"))
    found = [(toc["root"], None)]
    for part in toc["parts"]:
        files = [chapter["file"] for chapter in part["chapters"]]
        captions = [part["caption"], *[None] * (len(files) - 1)]
        found += zip(files, captions, strict=True)
    return found


def page_id(path):
    """Return the id of a page, which is its file's name."""
    return posixpath.basename(path)


def new_target(link, path, pages, site):
    """Return where a link of a page leads in the joined page, or None if it leads nowhere."""
    if urlsplit(link).scheme:
        return link
    file, _, place = link.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
    name = target.removesuffix(".html")
    if name in pages:
        return f"#{page_id(name)}--{place}" if place else f"#{page_id(name)}"
    return f"{site}/{target}" + (f"#{place}" if place else "") if site else None


def rename(article, path, pages, site):
    """Give every id the page's name in front, and every link its new target."""
    name = page_id(path)
    for tag in article.select("[id]"):
        tag["id"] = f"{name}--{tag['id']}"
    for attribute in REFERRING:
        for tag in article.select(f"[{attribute}]"):
            values = tag.get_attribute_list(attribute)
            tag[attribute] = " ".join(f"{name}--{v}" for value in values for v in value.split())
    for tag in article.select("svg *"):
        for attribute, value in tag.attrs.items():
            if isinstance(value, str) and "url(#" in value:
                tag[attribute] = value.replace("url(#", f"url(#{name}--")
    for link in article.select("a[href]"):
        target = new_target(link["href"], path, pages, site)
        if target is None:
            link.decompose() if "viewcode-link" in str(link) else link.unwrap()
        else:
            link["href"] = target


def open_up(article):
    """Show on paper what a screen folds, hides or lets the reader choose."""
    for tag in article.select("noscript"):
        tag.unwrap()
    for tag in article.select(LEFT_OUT):
        tag.decompose()
    for tag in article.select("details"):
        tag["open"] = ""


def titles(article):
    """Return the title of a page and its sections of the second level."""
    sections = [
        (heading.parent["id"], heading.decode_contents()) for heading in article.select("h2")
    ]
    return article.h1.decode_contents(), sections


def read_page(html, path, caption, pages, site):
    """Return one page of the built book; its pictures are addressed from the book's folder."""
    soup = BeautifulSoup((html / f"{path}.html").read_text("utf-8"), "html.parser")
    article = soup.select_one("article.bd-article")
    article.name = "section"
    open_up(article)
    rename(article, path, pages, site)
    article["id"], article["class"] = page_id(path), ["page", "bd-article"]
    for picture in article.select("img[src]"):
        if not urlsplit(picture["src"]).scheme:
            folder = posixpath.dirname(path)
            picture["src"] = "../html/" + posixpath.normpath(f"{folder}/{picture['src']}")
            picture["loading"] = "eager"
    title, sections = titles(article)
    return Page(page_id(path), title, caption, sections, article)


def needed_head(html, paths):
    """Return the style sheets and MathJax, as the pages load them, once each."""
    found = {}
    for path in paths:
        head = BeautifulSoup((html / f"{path}.html").read_text("utf-8"), "html.parser").head
        for tag in head.select('link[rel="stylesheet"], script'):
            if tag.name == "script" and "mathjax" not in str(tag).lower():
                continue
            for key in {"src", "href"} & tag.attrs.keys():
                # Pages of an earlier build ask for the same file by another version.
                file = posixpath.normpath(f"{posixpath.dirname(path)}/{urlsplit(tag[key]).path}")
                tag[key] = f"../html/{file}"
            found[str(tag)] = None
    return "\n".join(found)


def read_book(html, toc, site=""):
    """Return all pages in the order of the table of contents, and the head that they need."""
    listed = contents(toc)
    paths = {path for path, _ in listed}
    pages = [read_page(html, path, caption, paths, site.rstrip("/")) for path, caption in listed]
    return pages, needed_head(html, [path for path, _ in listed])
