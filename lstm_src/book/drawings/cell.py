"""The drawing of one LSTM cell. Its colours are the first two of the style in force."""

from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

CELL, HIDDEN, PLAIN = "C0", "C1", "#444444"

BOXES = {"$f$\nσ": 2.3, "$i$\nσ": 3.9, "$g$\ntanh": 5.3, "$o$\nσ": 7.0}
"""The four gates and what each applies to its pre-activation, by their place along the step."""

GATE_ROW, PRODUCT_ROW, CELL_ROW, BUS = 2.4, 4.6, 6.6, 1.0

PRODUCTS = {"keep": (2.3, CELL_ROW), "write": (4.6, PRODUCT_ROW), "show": (8.5, PRODUCT_ROW)}
"""The three products of a gate and a value, by what they do."""

ENDS = {
    "$c_{t-1}$": (0.4, CELL_ROW),
    "$h_{t-1}$": (0.4, BUS),
    "$x_t$": (1.3, 0.1),
    "$c_t$": (10.4, CELL_ROW),
    "$h_t$": (10.4, PRODUCT_ROW),
}
"""What enters at the left and below, and what leaves at the right."""

ARROWS = (
    (CELL, (0.9, CELL_ROW), (2.05, CELL_ROW)),
    (CELL, (2.55, CELL_ROW), (4.35, CELL_ROW)),
    (CELL, (4.85, CELL_ROW), (9.95, CELL_ROW)),
    (CELL, (8.5, CELL_ROW), (8.5, 6.05)),
    (CELL, (8.5, 5.35), (8.5, 4.85)),
    (HIDDEN, (0.95, BUS), (7.0, BUS), (7.0, 1.85)),
    (HIDDEN, (5.3, BUS), (5.3, 1.85)),
    (HIDDEN, (3.9, BUS), (3.9, 1.85)),
    (HIDDEN, (2.3, BUS), (2.3, 1.85)),
    (HIDDEN, (1.3, 0.4), (1.3, BUS)),
    (HIDDEN, (8.75, PRODUCT_ROW), (9.95, PRODUCT_ROW)),
    (PLAIN, (2.3, 2.95), (2.3, 6.35)),
    (PLAIN, (3.9, 2.95), (3.9, PRODUCT_ROW), (4.35, PRODUCT_ROW)),
    (PLAIN, (5.3, 2.95), (5.3, PRODUCT_ROW), (4.85, PRODUCT_ROW)),
    (PLAIN, (4.6, 4.85), (4.6, 6.35)),
    (PLAIN, (7.0, 2.95), (7.0, PRODUCT_ROW), (8.25, PRODUCT_ROW)),
)
"""The way of every value, as a colour and the corners that it passes."""


def draw_cell(ax):
    """Draw the LSTM cell of the page on notation, from left to right.

    The cell state runs along the top. Below it the four gates stand in a row over the line that
    brings them the hidden state and the input. Circles with × are the three products of a gate and
    a value, with the word for what each does beside it; the circle with + is the sum.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 3.7 inches; their limits are set and their frame is hidden.
    """
    for colour, *corners in ARROWS:
        ax.add_patch(
            FancyArrowPatch(
                path=Path(corners), arrowstyle="-|>", mutation_scale=13, lw=1.8, color=colour
            )
        )
    for label, x in BOXES.items():
        _box(ax, label, (x, GATE_ROW), 0.5)
    _box(ax, "tanh", (8.5, 5.7), 0.3)
    for place in PRODUCTS.values():
        _circle(ax, "×", place)
    _circle(ax, "+", (4.6, CELL_ROW))
    for word, (x, y) in PRODUCTS.items():
        ax.text(x + 0.22, y + 0.36, word, style="italic", fontsize=12)
    for name, (x, y) in ENDS.items():
        ax.text(x, y, name, ha="center", va="center", fontsize=15)
    ax.set(xlim=(0, 10.8), ylim=(-0.3, 7.4), aspect="equal")
    ax.axis("off")


def _box(ax, label, centre, half_height):
    x, y = centre
    corner, size = (x - 0.52, y - half_height), (1.04, 2 * half_height)
    frame = FancyBboxPatch(corner, *size, "round,pad=0,rounding_size=0.12", fc="#eeeeee", ec=PLAIN)
    ax.add_patch(frame)
    ax.text(x, y, label, ha="center", va="center", fontsize=12, linespacing=1.1)


def _circle(ax, sign, centre):
    ax.add_patch(Circle(centre, 0.25, fc="white", ec=PLAIN, lw=1.5))
    ax.text(*centre, sign, ha="center", va="center_baseline", fontsize=13)
