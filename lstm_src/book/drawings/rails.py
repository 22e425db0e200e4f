"""The drawing of the whole backward pass, and of the forward pass, as two rails through the steps.

The uses are those of `lstm_src.book.drawings.uses`; here is where each value stands.
"""

from lstm_src.book.drawings.lines import RADIUS, SMALL, arrow, box, disc, fork, plus, write
from lstm_src.book.drawings.uses import PARTS, is_carried, merges, uses_through
from lstm_src.book.style import INK, RAIL_COLOURS
from lstm_src.structures import GATES

STEPS = (1, 2, 3)

WIDTH, APART, LEFT = 86, 119, 34
"""The width of a step's box, how far apart the boxes begin, and where the first one does."""

HIDDEN, CELL, LOSS = 112, 26, 174
"""The heights of the two rails and of the loss terms."""

GATE_HEIGHTS = {"o": HIDDEN, "g": 89, "i": 67, "f": 46}

ENDS = {0: 3, 4: LEFT + 3 * APART - 6}
"""Where the rails end."""


def place(value):
    """Return where a value stands."""
    name, t = value
    start = LEFT + APART * (t - 1)
    if name in GATES:
        return start + WIDTH / 2, GATE_HEIGHTS[name]
    x = ENDS.get(t, start + (14 if name == "row" else WIDTH - 14))
    return x, {"c": CELL, "loss": LOSS}.get(name, HIDDEN)


def draw_rails(ax, lit=None, forward=False):
    """Draw three steps of an LSTM with the rail of h along the top and that of c below.

    Forward, values go from left to right, and a dot is where one of them is read several times.
    Backward, cotangents go from right to left along the same lines, u_t enters from each loss term,
    p_t and q_t pass between the steps, and a plus is where lines merge in a sum.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 3.1 inches; their limits are set and their frame is hidden.
    lit : str, optional
        One of `lstm_src.book.drawings.uses.PARTS`: the rest is grey. Without it nothing is.
    forward : bool, optional
        Whether to draw the values instead of the cotangents.
    """
    uses = uses_through(STEPS)
    shown = uses if lit is None else PARTS[lit](uses)
    lights = {value for use in shown for value in use[:2]}
    for t in STEPS:
        middle = LEFT + APART * (t - 1) + WIDTH / 2
        box(ax, (middle, (HIDDEN + CELL) / 2), WIDTH, HIDDEN - CELL + 36)
        write(ax, (middle, CELL - 28), f"step {t}", size=SMALL)
        box(ax, place(("loss", t)), 26, 21, rf"$\ell_{t}$", ("loss", t) in lights)
    for use in uses:
        _use(ax, use, use in shown, forward)
    for value in sorted(merges(uses)):
        (fork if forward else plus)(ax, place(value), value in lights)
    for gate in GATES:
        for t in STEPS:
            disc(ax, place((gate, t)), f"${gate}$", (gate, t) in lights)
    for name, height in (("h", HIDDEN), ("c", CELL)):
        write(ax, (-8, height), f"${name}$", colour=RAIL_COLOURS[name])
        write(ax, (ENDS[4] + 8, height), "⋯", size=SMALL)
    ax.set(xlim=(-14, ENDS[4] + 14), ylim=(-12, LOSS + 12), aspect="equal")
    ax.axis("off")


def _use(ax, use, lit, forward):
    (name, t), (reader, _) = use[:2]
    start, end = place(use.start), place(use.end)
    kind = name if is_carried(use) else reader
    colour = RAIL_COLOURS[kind] if is_carried(use) or reader == "loss" else INK
    trims = 0 if t in ENDS else RADIUS, 0 if use.end[1] in ENDS else RADIUS
    if reader == "loss":
        trims = RADIUS, 10.5
    arrow(ax, (start, end), colour, lit=lit, backward=not forward, trims=trims)
    if reader == "loss" and not forward:
        write(ax, (start[0] - 13, LOSS - 24), f"$u_{t}$", lit=lit, colour=colour)
    if is_carried(use):
        label = name if forward else {"h": "p", "c": "q"}[name]
        gap = LEFT + APART * t - (APART - WIDTH) / 2 if t else LEFT / 2
        write(ax, (gap, start[1] + 12), f"${label}_{t}$", lit=lit, colour=colour)
