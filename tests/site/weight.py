"""What a page weighs when it is opened for the first time, in bytes before compression."""

import re
from collections import Counter
from pathlib import PurePosixPath

from rules import rule

KINDS = {".html": "text", ".js": "scripts", ".css": "styles", ".woff": "fonts", ".woff2": "fonts"}
BUDGET = {
    "text": 240_000,  # most of it is coloured code
    "scripts": 920_000,  # MathJax 760,000, Bootstrap 81,000
    "styles": 264_000,  # the theme's 113,000
    "fonts": 210_000,  # the text's 77,000, MathJax's and the icons'
    "pictures": 250_000,
    "interactive figure": 0,
    "previews": 100_000,  # asked for by who points at a link, or comes to one by a key
}
TOTAL = 1_950_000
INTERACTIVE = "vega"  # in the address of whatever an interactive figure loads
PREVIEWS = "book_previews_data"
LARGER = {  # page -> what it may weigh more; the reason
    "chapters/api.html": {"text": 180_000},  # public names, with links to their source
    "chapters/api_training.html": {"text": 100_000},
    "chapters/cheat_sheet.html": {"pictures": 100_000},  # a chart to print
    "chapters/08_lstms_in_the_wild.html": {"text": 30_000},  # the tables of 26 LSTMs
    "chapters/09_ragged_sequences.html": {"styles": 2_000},  # a live figure, a report and a fold
    "chapters/b_the_fast_lstm.html": {"pictures": 100_000},  # four measurements
    "chapters/mistakes.html": {"text": 60_000},  # 58 mistakes, each with its change of the code
}
USES = {  # in the name of a file -> what a page that uses it holds
    "mathjax": 'class="math',
    "copybutton": 'class="highlight',
    "clipboard": "highlight",
    "design-tabs": "sd-tab-set",
    "togglebutton.js": 'class="[^"]*(toggle|dropdown)',
    "searchindex": "search-results",
    "language_data": "search-results",
    "fontawesome.js": "never",
    "mathjax/sre": "never",
    "mathjax/ui": "never",
}


def weights(visit):
    """Return the bytes of each kind that a page loads."""
    found = Counter()
    for file in visit.files:
        kind = KINDS.get(PurePosixPath(file).suffix, "pictures")
        kind = "interactive figure" if INTERACTIVE in file else kind
        kind = "previews" if PREVIEWS in file else kind
        path = visit.root / file
        found[kind] += path.stat().st_size if path.is_file() else 0  # no_errors tells what lacks
    return found


@rule
def budget_is_kept(visit):
    """The page loads no more of any kind than its budget allows."""
    found, more = weights(visit), LARGER.get(visit.path, {})
    limits = {kind: limit + more.get(kind, 0) for kind, limit in BUDGET.items()}
    for kind, size in found.items():
        if size > limits[kind]:
            yield f"{kind}: {size:,} > {limits[kind]:,}"
    total, limit = sum(found.values()), TOTAL + sum(more.values())
    if total > limit:
        yield f"in all: {total:,} > {limit:,}: {dict(found)}"


@rule
def what_is_loaded_is_used(visit):
    """The page loads no file that it does not use."""
    text = (visit.root / visit.path).read_text("utf-8")
    for file in sorted(visit.files):
        if any(name in file and not re.search(use, text) for name, use in USES.items()):
            yield file
