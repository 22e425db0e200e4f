"""The drawing of a batch of two sequences: where a factor of one sequence may stand."""

from matplotlib.patches import FancyBboxPatch, Rectangle

from lstm_src.book.drawings.lines import RADIUS, SMALL, arrow, box, plus, write
from lstm_src.book.style import COLOURS, INK, SURFACE, UNLIT

LANES = {3: 108, 17: 34}
"""The sequences by their tokens, and the heights at which they are drawn."""

SHOWN = 6
"""So many steps are drawn; of the longer sequence the others are dots."""

TERMS, CHAIN, SUM, OUT = 16, 184, 306, 356
"""Where the loss terms begin, where backprop, the sum over the batch and what comes out stand."""

BORDER = 254
"""What is left of it has an axis for the sequences."""


def draw_batch(ax):
    """Draw two sequences from their loss terms to the sum over the batch, and beyond it.

    Each sequence is a row: its tokens, its padding, its own way back, and the factor 1/T_b on it.
    The rows meet in the sum over the batch; behind it only a common factor is left.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 3 inches; their limits are set and their frame is hidden.
    """
    low, high = 8, 164
    ax.add_patch(
        FancyBboxPatch(
            (-2, low), BORDER, high - low, "round,pad=0,rounding_size=6", fc="none", ec=INK, lw=1.2
        )
    )
    write(ax, (BORDER / 2 - 2, high - 14), r"here $1/T_b$ may stand, once", size=SMALL)
    for number, (length, height) in enumerate(LANES.items(), 1):
        _lane(ax, number, length, height)
    middle = sum(LANES.values()) / 2
    for height in LANES.values():
        arrow(ax, ((CHAIN + 36, height), (SUM, middle)), INK, trims=(0, RADIUS))
    plus(ax, (SUM, middle))
    write(ax, (SUM, middle - 22), "sum over\nthe batch", size=SMALL, va="top")
    arrow(ax, ((SUM, middle), (OUT, middle)), INK, trims=(RADIUS, 12))
    write(ax, (OUT, middle), r"$\bar W$")
    write(ax, (BORDER + 8, high - 14), r"here only $1/B$", size=SMALL, ha="left")
    ax.set(xlim=(-8, 372), ylim=(2, 170), aspect="equal", xticks=[], yticks=[])
    ax.axis("off")


def _lane(ax, number, length, height):
    """Draw a row: terms, the factor on the way from them, and the box of the way back."""
    blue = COLOURS["blue"]
    write(
        ax, (TERMS - 8, height + 22), f"sequence {number}: {length} tokens", size=SMALL, ha="left"
    )
    for k in range(SHOWN):
        x = TERMS + 14 * k
        if length > SHOWN and k == SHOWN - 2:
            write(ax, (x, height), "⋯", size=SMALL)
            continue
        token = k < length
        look = {"fc": blue, "ec": blue} if token else {"fc": "none", "ec": UNLIT, "ls": ":"}
        ax.add_patch(Rectangle((x - 5, height - 5), 10, 10, lw=1.2, **look))
    start = TERMS + 14 * SHOWN - 6
    arrow(ax, ((start, height), (CHAIN - 36, height)), INK, trims=(0, 0))
    x = (start + CHAIN - 38) / 2
    ax.add_patch(
        FancyBboxPatch(
            (x - 17, height - 9),
            32,
            18,
            "round,pad=0,rounding_size=4",
            fc="white",
            ec=blue,
            zorder=4,
        )
    )
    write(ax, (x - 1, height), f"÷{length}", size=SMALL, colour=blue)
    box(ax, (CHAIN, height), 72, 24)
    ax.patches[-1].set(fc=SURFACE)
    write(ax, (CHAIN, height), "way back", size=SMALL)
