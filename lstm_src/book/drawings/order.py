"""The drawing of a training step from top to bottom: how far down a factor may stand."""

from dataclasses import dataclass

from matplotlib.patches import Rectangle

from lstm_src.book.drawings.lines import RADIUS, SMALL, arrow, box, plus, write
from lstm_src.book.style import INK, RAIL_COLOURS


@dataclass(frozen=True)
class Operation:
    """What a step does, and whether a common factor before it is the same factor after it."""

    text: str
    commutes: bool


OPERATIONS = {
    "backward": Operation("backward pass", commutes=True),
    "add": Operation("add windows, micro-batches", commutes=True),
    "all-reduce": Operation("all-reduce over workers", commutes=True),
    "unscale": Operation("unscale: ÷ loss scale", commutes=True),
    "clip": Operation("clip by the global norm", commutes=False),
    "decay": Operation("decay the weights", commutes=False),
    "step": Operation("Adam's step", commutes=False),
}
"""In their order, below the sum of the two losses."""

LOSSES = {"cross-entropies": r"$\times\ 1/N$", "penalties": r"$\times\ \alpha/M$"}
"""The two sums, and the factor of each."""

SAID = {
    "differ": "Factors that\ndiffer: each\nabove the plus",
    "common": "One common\nfactor, such as\nW: above or\nbelow any of\nthese",
    "none": "No factor may\nmove past these:\nall are done\nabove",
}
"""What stands beside the three parts."""

LEFT, WIDTH, HEIGHT, APART, SIDE = 4, 226, 26, 42, 246
"""The boxes: their left side, width, height and distance; and where the brackets stand."""

MIDDLE, TOP, SUM = LEFT + WIDTH / 2, 0, -66


def height(name):
    """Return the height of an operation's middle."""
    return SUM - 40 - APART * list(OPERATIONS).index(name)


def draw_order(ax):
    """Draw the two losses, their sum, and below it what a step does until the weights moved.

    Boxes with thin edges commute with a common factor. Those with thick edges do not.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 5.6 inches; their limits are set and their frame is hidden.
    """
    junction = (MIDDLE, SUM)
    half = (WIDTH - 8) / 2
    for k, (name, factor) in enumerate(LOSSES.items()):
        x = LEFT + half / 2 + k * (half + 8)
        box(ax, (x, TOP), half, HEIGHT, name, size=SMALL)
        corners = ((x, TOP - HEIGHT / 2), (x, SUM), junction)
        arrow(ax, corners, RAIL_COLOURS["loss"], trims=(0, RADIUS + 1))
        write(ax, (x + (7 if k else -7), TOP - 36), factor, ha="left" if k else "right")
    plus(ax, junction)
    above = SUM - RADIUS
    for name, operation in OPERATIONS.items():
        y = height(name)
        arrow(ax, ((MIDDLE, above), (MIDDLE, y + HEIGHT / 2)), INK, trims=(0, 0))
        _operation(ax, y, operation)
        above = y - HEIGHT / 2
    first, last = (
        [height(name) for name, o in OPERATIONS.items() if o.commutes == which][end]
        for which, end in ((True, -1), (False, -1))
    )
    turn = (first + first - APART) / 2
    for key, high, low in (
        ("differ", TOP + HEIGHT / 2, SUM + 3),
        ("common", SUM - 3, turn + 3),
        ("none", turn - 3, last - HEIGHT / 2),
    ):
        _bracket(ax, high, low)
        write(ax, (SIDE + 12, (high + low) / 2), SAID[key], size=SMALL, ha="left")
    ax.plot([0, SIDE + 6], [turn, turn], "--", color=INK, lw=1.2, zorder=0)
    ax.set(xlim=(0, 372), ylim=(last - HEIGHT / 2 - 6, TOP + HEIGHT / 2 + 6), aspect="equal")
    ax.axis("off")


def _operation(ax, y, operation):
    box(ax, (MIDDLE, y), WIDTH, HEIGHT, operation.text, size=SMALL)
    if not operation.commutes:
        corner = (LEFT, y - HEIGHT / 2)
        ax.add_patch(Rectangle(corner, WIDTH, HEIGHT, fill=False, ec=INK, lw=2.6, zorder=2))


def _bracket(ax, high, low):
    ax.plot([SIDE, SIDE + 6, SIDE + 6, SIDE], [high, high, low, low], color=INK, lw=1.4)
