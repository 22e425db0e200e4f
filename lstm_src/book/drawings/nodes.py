"""The drawing of the two nodes that change places: a copy, and an addition, forward and backward.

Where values fork, their cotangents merge, and where values merge, their cotangents fork.
"""

from lstm_src.book.drawings.lines import RADIUS, arrow, box, fork, plus
from lstm_src.book.style import INK

NODES = {
    "copy": {
        True: ("$v$", "$w_1=v$", "$w_2=v$"),
        False: (r"$\bar{w}_1+\bar{w}_2$", r"$\bar{w}_1$", r"$\bar{w}_2$"),
    },
    "add": {
        True: ("$v_1+v_2$", "$v_1$", "$v_2$"),
        False: (r"$\bar{w}$", r"$\bar{w}$", r"$\bar{w}$"),
    },
}
"""For each node, forward and backward, what stands at its stem and at its two branches."""

WIDTH, BRANCHES = 187, (23, -23)
"""The width of a drawing, and the heights of the two branches. The stem is at 0."""

SIZES = {"stem": (68, 25), "branch": (58, 25)}
"""Width and height of the boxes."""

PLACES = {"stem": 36, "junction": 97, "branch": 156}
"""How far in each part is from the side of the stem: the left of a copy, the right of a sum."""


def place(node, part, height=0):
    """Return where a part of a node stands."""
    along = PLACES[part]
    return (along if node == "copy" else WIDTH - along), height


def draw_node(ax, node, forward):
    """Draw a node as it computes values, or as it pulls cotangents back along the same lines.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 2.6 by 1.1 inches; their limits are set and their frame is hidden.
    node : {"copy", "add"}
        Which one.
    forward : bool
        Whether to draw the values, from left to right, or the cotangents, from right to left.
    """
    stem, *branches = NODES[node][forward]
    spread = (node == "copy") == forward  # from the stem to the branches
    junction, right = place(node, "junction"), 1 if node == "copy" else -1
    box(ax, place(node, "stem"), *SIZES["stem"], stem)
    into = edge(node, "stem", right), junction
    arrow(ax, into, INK, backward=not spread, trims=(0, RADIUS))
    for height, label in zip(BRANCHES, branches, strict=True):
        box(ax, place(node, "branch", height), *SIZES["branch"], label)
        out = junction, edge(node, "branch", -right, height)
        arrow(ax, out, INK, backward=not spread, trims=(RADIUS, 0))
    (fork if spread else plus)(ax, junction)
    ax.set(xlim=(0, WIDTH), ylim=(-38, 38), aspect="equal")
    ax.axis("off")


def edge(node, part, side, height=0):
    """Return the middle of a side of a box: 1 for its right one, -1 for its left one."""
    x, y = place(node, part, height)
    return x + side * SIZES[part][0] / 2, y
