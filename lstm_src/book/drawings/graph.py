"""The drawing of the backward pass as a graph: its cotangents, its arrows, and one way through it.

The arrows are those of `lstm_src.proof.ways`, with one sequence, one input, one unit, and the gates
as one value.
"""

from lstm_src.book.drawings.lines import RADIUS, SMALL, arrow, box, write
from lstm_src.book.style import INK, RAIL_COLOURS
from lstm_src.proof import backward_symbols, lstm_arrows

STEPS = 3
APART = 112
"""How far apart the steps are."""

HEIGHTS = {"u": 192, "h": 140, "z": 92, "c": 44, "W": -12}
SHIFTS = {"z": -50}
LETTERS = {"h": r"\bar h", "c": r"\bar c", "z": r"\bar z", "u": "u"}

ONE_WAY = (
    (("u", 3), ("h", 3), "$u_3$"),
    (("h", 3), ("c", 3), r"$h'^{\,c}_3$"),
    (("c", 3), ("c", 2), r"$c'^{\,c}_3$"),
    (("c", 2), ("z", 2), r"$c'^{\,f}_2$"),
    (("z", 2), ("h", 1), "$W_h^f$"),
    (("h", 1), ("z", 1), r"$h'^{\,o}_1$"),
    (("z", 1), ("W",), "$x_1$"),
)
"""A way from the loss's last step to the weights: its arrows, and the factors that it takes on."""

ASIDE = {
    ("u", 3): (-14, 3),
    ("h", 3): (16, 4),
    ("c", 3): (-8, -14),
    ("c", 2): (12, 8),
    ("z", 2): (4, 16),
    ("h", 1): (-14, 10),
    ("z", 1): (-14, -10),
}
"""How far beside the middle of its arrow the factor stands, by the arrow's start."""


def drawn_arrows():
    """Return the arrows as pairs of the values that they join, each once, without the inputs'."""
    found = {}
    for start, end, _ in lstm_arrows(*backward_symbols(STEPS, 1, 1, 1)):
        if end[0] != "x":
            found[_merged(start), _merged(end)] = None
    return tuple(found)


def _merged(value):
    """Return a value as it is drawn: without sequence, unit and gate."""
    name = value[0]
    if name.startswith("params"):
        return ("W",)
    if name.startswith("state"):
        return name[-1], 0
    return (name, STEPS) if "^" in name else value[:2]


def place(value):
    """Return where a value stands."""
    name, t = (*value, (STEPS + 1) / 2)[:2]
    if "^" in name:
        return APART * t + 58, HEIGHTS[name[-1]]
    return APART * t + SHIFTS.get(name, 0) + (18 if t == 0 else 0), HEIGHTS[name]


def draw_graph(ax, lit=True):
    """Draw three steps of the backward pass as a graph, from right to left, with one way lit.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 3.3 inches; their limits are set and their frame is hidden.
    lit : bool, optional
        Whether the arrows of `ONE_WAY` are lit, with their factors. Else all are alike.
    """
    way = {(start, end): factor for start, end, factor in ONE_WAY if lit}
    reached = {value for pair in way for value in pair}
    arrows = drawn_arrows()
    for start, end in arrows:
        bright = not lit or (start, end) in way
        trims = 10 if start[0][0] == "u" else RADIUS + 3, 12 if end == ("W",) else RADIUS + 3
        colour = RAIL_COLOURS["h"] if lit and bright else INK
        arrow(ax, (place(start), place(end)), colour, lit=bright, trims=trims)
        if (start, end) in way:
            middle = [sum(pair) / 2 for pair in zip(place(start), place(end), strict=True)]
            at = [sum(pair) for pair in zip(middle, ASIDE[start], strict=True)]
            write(ax, at, way[start, end], size=SMALL, colour=colour)
    for value in dict.fromkeys(value for pair in arrows for value in pair):
        _value(ax, value, not lit or value in reached)
    ax.set(xlim=(2, APART * STEPS + 74), ylim=(-28, HEIGHTS["u"] + 14), aspect="equal")
    ax.axis("off")


def _value(ax, value, bright):
    name, t = (*value, "")[:2]
    if name == "W":
        box(ax, place(value), 30, 22, r"$\bar W$", bright)
    else:
        letter = f"u^{name[-1]}" if "^" in name else f"{LETTERS[name]}_{t}"
        write(ax, place(value), f"${letter}$", lit=bright)
