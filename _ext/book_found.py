"""What others find the book by: descriptions, structured data, and how to cite it.

CITATION.cff is the only source of title, authors, version and date.
"""

import json
import re
from html import escape, unescape
from pathlib import Path
from urllib.parse import urljoin

import yaml
from docutils import nodes
from docutils.parsers.rst import Directive

LONGEST = 200  # characters that a search engine shows
OTHERS = {
    "search": "Search the chapters, the glossary and the source code of the book",
    "404": "The book has no page at this address. Look among its chapters, or search",
    "_modules/": "The source code of the Python module {title}, which is part of the book",
}


def citation(root):
    """Return what CITATION.cff holds, and the authors' names in one text."""
    data = yaml.safe_load(Path(root, "CITATION.cff").read_text("utf-8"))
    people = [
        author.get("name") or f"{author['given-names']} {author['family-names']}"
        for author in data["authors"]
    ]
    return data | {"year": str(data["date-released"])[:4], "people": people}


def bibtex(cited, url=""):
    """Return a BibTeX entry; braces keep a group's name and the title's capitals as they are."""
    fields = {
        "author": " and ".join(f"{{{name}}}" for name in cited["people"]),
        "title": f"{{{cited['title']}}}",
        "year": cited["year"],
        "note": f"Version {cited['version']}",
    } | ({"url": url} if url else {})
    lines = "".join(f"  {key:<6} = {{{value}}},\n" for key, value in fields.items())
    return f"@misc{{divide-now-or-later,\n{lines}}}"


def sentence(cited, url=""):
    """Return the reference as a sentence."""
    ending = f" {url}" if url else ""
    people = ", ".join(cited["people"])
    return f"{people}. {cited['title']} Version {cited['version']}, {cited['year']}.{ending}"


class HowToCite(Directive):
    """The reference as a sentence and as BibTeX."""

    def run(self):
        """Return the two."""
        config = self.state.document.settings.env.config
        cited = citation(self.state.document.settings.env.srcdir)
        entry = bibtex(cited, config.html_baseurl)
        words = nodes.paragraph("", sentence(cited, config.html_baseurl))
        code = nodes.literal_block(entry, entry, language="bibtex")
        return [nodes.block_quote("", words), code]


def shorten(text, longest=LONGEST):
    """Cut a text after its last whole sentence, or else its last whole word."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    whole = re.match(r".{60,}[.?!](?= )", head)
    return whole[0] if whole else head.rpartition(" ")[0].rstrip(",;:") + "…"


def first_words(doctree):
    """Return what a chapter's card says that one does, or else a page's first running text."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = re.sub(r"\\frac\s*(\w)\s*(\w)", r"\1/\2", paragraph.astext())
        in_card = "chapter-card" in paragraph.parent.get("classes", [])
        if in_card and text.startswith("Do."):
            return text.removeprefix("Do.").strip()
        if isinstance(paragraph.parent, nodes.section) and len(text) >= 60 and "\\" not in text:
            return text
    return ""


def first_picture(body, base):
    """Return the OpenGraph tags of a page's first picture."""
    for tag in re.findall(r"<img[^>]*>", body):
        source = re.search(r'src="(?:\.\./)*(_images/[^"]+\.png)"', tag)
        alt = re.search(r'alt="([^"]*)"', tag)
        if source and alt:
            return {"og:image": urljoin(base, source[1]), "og:image:alt": unescape(alt[1])}
    return {}


def describe(app, pagename, templatename, context, doctree):
    """Give a page its description, its picture and its structured data."""
    cited, base = citation(app.srcdir), app.config.html_baseurl
    title = re.sub(r"<[^>]*>", "", context.get("title") or "")
    is_source = pagename.startswith("_modules/")  # its doctree is that of another page
    text = first_words(doctree) if doctree and not is_source else ""
    if pagename == app.config.root_doc:
        text = cited["abstract"]
    if not text:
        text = next((line for name, line in OTHERS.items() if pagename.startswith(name)), title)
        text = f"{text.format(title=title)} “{cited['title']}”"
    text = shorten(text)
    head = f'<meta name="description" content="{escape(text)}" />\n'
    if doctree:
        data = structured(app, pagename, title, text)
        script = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
        head += f'<script type="application/ld+json">{script}</script>\n'
        shown = {"og:description": text} | first_picture(context.get("body", ""), base)
        context["meta"] = (context.get("meta") or {}) | (shown if base else {})
    context["metatags"] = head + context.get("metatags", "")


def structured(app, pagename, title, description):
    """Return a page in the terms of schema.org: the book, or a chapter of it."""
    cited, base = citation(app.srcdir), app.config.html_baseurl
    book = {
        "@type": "Book",
        "name": cited["title"],
        "author": [{"@type": "Organization", "name": name} for name in cited["people"]],
        "datePublished": str(cited["date-released"]),
        "version": str(cited["version"]),
        "inLanguage": app.config.language,
        "license": [f"https://spdx.org/licenses/{name}" for name in cited["license"]],
    } | ({"url": base} if base else {})
    if pagename == app.config.root_doc:
        return {"@context": "https://schema.org", **book, "description": description}
    about = {"name": title, "description": description}
    about |= {"url": urljoin(base, f"{pagename}.html")} if base else {}
    return {"@context": "https://schema.org", "@type": "Chapter", **about, "isPartOf": book}


def setup(app):
    app.add_directive("how-to-cite", HowToCite)
    app.connect("html-page-context", describe, priority=400)  # before OpenGraph reads `meta`
    return {"parallel_read_safe": True, "parallel_write_safe": True}
