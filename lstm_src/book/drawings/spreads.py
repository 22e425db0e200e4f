"""Distributions under each other: a tick for every draw, a line for most of them, their median."""

import numpy as np
from matplotlib.ticker import NullFormatter

from lstm_src.book.drawings.lines import SMALL
from lstm_src.book.style import COLOURS, INK

MOST = 0.05, 0.95
"""Between these quantiles a line is drawn."""

MARKS = "osD^"
"""Marks of the medians, one for each row of a group; they tell rows apart without their colour."""


def draw_spreads(ax, groups, names=True):
    """Draw a row for each distribution, in groups.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its ticks along the second axis are set; the first is logarithmic.
    groups : dict of str to dict of str to ndarray
        Positive numbers by the names of group and row.
    names : bool, optional
        Whether the rows are named: in the first of several axes that stand side by side.
    """
    place, ticks, labels = 0.0, [], []
    for group, rows in groups.items():
        ax.text(
            *(0.02, place + 0.75),
            group,
            transform=ax.get_yaxis_transform(),
            fontsize=SMALL,
            va="center",
            color=INK,
        )
        for (name, values), colour, mark in zip(
            rows.items(), COLOURS.values(), MARKS, strict=False
        ):
            low, high = np.quantile(values, MOST)
            flat = np.full(len(values), place)
            ax.plot(values, flat, "|", color=colour, ms=9, mew=0.5, alpha=0.5)
            ax.plot([low, high], [place, place], color=colour, lw=2)
            ax.plot(np.median(values), place, mark, color=colour, ms=7, mec="white", mew=0.8)
            ticks.append(place)
            labels.append(name)
            place -= 1
        place -= 1.1
    ax.set_yticks(ticks, labels if names else [""] * len(labels), fontsize=SMALL)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.set_ylim(place + 1.5, 1.3)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
