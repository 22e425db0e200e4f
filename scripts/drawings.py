"""Draw the logo, the favicon, the preview card, and the cover of the printed book.

python scripts/drawings.py    writes all but the cover into _static/
"""

import io
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from lstm_src import forward, init_params
from lstm_src.book.style import stack_shares, use_book_style
from lstm_src.proof.steps import arrivals_by_origin
from lstm_src.training.losses import squared_error
from lstm_src.training.tasks import running_minimum

STATIC = Path(__file__).resolve().parent.parent / "_static"
CARD = STATIC / "card.png"
TITLE, SUBTITLE = "Divide now or divide later?", "The 1/N of a mean loss in an LSTM’s backprop"
PICTURED = "Stacked bars for eight steps, coloured by the loss term that each part came from"
ACCENT = "#0b5f73"


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


def arrivals(T=8, B=2, D=3, sequence=0, unit=2):
    """Return what arrives at one hidden unit, [origin, step], as in the book's first picture."""
    rng = np.random.default_rng(30)
    x, target = running_minimum(T, B, D, rng)
    params = init_params(D, D, rng)
    run = forward(params, x)
    cotangent = squared_error(run.h, target).cotangent
    return arrivals_by_origin(params, run.tape, cotangent)[:, :, sequence, unit]


def bars(ax, shares):
    """Draw stacked bars without axes."""
    stack_shares(ax, shares, 0.96)
    ax.set_xlim(0.5, shares.shape[1] + 0.5)
    ax.axis("off")


def picture(shares):
    """Return stacked bars as SVG."""
    use_book_style()
    plt.rcParams["svg.hashsalt"] = "cover"  # else every run names its parts anew
    figure, ax = plt.subplots(figsize=(17, 10), layout="none")
    ax.set_position((0, 0, 1, 1))
    bars(ax, shares)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    plt.close(figure)
    return text.getvalue().partition("<svg")[2]


def cover(about):
    """Return the cover's HTML; `about` is what CITATION.cff holds."""
    title, year = escape(about["title"]), about["date-released"].year
    authors = ", ".join(escape(author["name"]) for author in about["authors"])
    return f"""
<div class="cover-head">{logo(title)}
<p class="cover-title">{title}</p>
<p class="cover-subtitle">{SUBTITLE}</p></div>
<div class="cover-picture"><svg role="img" aria-label="{PICTURED}"{picture(arrivals())}</div>
<p class="cover-foot">{authors}<br>Version {escape(str(about["version"]))}, {year}</p>
"""


def card(shares, target):
    """Draw what a link to the book shows: its name over stacked bars, 1200 by 630 pixels."""
    use_book_style()
    figure = plt.figure(figsize=(12, 6.3), dpi=100, layout="none")
    head = figure.add_axes((0, 0.46, 1, 0.54), facecolor=ACCENT, xticks=[], yticks=[])
    head.set(xlim=(0, 1200), ylim=(0, 340))
    head.spines[:].set_visible(False)
    head.plot([76, 136], [282, 282], color="white", lw=7, solid_capstyle="round")
    head.plot([106, 106], [259, 305], "o", color="white", markersize=9)
    head.text(72, 168, TITLE, color="white", fontsize=46, fontweight="bold", va="center")
    head.text(72, 84, SUBTITLE, color="white", fontsize=27, va="center")
    below = figure.add_axes((0.06, 0.05, 0.88, 0.36))
    bars(below, shares)
    figure.savefig(target, dpi="figure", metadata={"Software": None})
    plt.close(figure)


def main():
    """Write the logo, the favicon and the card."""
    for name in ("logo.svg", "favicon.svg"):
        (STATIC / name).write_text(logo(TITLE), encoding="utf-8")
    card(arrivals(), CARD)


if __name__ == "__main__":
    main()
