"""The book's one plotting style, and the drawings that more than one page shows."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

COLOURS = {
    "blue": "#0072B2",
    "orange": "#D55E00",
    "green": "#009E73",
    "purple": "#AA4499",
    "sky": "#56B4E9",
    "grey": "#767676",
}
"""Colours that stay apart for colour-blind readers (Okabe and Ito's, one replaced for contrast)."""

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
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "grid.color": "#dddddd",
    "legend.frameon": False,
    "lines.linewidth": 2,
    "lines.markersize": 7,
}


def use_book_style():
    """Give every figure that follows the book's fonts, colours and size."""
    mpl.rcdefaults()
    mpl.rcParams.update(STYLE)


def origin_colours(T):
    """Return T colours from dark to light, one for each step that a cotangent can come from."""
    return plt.get_cmap("YlGnBu_r")(np.linspace(0, 0.45, T))


def stack_shares(ax, shares, width=0.8):
    """Draw a stacked bar for each column of ``shares`` (parts, steps), coloured by part.

    Parts above zero stack upwards and parts below zero downwards. The bars stand at 1, 2, and so
    on. Return where each part starts, with the shape of ``shares``.
    """
    positions = np.arange(1, shares.shape[1] + 1)
    starts = (
        np.where(shares >= 0, shares.clip(min=0).cumsum(0), shares.clip(max=0).cumsum(0)) - shares
    )
    for share, start, colour in zip(shares, starts, origin_colours(len(shares)), strict=True):
        ax.bar(
            positions, share, width, bottom=start, color=colour, edgecolor="white", linewidth=0.6
        )
    return starts


def draw_shares(ax, shares, *, labels=None, width=0.8):
    """Draw the bars of `stack_shares`, with labels, and with a thick line that marks their sum.

    On each part stands its label: by default its number, counted from 1, which is the step that
    the part came from if each came from one step. Set the limits of the axes first, because parts
    too thin for a label, and those whose label that line would cross, get none.
    """
    labels = range(1, len(shares) + 1) if labels is None else labels
    positions = np.arange(1, shares.shape[1] + 1)
    starts = stack_shares(ax, shares, width)
    legible, middles = 0.06 * np.ptp(ax.get_ylim()), starts + shares / 2
    clear = abs(middles - shares.sum(axis=0)) > 0.4 * legible
    for s, t in np.argwhere((abs(shares) > legible) & clear):
        ink = "white" if s < len(shares) / 2 else "black"
        ax.text(
            positions[t],
            middles[s, t],
            labels[s],
            ha="center",
            va="center",
            color=ink,
            fontsize=9,
        )
    seen = shares.any(axis=0)
    ax.plot(positions[seen], shares.sum(0)[seen], "_k", markersize=16, markeredgewidth=3)
    ax.axhline(0, color="black", linewidth=0.8)
