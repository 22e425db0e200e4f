"""What depends on where the book is published, taken from the environment at build time.

BOOK_REPOSITORY_URL  the repository's address: turns the source and launch buttons on
BOOK_BRANCH          its branch, ``main`` unless told
BOOK_BASE_URL        the published site's address: canonical links, sitemap, OpenGraph
BOOK_PDF             the name of the PDF that is published beside the pages: the sidebar links to it

Without them the buttons and tags are absent, and the book works from any folder.
"""

import os
from urllib.parse import urlsplit

DESTINATIONS = {
    "intro": ("The question and its answer", "where the book begins"),
    "cheat_sheet": ("Cheat sheet", "where your 1/N goes, and what libraries divide by"),
    "mistakes": ("A catalogue of mistakes", "what each leaves behind, and which check sees it"),
    "glossary": ("Glossary", "the terms, each in a sentence or two"),
    "api": ("API", "the functions and checks for your own code"),
}


def not_found(root=""):
    """Return the page for an address without one; its links begin at the site's root."""
    links = "".join(
        f'<li><a href="{root}chapters/{name}.html">{title}</a>: {what}</li>\n'
        for name, (title, what) in DESTINATIONS.items()
    )
    body = f"""<h1>Page not found</h1>
<p>This book has no page at that address. It may have moved: search for a word of its title.</p>
<form class="bd-search" action="{root}search.html" method="get" role="search">
<input type="search" class="form-control" name="q" placeholder="Search this book..."
aria-label="Search this book"> <button type="submit">Search</button>
</form>
<p>Or begin at one of these; the <a href="{root}search.html">search page</a> has more.</p>
<ul>
{links}</ul>"""
    return {"title": "Page not found", "pagetitle": "Page not found", "body": body}


def _variable(name, default=""):
    return os.environ.get(name, default).strip()


def set_repository(app, config):
    """Turn on the buttons that need the repository's address."""
    url = _variable("BOOK_REPOSITORY_URL").rstrip("/").removesuffix(".git")
    if not url:
        return
    config.html_theme_options |= {
        "repository_url": url,
        "repository_branch": _variable("BOOK_BRANCH") or "main",
        "use_repository_button": True,
        "use_edit_page_button": True,
        "use_issues_button": True,
        "launch_buttons": {
            "binderhub_url": "https://mybinder.org",
            "notebook_interface": "jupyterlab",
        },
    }
    if urlsplit(url).hostname == "github.com":  # Colab opens notebooks from no other place
        colab = {"colab_url": "https://colab.research.google.com"}
        config.html_theme_options["launch_buttons"] |= colab


def mend_buttons(app, pagename, templatename, context, doctree):
    """Let Colab open what scripts/colab.py wrote, in the branch `colab`; say what prints a page."""
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if button.get("text") == "Colab":
                notebook = pagename.rpartition("/")[2]
                button["url"] = (
                    button["url"].partition("/blob/")[0] + f"/blob/colab/{notebook}.ipynb"
                )
            elif button.get("text") == ".pdf":
                button["text"] = "Print"


def link_the_pdf(app, config):
    """Show where the book can be had as one file."""
    base, name = _variable("BOOK_BASE_URL").rstrip("/"), _variable("BOOK_PDF")
    if base and name:
        link = {"name": "The whole book as a PDF", "url": f"{base}/{name}"}
        config.html_theme_options["icon_links"] = [link | {"icon": "fa-solid fa-file-pdf"}]


def set_base_url(app, config):
    """Tell the extensions that write absolute addresses what those are."""
    base = _variable("BOOK_BASE_URL").rstrip("/") + "/"
    if base == "/":
        return
    config.html_baseurl = config.ogp_site_url = base
    config.ogp_social_cards = {"enable": False}
    config.ogp_enable_meta_description = False  # see book_found.py
    config.ogp_image = "_static/card.png"  # of a page without pictures
    config.ogp_image_alt = "Divide now or divide later? The title over eight stacked bars"
    config.ogp_use_first_image = True  # a page's preview is its first picture
    config.sitemap_url_scheme = "{link}"
    config.sitemap_excludes = ["404.html", "search.html", "_modules/*"]
    config.notfound_urls_prefix = root = urlsplit(base).path
    config.notfound_context = not_found(root)


def relative_not_found_page(app):
    """Without a base address, write a 404 page with relative links, which works from a folder."""
    if not _variable("BOOK_BASE_URL"):
        yield "404", not_found(), "page.html"


def setup(app):
    app.connect("config-inited", set_repository)
    app.connect("config-inited", set_base_url)
    app.connect("config-inited", link_the_pdf)
    app.connect("html-page-context", mend_buttons, priority=900)
    app.connect("html-collect-pages", relative_not_found_page)
    if _variable("BOOK_BASE_URL"):
        for extension in ("sphinxext.opengraph", "sphinx_sitemap", "notfound.extension"):
            app.setup_extension(extension)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
