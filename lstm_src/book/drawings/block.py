"""The drawing of what `lstm_src.lstm.forward` keeps of one step: six arrays next to each other.

Lengths are in points. Colours are those of the style in force.
"""

import numpy as np
from matplotlib.patches import Circle

from lstm_src.book.drawings.lines import SMALL, box, write
from lstm_src.book.style import INK, RAIL_COLOURS

ARRAYS = ("$c_{t-1}$", "$g_t$", "$f_t$", "$i_t$", "$o_t$", r"$\tanh\,c_t$")
"""The six arrays in their order."""

PRODUCTS = {
    (0, 2): ("keep: $f_t\\,c_{t-1}$", "c"),
    (1, 3): ("write: $i_t\\,g_t$", "c"),
    (4, 5): ("show: $h_t$", "h"),
}
"""The two arrays of each gated product, what it is, and the state that it goes into."""

VIEWS = {"z": (1, 2, 3, 4), "gates": (2, 3, 4), "tanhs": (1, 5)}
"""Arrays that the code takes together, by the name that it gives them."""

APART, WIDTH, HEIGHT = 52, 47, 27
"""How far apart the boxes' middles are, and the size of a box."""

REACH = 20
"""How far from the boxes the line that joins two of them runs."""

VIEW_ROWS = (-72, -94, -116)


def draw_block(ax):
    """Draw the six arrays of a step, the three products that pair them, and the code's views.

    The two products that add up to c_t are joined by lines of the colour of the cell state's rail,
    one above the boxes and one below them; the third, h_t, has the colour of the hidden state's.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 2.9 inches; their limits are set and their frame is hidden.
    """
    for place, label in enumerate(ARRAYS):
        box(ax, (APART * place, 0), WIDTH, HEIGHT, label, size=SMALL if place == 5 else 14)
    for pair, (label, state) in PRODUCTS.items():
        side = -1 if pair == (1, 3) else 1
        _product(ax, pair, label, RAIL_COLOURS[state], side)
    for (name, places), height in zip(VIEWS.items(), VIEW_ROWS, strict=True):
        write(ax, (-34, height), name, ha="right", size=SMALL, family="monospace")
        for place in places:
            ax.add_patch(Circle((APART * place, height), 5, color=INK))
    ax.set(xlim=(-86, 5 * APART + 30), ylim=(VIEW_ROWS[-1] - 12, 64), aspect="equal")
    ax.axis("off")


def _product(ax, pair, label, colour, side):
    """Join two boxes by a line above them (side 1) or below (-1), with a name."""
    left, right = (APART * place for place in pair)
    near, far = side * HEIGHT / 2, side * (HEIGHT / 2 + REACH)
    ax.plot([left, left, right, right], [near, far, far, near], color=colour, zorder=2)
    middle = np.mean([left, right]), far
    ax.add_patch(Circle(middle, 7.5, fc="white", ec=colour, lw=1.5, zorder=4))
    write(ax, middle, r"$\times$", size=SMALL)
    write(ax, (middle[0], far + side * 17), label, colour=colour, size=SMALL)
