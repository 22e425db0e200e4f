"""The drawing of eight ranks with three axes: which tokens each reads, and what is added up.

Lengths are in points. Colours are those of the style in force.
"""

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from lstm_src.book.drawings.lines import SMALL, write
from lstm_src.book.style import INK

AXES = {"data": 2, "context": 2, "tensor": 2}
"""The axes of the grid, with how many ranks stand along each."""

SHADES = {(0, 0): "#0072B2", (0, 1): "#007555", (1, 0): "#B84C00", (1, 1): "#7B3294"}
"""A colour for each share of the tokens, by the place along data and context."""

SHARES = {
    (0, 0): "seq. 1, 2\nsteps 1–4",
    (0, 1): "seq. 1, 2\nsteps 5–8",
    (1, 0): "seq. 3, 4\nsteps 1–4",
    (1, 1): "seq. 3, 4\nsteps 5–8",
}
"""What is read there."""

WIDTH, HEIGHT, NEAR = 72, 44, 80
"""The size of a rank, and how far apart the two ranks of a share stand."""

COLUMNS, ROWS = (0, 220), (0, -108)
"""Where the shares of the steps and of the sequences begin."""


def place(rank):
    """Return the middle of a rank, by its place along data, context and tensor."""
    data, context, tensor = rank
    return COLUMNS[context] + NEAR * tensor, ROWS[data]


def draw_ranks(ax):
    """Draw the ranks, coloured by what they read, and the all-reduces between them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 3.2 inches; their limits are set and their frame is hidden.
    """
    for share, colour in SHADES.items():
        for tensor in range(AXES["tensor"]):
            _rank(ax, (*share, tensor), colour)
    for tensor in range(AXES["tensor"]):
        for context in range(AXES["context"]):
            ends = [place((data, context, tensor)) for data in range(AXES["data"])]
            _both_ways(ax, *ends, (0, HEIGHT / 2))
    for data in range(AXES["data"]):
        inner = place((data, 0, 1)), place((data, 1, 0))
        _both_ways(ax, *inner, (WIDTH / 2, 0))
        for context in range(AXES["context"]):
            left, right = place((data, context, 0)), place((data, context, 1))
            _bridge(ax, left, right, above=data == 0)
    middle = (COLUMNS[0] + NEAR + COLUMNS[1]) / 2
    write(ax, (middle, ROWS[1] / 2), "add up\ngradients\nand counts", size=SMALL)
    for row in ROWS:
        write(ax, (middle, row + 13), "context", size=SMALL)
    for column in COLUMNS:
        write(ax, (column + NEAR / 2, ROWS[1] / 2), "data", size=SMALL)
        write(ax, (column + NEAR / 2, 52), "tensor: in every step", size=SMALL)
    ax.set(xlim=(-44, COLUMNS[1] + NEAR + 44), ylim=(ROWS[1] - 48, 66), aspect="equal")
    ax.axis("off")


def _rank(ax, rank, colour):
    x, y = place(rank)
    corner, style = (x - WIDTH / 2, y - HEIGHT / 2), "round,pad=0,rounding_size=5"
    ax.add_patch(FancyBboxPatch(corner, WIDTH, HEIGHT, style, fc=colour, ec=INK, lw=1, zorder=2))
    write(ax, (x, y), SHARES[rank[:2]], size=SMALL, colour="white")


def _both_ways(ax, one, other, trim):
    """Draw an arrow with two heads between two ranks."""
    (x, y), (u, v) = one, other
    along = ((u > x) - (u < x), (v > y) - (v < y))
    start = x + along[0] * trim[0], y + along[1] * trim[1]
    end = u - along[0] * trim[0], v - along[1] * trim[1]
    _arrow(ax, start, end, "arc3")


def _bridge(ax, left, right, above):
    """Draw the arrow between the ranks of one share, over them or under them."""
    side = 1 if above else -1
    ends = [(x + shift, y + side * HEIGHT / 2) for (x, y), shift in ((left, 14), (right, -14))]
    _arrow(ax, *ends, f"arc3,rad={-side * 0.45}")


def _arrow(ax, start, end, bend):
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="<|-|>",
            connectionstyle=bend,
            mutation_scale=11,
            shrinkA=1,
            shrinkB=1,
            color=INK,
            lw=1.6,
            zorder=3,
        )
    )
