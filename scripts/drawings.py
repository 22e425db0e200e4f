"""Draw the logo, the favicon and the cover of the printed book.

python scripts/drawings.py    writes the logo and the favicon into _static/
"""

from html import escape
from pathlib import Path

import numpy as np
from matplotlib.colors import to_hex

from lstm_src import forward, init_params
from lstm_src.figures import origin_colours
from lstm_src.losses import squared_error
from lstm_src.steps import arrivals_by_origin
from lstm_src.tasks import running_minimum

STATIC = Path(__file__).resolve().parent.parent / "_static"
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


def bars(shares, width=170, height=100, gap=4):
    """Return stacked bars as SVG, one for each step, coloured by origin; shares are positive."""
    origins, steps = shares.shape
    step, scale = (width + gap) / steps, height / shares.sum(axis=0).max()
    colours = [to_hex(colour) for colour in origin_colours(origins)]
    parts = []
    for t in range(steps):
        bottom = height
        for s in range(t, origins):
            size = scale * shares[s, t]
            bottom -= size
            parts.append(
                f'<rect x="{t * step:.2f}" y="{bottom:.2f}" width="{step - gap:.2f}" '
                f'height="{size:.2f}" fill="{colours[s]}"/>'
            )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'aria-label="Stacked bars for eight steps, coloured by the loss term that each part '
        f'came from">{"".join(parts)}</svg>'
    )


def cover(about):
    """Return the cover's HTML; `about` is what CITATION.cff holds."""
    title, year = escape(about["title"]), about["date-released"].year
    authors = ", ".join(escape(author["name"]) for author in about["authors"])
    return f"""
<div class="cover-head">{logo(title)}
<p class="cover-title">{title}</p>
<p class="cover-subtitle">The 1/N of a mean loss in an LSTM’s backprop</p></div>
<div class="cover-picture">{bars(arrivals())}</div>
<p class="cover-foot">{authors}<br>Version {escape(str(about["version"]))}, {year}</p>
"""


def main():
    """Write the logo and the favicon."""
    for name in ("logo.svg", "favicon.svg"):
        (STATIC / name).write_text(logo("Divide now or divide later?"), encoding="utf-8")


if __name__ == "__main__":
    main()
