"""The book's one plotting style, and the drawings that more than one page shows."""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.colors import ListedColormap
from matplotlib.patheffects import withStroke

COLOURS = {
    "blue": "#0072B2",
    "orange": "#D55E00",
    "green": "#009E73",
    "purple": "#AA4499",
    "indigo": "#332288",
    "grey": "#767676",
}
"""Colours that stay apart for colour-blind readers (Okabe and Ito's, two replaced for contrast)."""

GATE_COLOURS = {"g": "#B84C00", "f": "#7B3294", "i": "#A6264F", "o": "#8C2D04"}
"""Colours of what passes the gates; white words can be read on them. No loss term has them."""

RAIL_COLOURS = {"h": "#B84C00", "c": "#0072B2", "loss": "#007555"}
"""Colours of what is carried along the rail of h and that of c, and of what the loss injects."""

INK, SURFACE = "#222222", "#eeeeee"
"""Lines and words of the drawings, and the inside of their boxes."""

UNLIT, UNLIT_TEXT = "#858585", "#6b6b6b"
"""Lines and words of what a drawing leaves in the background."""

STYLE = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.prop_cycle": mpl.cycler(color=COLOURS.values()),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "axes.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "figure.dpi": 216,  # sharp on screens with two pixels to a point
    "figure.facecolor": "white",
    "figure.figsize": (5.2, 3.2),
    "font.family": ["Divide Serif", "DejaVu Sans"],  # the second has what the first lacks
    "font.size": 12.5,  # the first looks smaller than its size
    "grid.color": "#dddddd",
    "legend.frameon": False,
    "lines.linewidth": 2,
    "lines.markersize": 7,
    "mathtext.fontset": "cm",  # as the formulas of the pages
}

FONTS = sorted(Path(__file__).with_name("fonts").glob("*.ttf"))
"""The pages' face, cut by scripts/fonts.py."""


def use_book_style():
    """Give every figure that follows the book's fonts, colours and size."""
    known = {font.fname for font in font_manager.fontManager.ttflist}
    for path in FONTS:
        if str(path) not in known:
            font_manager.fontManager.addfont(path)
    mpl.rcdefaults()
    mpl.rcParams.update(STYLE)


def origin_colours(T):
    """Return T colours from dark to light, one for each step that a cotangent can come from.

    White words can be read on all of them.
    """
    return plt.get_cmap("YlGnBu_r")(np.linspace(0, 0.32, T))


def field_colours(name, start, stop):
    """Return a part of a colour map, for fields: its lightest colour then stands for 0."""
    return ListedColormap(plt.get_cmap(name)(np.linspace(start, stop, 256)))


def stack_shares(ax, shares, width=0.8, colours=None):
    """Draw a stacked bar for each column of ``shares`` (parts, steps), coloured by part.

    Parts above zero stack upwards and parts below zero downwards. The bars stand at 1, 2, and so
    on. Return where each part starts, with the shape of ``shares``. Without ``colours`` a part has
    that of the step that it came from.
    """
    colours = origin_colours(len(shares)) if colours is None else colours
    positions = np.arange(1, shares.shape[1] + 1)
    starts = (
        np.where(shares >= 0, shares.clip(min=0).cumsum(0), shares.clip(max=0).cumsum(0)) - shares
    )
    for share, start, colour in zip(shares, starts, colours, strict=True):
        ax.bar(
            positions, share, width, bottom=start, color=colour, edgecolor="white", linewidth=0.6
        )
    return starts


def draw_shares(ax, shares, *, labels=None, width=0.8, colours=None):
    """Draw the bars of `stack_shares`, with labels, and with a thick line that marks their sum.

    On each part stands its label: by default its number, counted from 1, which is the step that
    the part came from if each came from one step. Set the limits of the axes first, because parts
    too thin for a label, and those whose label that line would cross, get none.
    """
    labels = range(1, len(shares) + 1) if labels is None else labels
    positions = np.arange(1, shares.shape[1] + 1)
    starts = stack_shares(ax, shares, width, colours)
    legible, middles = 0.06 * np.ptp(ax.get_ylim()), starts + shares / 2
    clear = abs(middles - shares.sum(axis=0)) > 0.65 * legible
    for s, t in np.argwhere((abs(shares) > legible) & clear):
        ax.text(
            positions[t],
            middles[s, t],
            labels[s],
            ha="center",
            va="center",
            color="white",
            fontsize=9,
        )
    seen = shares.any(axis=0)
    (marks,) = ax.plot(positions[seen], shares.sum(0)[seen], "_k", markersize=16, markeredgewidth=3)
    halo = withStroke(linewidth=6, foreground="white", capstyle="projecting")
    marks.set_path_effects([halo])  # it is seen on every part
    ax.axhline(0, color="black", linewidth=0.8)
