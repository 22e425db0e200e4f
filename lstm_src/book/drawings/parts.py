"""The drawing of two parts of a batch, divided each by its own count or once by that of both.

A square is a token, and its area the weight of the token's loss term.
"""

import numpy as np
from matplotlib.patches import Rectangle

from lstm_src.book.drawings.lines import SMALL, arrow, box, plus, write
from lstm_src.book.style import INK, RAIL_COLOURS

WAYS = {
    "each": "Each part its own mean, then the mean of the two",
    "once": "Add the sums and the counts, divide once",
}
"""The two ways, with what stands above them."""

LARGEST, GAP, PAD, MARGIN = 19, 2.4, 8, 6
"""The side of the heaviest square, the gaps between two, around those in a box, beside boxes."""

WIDTH, SQUARES, SUM, TITLE = 372, 74, 22, 104
"""The width of the drawing, and the heights of the squares, the plus and the words above."""


def weights_of(way, counts):
    """Return the weight of a token of each part."""
    if way == "once":
        return np.full(len(counts), 1 / sum(counts))
    return np.array([1 / (len(counts) * count) for count in counts])


def draw_parts(ax, way, counts=(3, 17)):
    """Draw the tokens of two parts, and where what they add to the gradient is divided.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 1.7 inches; their limits are set and their frame is hidden.
    way : {"each", "once"}
        One of `WAYS`.
    counts : pair of int
        The tokens of the parts.
    """
    sides = LARGEST * np.sqrt(weights_of(way, counts) / weights_of("each", counts).max())
    widths = [n * side + (n - 1) * GAP + 2 * PAD for n, side in zip(counts, sides, strict=True)]
    lefts, junction = (MARGIN, WIDTH - MARGIN - widths[1]), (WIDTH / 2, SUM)
    write(ax, (MARGIN, TITLE), WAYS[way], size=SMALL, ha="left", weight="bold")
    for count, side, width, left in zip(counts, sides, widths, lefts, strict=True):
        middle = left + width / 2
        box(ax, (middle, SQUARES), width, LARGEST + PAD)
        for k in range(count):
            corner = left + PAD + k * (side + GAP), SQUARES - side / 2
            ax.add_patch(Rectangle(corner, side, side, color=RAIL_COLOURS["loss"], lw=0, zorder=2))
        foot = (middle, SQUARES - (LARGEST + PAD) / 2)
        arrow(ax, (foot, (middle, SUM), junction), INK, trims=(0, 9))
        label = f"÷ {count}" if way == "each" else f"a sum of {count}"
        write(ax, (middle + 7, SUM + 17), label, size=SMALL, ha="left")
    plus(ax, junction)
    arrow(ax, (junction, (WIDTH / 2, SUM - 28)), INK, trims=(9, 0))
    total = len(counts) if way == "each" else sum(counts)
    write(ax, (WIDTH / 2 + 8, SUM - 19), f"÷ {total}", size=SMALL, ha="left")
    ax.set(xlim=(0, WIDTH), ylim=(SUM - 32, TITLE + 12), aspect="equal")
    ax.axis("off")
