"""The drawing of sums that are added pair by pair, down to one that is divided once.

The pairs are those of `lstm_src.training.sums.add_in_pairs`.
"""

from typing import NamedTuple

from lstm_src.book.drawings.lines import SMALL, arrow, box, write
from lstm_src.book.style import INK, RAIL_COLOURS
from lstm_src.training.sums import add_in_pairs

WIDTH, STEP, BOX = 372, 40, (32, 21)
"""The width of the drawing, the height of a row, and the size of a box."""


class Held(NamedTuple):
    """A sum that a worker holds: its count, where it stands, and what it was added from."""

    count: int
    row: int
    place: float
    worker: int
    of: tuple = ()


def added(counts, workers):
    """Return the last sum of parts with these counts, dealt out to so many workers in turns."""
    apart = WIDTH / len(counts)
    parts = [
        Held(count, 0, apart * (k + 0.5), k * workers // len(counts))
        for k, count in enumerate(counts)
    ]

    def join(one, other):
        row, middle = 1 + max(one.row, other.row), (one.place + other.place) / 2
        return Held(one.count + other.count, row, middle, one.worker, (one, other))

    return add_in_pairs(join, parts)


def draw_pairs(ax, counts, workers):
    """Draw the counts of parts, the counts of their sums, and the one division.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 2.6 inches; their limits are set and their frame is hidden.
    counts : sequence of int
        The tokens of the parts.
    workers : int
        How many workers the parts are dealt out to: 1 or 2. Their arrows differ in colour.
    """
    last = added(counts, workers)
    _draw(ax, last, last.row)
    foot = (last.place, -BOX[1] / 2)
    arrow(ax, (foot, (last.place, -STEP + 8)), INK, trims=(0, 0))
    write(ax, (last.place + 8, -STEP / 2 - 6), f"÷ {last.count}, once", size=SMALL, ha="left")
    top = last.row * STEP
    for worker in range(workers):
        middle = WIDTH * (worker + 0.5) / workers
        write(ax, (middle, top + 28), f"worker {worker + 1}", size=SMALL, colour=COLOURS[worker])
    ax.set(xlim=(0, WIDTH), ylim=(-STEP + 4, top + 40), aspect="equal")
    ax.axis("off")


COLOURS = RAIL_COLOURS["c"], RAIL_COLOURS["h"]


def _draw(ax, held, rows):
    """Draw a sum with all that it was added from."""
    height = (rows - held.row) * STEP
    for part in held.of:
        ends = (
            (part.place, (rows - part.row) * STEP - BOX[1] / 2),
            (held.place, height + BOX[1] / 2),
        )
        arrow(ax, ends, COLOURS[part.worker], trims=(0, 0))
        _draw(ax, part, rows)
    box(ax, (held.place, height), *BOX, f"{held.count}", size=SMALL)
