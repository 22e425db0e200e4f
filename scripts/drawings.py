"""Draw the logo, the favicon, the preview card, and the cover of the printed book.

python scripts/drawings.py    writes all but the cover into _static/
"""

from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
from bs4 import BeautifulSoup

from lstm_src.book.interactive import places as at
from lstm_src.book.interactive import where_to_divide
from lstm_src.book.interactive.picture import picture
from lstm_src.book.style import origin_colours, use_book_style

STATIC = Path(__file__).resolve().parent.parent / "_static"
CARD = STATIC / "card.png"
TITLE = "Divide now or divide later?"
QUESTION = "Your loss is a mean over N terms. Where may the 1/N go in an LSTM’s backward pass?"
ACCENT, GOOD, BAD, QUIET, INK = "#0b5f73", "#22663d", "#8a4b00", "#4a545e", "#1f2429"
LINES = {
    "whole": {"color": QUIET, "lw": 2, "ls": (0, (1, 2))},
    "once": {"color": GOOD, "lw": 5},
    "more": {"color": BAD, "lw": 3.5, "ls": (0, (3, 1.5))},
    "mixed": {"color": BAD, "lw": 5, "ls": (0, (3, 1.2, 1, 1.2))},
}
"""How a line looks, by how often what passes was divided: as on the page."""


def logo(title):
    """Return the division sign in a square, as SVG."""
    label = f'aria-label="{title}"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" {label}>
  <rect width="64" height="64" rx="14" fill="{ACCENT}"/>
  <g fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round">
    <path d="M14 32h36"/>
    <circle cx="32" cy="17" r="3.2" fill="#fff" stroke="none"/>
    <circle cx="32" cy="47" r="3.2" fill="#fff" stroke="none"/>
  </g>
</svg>
"""


def front(figure):
    """Return the figure of the first page as HTML that stands still."""
    page = BeautifulSoup(figure._repr_html_(), "html.parser")
    for live in page.select("script, .where-named, .where-sum, .where-terms, .where-words"):
        live.decompose()
    return str(page)


def cover(about):
    """Return the cover's HTML; `about` is what CITATION.cff holds."""
    title, year = escape(about["title"]), about["date-released"].year
    authors = ", ".join(escape(author["name"]) for author in about["authors"])
    return f"""
<div class="cover-head">{logo(title)}
<p class="cover-title">{title}</p>
<p class="cover-subtitle">{QUESTION}</p></div>
<div class="cover-picture">{front(where_to_divide())}</div>
<p class="cover-foot">{authors}<br>Version {escape(str(about["version"]))}, {year}</p>
"""


def card(figure, target):
    """Draw what a link to the book shows, 1200 by 630 pixels: its first screen.

    Parameters
    ----------
    figure : lstm_src.book.interactive.where.WhereFigure
    target : path-like
        Where the picture is stored.
    """
    use_book_style()
    shown = picture(figure.ways, figure.marks, figure.N, figure.step)
    sheet = plt.figure(figsize=(12, 6.3), dpi=100, layout="none")
    _head(sheet.add_axes((0, 0.7, 1, 0.3), facecolor=ACCENT))
    colour = GOOD if shown["right"] else BAD
    sheet.text(0.0585, 0.622, shown["verdict"], color=colour, size=25, weight="bold", va="center")
    _map(sheet.add_axes((0.055, 0.02, 0.575, 0.55)), shown)
    _bars(sheet.add_axes((0.765, 0.1, 0.175, 0.43)), shown)
    sheet.savefig(target, dpi="figure", metadata={"Software": None})
    plt.close(sheet)


def _head(ax):
    ax.set(xlim=(0, 1200), ylim=(0, 189), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.plot([74, 134], [125, 125], color="white", lw=7, solid_capstyle="round")
    ax.plot([104, 104], [102, 148], "o", color="white", markersize=9)
    ax.text(160, 125, TITLE, color="white", size=45, weight="bold", va="center")
    ax.text(70, 44, QUESTION, color="white", size=20, va="center")


def _map(ax, shown):
    """Draw the lines of the backward pass, the sums, and ÷N where it stands."""
    first, last = at.STEP_AT[1], at.STEP_AT[max(at.STEP_AT)]
    box = {"facecolor": "#f5f6f7", "edgecolor": "#d3d8dd"}
    for t, x in at.STEP_AT.items():
        corner, height = (x - at.HALF, at.H - 18), at.C - at.H + 36
        ax.add_patch(plt.Rectangle(corner, 2 * at.HALF, height, **box))
        number = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "#d3d8dd"}
        ax.text(x, (at.H + at.C) / 2, str(t), size=15, bbox=number, **CENTRED)
    halves = [((first, at.LOSS), (last, at.LOSS), "loss", 1)]
    halves += [((last, at.WEIGHTS), (first, at.WEIGHTS), "end", 0)]
    halves += [((x, at.H), (x, at.C), f"h{t}", 0) for t, x in at.STEP_AT.items()]
    for line, (start, stop, _) in at.places().items():
        mid = at.middle(line, start, stop)
        halves += [(start, mid, line, 0), (mid, stop, line, 1)]
        if line in shown["marks"]:
            mark = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": INK}
            ax.text(*mid, shown["marks"][line], size=14, weight="bold", bbox=mark, **CENTRED)
    for start, stop, line, side in halves:
        ax.plot(*zip(start, stop, strict=True), **LINES[shown["kinds"][line][side]], zorder=2)
    for name, (x, y) in at.sums().items():
        wrong = name in shown["unequal"]
        face, ink = (BAD, "white") if wrong else ("white", INK)
        ax.plot(x, y, "o", ms=19, mfc=face, mec=BAD if wrong else QUIET, zorder=3)
        ax.text(x, y + 0.5, "≠" if wrong else "+", color=ink, size=16, **CENTRED)
    for x, y, name in ((2, at.LOSS, "loss"), (2, at.WEIGHTS, "weights")):
        ax.text(x, y, name, size=17, color=QUIET, va="center")
    for y, name in ((at.H, "h"), (at.C, "c")):
        ax.plot([first - 30, first], [y, y], color=QUIET, lw=2, zorder=1)
        ax.text(first - 38, y, name, size=17, color=QUIET, **CENTRED)
    ax.set(xlim=(0, at.WIDTH), ylim=(at.HEIGHT, 0))
    ax.axis("off")


def _bars(ax, shown):
    """Draw how much of each term arrives, the sum, and the true gradient."""
    longest = max(1, shown["total"])
    colours = origin_colours(len(shown["rows"]))[::-1]
    for y, (row, colour) in enumerate(zip(shown["rows"], colours, strict=True)):
        ax.barh(y, row["size"], left=row["start"], height=0.55, color=colour, ec=colour, lw=1)
        _named(ax, y, f"term {row['term']}", row["powers"], longest)
    for y, name, size, face in ((4, "sum", shown["total"], INK), (5, "true gradient", 1, "white")):
        ax.barh(y, size, height=0.55, color=face, ec=INK, lw=2)
        _named(ax, y, name, "", longest)
    ax.axvline(1, color=INK, lw=1)
    ax.set(xlim=(0, longest * 1.01), ylim=(5.5, -0.5))
    ax.axis("off")


def _named(ax, y, name, powers, longest):
    ax.text(-0.8 * longest, y, name, size=16, va="center")
    ax.text(-0.04 * longest, y, powers, size=16, ha="right", va="center")


CENTRED = {"ha": "center", "va": "center", "zorder": 4}


def main():
    """Write the logo, the favicon and the card."""
    for name in ("logo.svg", "favicon.svg"):
        (STATIC / name).write_text(logo(TITLE), encoding="utf-8")
    card(where_to_divide(), CARD)


if __name__ == "__main__":
    main()
