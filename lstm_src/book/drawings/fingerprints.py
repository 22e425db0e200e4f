"""The drawing of how often the factor is on which share of a gradient's terms."""

import numpy as np

from lstm_src.book.style import UNLIT, field_colours

WORDS = 12
"""The size of what is written. On a phone a point is a little less than a pixel."""

COLOURS = field_colours("Oranges", 0, 0.46)
"""Colours on which words can be read."""


def draw_fingerprints(ax, shares):
    """Draw a strip of fields for each backward pass, with a field for each power of s.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 6 inches.
    shares : dict of str to ndarray
        For each backward pass by its title, the share of each power, from 0 on. The titles stand
        above the strips; a line is drawn below the first.
    """
    powers = np.arange(len(next(iter(shares.values()))) + 1) - 0.5
    for row, (title, strip) in enumerate(shares.items()):
        heights = [row + 0.44, row + 0.9]
        root = strip[None] ** 0.5
        ax.pcolormesh(powers, heights, root, cmap=COLOURS, vmin=0, vmax=1, ec=UNLIT, lw=0.8)
        ax.text(-0.5, row + 0.26, title, va="center", fontsize=WORDS)
        for power, share in enumerate(strip):
            if share:
                label = f"{share:.0%}" if share >= 0.005 else "<1%"
                ax.text(power, row + 0.68, label, ha="center", va="center", fontsize=WORDS)
    ax.axhline(1, color="black", linewidth=1)
    ax.set(xlim=(powers[0], powers[-1]), ylim=(len(shares), 0), yticks=[])
    ax.set_xticks(range(len(powers) - 1))
    ax.set_xlabel("power of $s$", fontsize=WORDS)
    ax.tick_params(length=0, labelsize=WORDS)
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
