"""The drawing of one step twice: as it computes values, and as it pulls cotangents back.

The uses are those of `lstm_src.book.drawings.uses`; here is where each value stands, what it is
called on either side, and what is written on the way back.
"""

import numpy as np

from lstm_src.book.drawings.lines import RADIUS, SMALL, arrow, box, fork, plus, write
from lstm_src.book.drawings.uses import is_carried, merges, uses_through
from lstm_src.book.style import INK, RAIL_COLOURS
from lstm_src.structures import GATES, SLOPES

T = 1
"""The step that is drawn. Its name in the drawing is t."""

HIDDEN, CELL = 168, 14

PLACES = {
    ("h", T - 1): (24, HIDDEN),
    ("x", T): (24, 118),
    ("c", T - 1): (24, CELL),
    ("row", T): (74, 143),
    ("o", T): (168, HIDDEN),
    ("g", T): (168, 130),
    ("i", T): (168, 94),
    ("f", T): (168, 58),
    ("h", T): (324, HIDDEN),
    ("c", T): (324, CELL),
    ("loss", T): (324, 218),
    ("row", T + 1): (370, HIDDEN),
    ("c", T + 1): (370, CELL),
}
"""The middle of each value."""

VALUES = {
    ("h", T - 1): "$h_{t-1}$",
    ("x", T): "$x_t$",
    ("c", T - 1): "$c_{t-1}$",
    ("o", T): r"$o_t=\sigma(z_t^o)$",
    ("g", T): r"$g_t=\tanh\,z_t^g$",
    ("i", T): r"$i_t=\sigma(z_t^i)$",
    ("f", T): r"$f_t=\sigma(z_t^f)$",
}

COTANGENTS = {
    ("h", T - 1): "$p_{t-1}$",
    ("x", T): r"$\bar{x}_t$",
    ("c", T - 1): "$q_{t-1}$",
    **{(gate, T): rf"$\bar{{z}}_t^{{\,{gate}}}$" for gate in GATES},
}


def slope_label(name):
    """Return how a slope on the tape is written, from its name in the code."""
    moved, by = name.removeprefix("d").split("_d", 1)
    return f"${moved}_t^{{\\prime\\,{by[-1] if by[0] == 'z' else by[0]}}}$"


SUMS = {
    ("h", T): (r"$h_t=o_t\,\tanh\,c_t$", r"$\bar{h}_t=u_t+p_t$"),
    ("c", T): (
        r"$c_t=f_t\,c_{t-1}+i_t\,g_t$",
        r"$\bar{c}_t=q_t+\bar{h}_t\,h_t^{\prime\,c}$",
    ),
}
"""What the two states after the step are, forward and backward."""

WORDS = {"f": "keep", "i": "write", "g": "write", "o": "show"}
"""What a gate does, on its way forward."""

GATE, STATE = (106, 26), (46, 26)
"""Width and height of the boxes."""


def draw_step(ax, forward):
    """Draw the step: forward from left to right, or backward along the same lines.

    The hidden state runs along the top and the cell state along the bottom, the gates stand between
    them. Where a value has several readers the forward drawing has a dot, the backward drawing a
    plus. On the way back from the two states stand the slopes that the tape holds.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 3.1 inches; their limits are set and their frame is hidden.
    forward : bool
        Which of the two to draw.
    """
    uses = uses_through([T], x=True)
    for use in uses:
        _use(ax, use, forward)
    for value in sorted(merges(uses)):
        (fork if forward else plus)(ax, PLACES[value])
    for value, label in (VALUES if forward else COTANGENTS).items():
        box(ax, PLACES[value], *(GATE if value[0] in GATES else STATE), label)
    (x, top), (_, low) = PLACES["h", T], PLACES["c", T]
    for value, place in ((("h", T), (x - 26, top + 25)), (("c", T), (x - 12, low - 20))):
        write(ax, place, SUMS[value][not forward], ha="right")
    if not forward:
        write(
            ax,
            (3, 64),
            "each times\nits $W_h^{\\,\\mathsf{T}}$, $W_x^{\\,\\mathsf{T}}$",
            size=SMALL,
            ha="left",
        )
    ax.set(xlim=(-2, 390), ylim=(-30, 218), aspect="equal")
    ax.axis("off")


def _use(ax, use, forward):
    (name, _), (reader, _) = use[:2]
    start, end = PLACES[use.start], PLACES[use.end]
    colour = (
        RAIL_COLOURS[reader if reader == "loss" else name]
        if is_carried(use) or reader == "loss"
        else INK
    )
    corners = [_port(use.start, end), _port(use.end, start)]
    arrow(ax, corners, colour, backward=not forward, trims=(0, 0))
    outside = {("loss", T): (-13, -10), ("row", T + 1): (12, 0), ("c", T + 1): (12, 0)}
    if use.end in outside:
        label = {"loss": "u", "row": "p", "c": "q"}[reader]
        label = {"loss": r"\ell", "row": "h", "c": "c"}[reader] if forward else label
        write(ax, end + np.array(outside[use.end]), f"${label}_t$", colour=colour)
    elif use.factor in SLOPES and not forward:
        _on(ax, use, slope_label(use.factor))
    elif forward and name in WORDS:
        _on(ax, use, WORDS[name], size=SMALL, style="italic")


def _port(value, toward):
    """Return where a line to or from a place meets the value."""
    middle, name = np.array(PLACES[value], float), value[0]
    if value[1] > T or name == "loss":
        return middle
    along = np.subtract(toward, middle)
    if name in ("row", *"hc") and value[1] == T:
        return middle + RADIUS * along / np.hypot(*along)
    width, height = GATE if name in GATES else STATE
    side = np.sign(along[0])
    return middle + np.array([side * width / 2, np.clip(along[1] * 0.12, -height / 3, height / 3)])


def _on(ax, use, label, **look):
    start, end = _port(use.start, PLACES[use.end]), _port(use.end, PLACES[use.start])
    along = 0.3 if use.end == ("c", T) and use.start[0] in GATES else 0.5
    text = write(ax, start + along * (end - start), label, **look)
    text.set_bbox({"fc": "white", "ec": "none", "pad": 1.5})
