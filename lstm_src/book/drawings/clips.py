"""The drawing of a gradient that a factor lengthens, and of what two clips leave of it."""

import numpy as np
from matplotlib.patches import Circle, Rectangle

from lstm_src.book.drawings.lines import SMALL, write
from lstm_src.book.style import COLOURS, INK, RAIL_COLOURS, UNLIT
from lstm_src.training.clipping import clip_by_norm, clip_by_value

GRADIENT = np.array([0.62, 0.33])
"""Two entries of a gradient, in bounds; its length is below 1."""

FACTORS = 1, 2, 3, 4
"""What it is multiplied by."""


WARM = RAIL_COLOURS["h"]


def clipped_at(factors):
    """Return the gradient times each factor, and what either clip to 1 makes of that.

    Parameters
    ----------
    factors : sequence of float

    Returns
    -------
    dict of str to ndarray, shape (K, 2)
        "linear", "by norm" and "by value".
    """
    linear = [factor * GRADIENT for factor in factors]
    return {
        "linear": np.array(linear),
        "by norm": np.array([clip_by_norm([g], 1.0)[0] for g in linear]),
        "by value": np.array([clip_by_value([g], 1.0)[0] for g in linear]),
    }


def draw_clips(ax):
    """Draw two entries of a gradient times 1 to 4: as they are, and after either clip.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 3 inches; their limits are set and their frame is hidden.
    """
    found, along = clipped_at(FACTORS), clipped_at(np.linspace(0, FACTORS[-1], 301))
    ax.add_patch(Rectangle((-1, -1), 2, 2, fc="none", ec=UNLIT, lw=1.2, ls="--"))
    ax.add_patch(Circle((0, 0), 1, fc="none", ec=UNLIT, lw=1.2))
    for end in ((2.6, 0), (0, 1.4)):
        ax.annotate("", end, (0, 0), arrowprops={"arrowstyle": "->", "color": INK, "lw": 1})
    ax.plot(*along["linear"].T, ":", color=INK, lw=1.6)
    ax.plot(*along["by value"].T, "-", color=WARM, lw=2)
    ax.plot(*along["by norm"].T, "-", color=COLOURS["blue"], lw=3.5)
    look = {"ls": "none", "zorder": 5}
    ax.plot(*found["linear"].T, "o", mfc="white", mec=INK, ms=8, **look)
    ax.plot(*found["by value"][1:].T, "s", color=WARM, ms=7, **look)
    ax.plot(*found["by norm"][1:].T, "o", color=COLOURS["blue"], ms=8, **look)
    for factor, (x, y) in zip(FACTORS, found["linear"], strict=True):
        write(ax, (x + 0.04, y - 0.13), f"× {factor}", size=SMALL, ha="left")
    write(ax, (x - 0.12, y + 0.06), "linear", size=SMALL, ha="right")
    write(ax, (1.05, 1.12), "by value", size=SMALL, colour=WARM, ha="left")
    write(ax, (0.8, 0.58), "by norm", size=SMALL, colour=COLOURS["blue"], ha="right")
    write(ax, (2.6, -0.12), "one entry", size=SMALL, ha="right")
    write(ax, (0.05, 1.36), "another entry", size=SMALL, ha="left")
    write(ax, (0.93, -0.12), "bound", size=SMALL, ha="right")
    ax.set(xlim=(-0.05, 2.75), ylim=(-0.22, 1.48), aspect="equal", xticks=[], yticks=[])
    ax.axis("off")
