"""The drawing of what a reverse direction reads: the padding first, or each sequence by itself."""

from matplotlib.patches import Rectangle

from lstm_src.book.drawings.lines import SMALL, arrow, write
from lstm_src.book.style import COLOURS, INK, UNLIT, UNLIT_TEXT

LENGTHS = (3, 6)
"""Tokens of the two sequences that are drawn."""

SIDE, LEFT, ROWS = 26, 128, (62, 30)
"""The width of a place, where the first one begins, and the heights of the two sequences."""

READINGS = {
    "forwards": lambda t, length, steps: t,
    "reversed as a whole": lambda t, length, steps: steps - 1 - t,
    "each reversed by itself": lambda t, length, steps: length - 1 - t if t < length else t,
}
"""Which step of a padded sequence is read at step t, by what the reading is called."""


def read_at(reading, t, length, steps):
    """Return the number of the token that is read at step t, from 1, or None for padding."""
    token = READINGS[reading](t, length, steps)
    return token + 1 if token < length else None


def draw_reading(ax):
    """Draw what is read of two padded sequences, step by step, in three ways.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 3.6 inches; their limits are set and their frame is hidden.
    """
    steps = max(LENGTHS)
    for k, reading in enumerate(READINGS):
        base = 90 * (len(READINGS) - 1 - k)
        lines = reading.replace(" by itself", "\nby itself").replace(" as a", "\nas a")
        write(ax, (0, base + sum(ROWS) / 2), lines, size=SMALL, ha="left")
        for length, height in zip(LENGTHS, ROWS, strict=True):
            for t in range(steps):
                _place(ax, t, base + height, read_at(reading, t, length, steps))
    ends = (LEFT - SIDE / 2, -6), (LEFT + SIDE * (steps - 0.4), -6)
    arrow(ax, ends, INK, trims=(0, 0))
    write(ax, (LEFT + SIDE * (steps - 0.1), -6), "time", size=SMALL, ha="left")
    ax.set(
        xlim=(-6, LEFT + SIDE * steps + 34), ylim=(-18, 262), aspect="equal", xticks=[], yticks=[]
    )
    ax.axis("off")


def _place(ax, t, height, token):
    x, blue = LEFT + SIDE * t, COLOURS["blue"]
    look = {"fc": "none", "ec": UNLIT, "ls": ":"} if token is None else {"fc": "none", "ec": blue}
    ax.add_patch(Rectangle((x - 11, height - 11), 22, 22, lw=1.4, **look))
    write(
        ax,
        (x, height),
        "·" if token is None else str(token),
        size=SMALL,
        colour=UNLIT_TEXT if token is None else blue,
    )
