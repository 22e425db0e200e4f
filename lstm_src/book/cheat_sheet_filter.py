"""The filter of the cheat sheet and of the catalogue: a form, and the marks that it looks for.

`_ext/book_filters.js` does the choosing. The form is hidden where that script does not run.
"""

import re
from collections import Counter
from html import escape


def slug(word):
    """Return a word as it stands in an address."""
    return re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")


def marked(name, words):
    """Return what marks a row of Markdown, in its first cell, as found by these words.

    Parameters
    ----------
    name : str
        The filter's, in small letters and hyphens: it stands in the address of a filtered page.
    words : iterable of str
    """
    return f'<span data-{name}="{" ".join(map(slug, words))}"></span>'


def filter_form(name, legend, rows, choices=None):
    """Return the form that filters the rows of a page, as HTML that may stand in Markdown.

    Parameters
    ----------
    name : str
        As for `marked`.
    legend : str
        What is chosen.
    rows : list of list of str
        The words of each row.
    choices : iterable of str, optional
        The words in their order; as they come in the rows if omitted.
    """
    count = Counter(word for words in rows for word in words)
    boxes = "".join(
        f'<label><input type="checkbox" name="{name}" value="{slug(word)}"> {escape(word)} '
        f"<small>{count[word]}</small></label>"
        for word in choices or count
    )
    return (
        f'<form class="filter" name="{name}" hidden autocomplete="off"><fieldset>'
        f'<legend>{escape(legend)}</legend>{boxes}<button type="button">Show all</button>'
        f"</fieldset><output>All {len(rows)} rows are shown.</output></form>"
    )
