"""The drawing of the questions that lead to the places for 1/N. Its colours are those in force."""

from textwrap import fill

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from lstm_src.book.cheat_sheet import CHART, End, Question, Step, leads

PLAIN, MAIN, SIZE = "#444444", "C0", 10.4

LEFT, RIGHT, WIDTH, HEIGHT, INDENT = 0.05, 5.55, 4.8, 1.75, 0.7
"""The left sides of the two columns, the size of a box, and how far an end stands to the right."""

LETTERS = {Question: 27, Step: 29, End: 25}
"""The letters in a line of each kind of box."""

PLACES = {
    "same": (LEFT, 0),
    "weigh": (RIGHT, 0),
    "library": (LEFT, 1),
    "rest": (RIGHT, 1),
    "range": (LEFT, 2),
    "scale": (RIGHT, 2),
    "known": (LEFT, 3),
    "count": (RIGHT, 3),
    "follows": (LEFT, 4),
    "follows, late": (RIGHT, 4),
    "A": (LEFT, 5),
    "B": (LEFT, 6),
    "C": (RIGHT, 5),
    "D": (RIGHT, 6),
}
"""The column and the row of each box."""


def draw_chart(ax):
    """Draw the chart: questions at the left, what to do beside them, the four ends below.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 8 inches; their limits are set and their frame is hidden.
    """
    for name, box in CHART.items():
        _box(ax, name, box)
        for answer, after in leads(CHART, name).items():
            _arrow(ax, name, "" if answer == "then" else answer, after)
    ax.set(xlim=(0, 10.4), ylim=(-15.45, 1), aspect="equal")
    ax.axis("off")


def _frame(name):
    x, row = PLACES[name]
    indent = INDENT if isinstance(CHART[name], End) else 0
    return x + indent, -2.4 * row, WIDTH - indent


def _box(ax, name, box):
    x, y, width = _frame(name)
    end = isinstance(box, End)
    look = {"fc": "#eeeeee" if isinstance(box, Step) else "white", "lw": 2.4 if end else 1}
    style = "square,pad=0" if isinstance(box, Step) else "round,pad=0,rounding_size=0.25"
    ax.add_patch(
        FancyBboxPatch((x, y - HEIGHT / 2), width, HEIGHT, style, ec=MAIN if end else PLAIN, **look)
    )
    ax.text(
        x + width / 2,
        y,
        fill(box.text, LETTERS[type(box)], break_on_hyphens=False),
        ha="center",
        va="center",
        fontsize=SIZE,
        linespacing=1.15,
    )
    if end:
        ax.text(x - 0.28, y + 0.45, name, ha="center", va="center", weight="bold")


def _arrow(ax, name, answer, after):
    (x, y, width), (x2, y2, width2) = _frame(name), _frame(after)
    bottom, middle = y - HEIGHT / 2, x + width / 2
    if y == y2:  # to the box beside it
        corners, label = [(x + width, y), (x2, y)], ((x + width + x2) / 2, y + 0.28)
    elif isinstance(CHART[name], Step) and x2 < x:  # back into the way between two questions
        join = bottom - 0.33
        corners, label = [(middle, bottom), (middle, join), (x2 + width2 / 2, join)], None
    elif (
        isinstance(CHART[after], End) and PLACES[after][1] > PLACES[name][1] + 1
    ):  # past the first end to the second
        side = x + 0.2
        corners, label = [(side, bottom), (side, y2), (x2, y2)], (side + 0.4, bottom - 0.27)
    else:
        corners, label = (
            [(middle, bottom), (middle, y2 + HEIGHT / 2)],
            (middle - 0.45, bottom - 0.27),
        )
    ax.add_patch(
        FancyArrowPatch(
            path=Path(corners), arrowstyle="-|>", mutation_scale=11, lw=1.2, color=PLAIN
        )
    )
    if answer:
        ax.text(*label, answer, ha="center", va="center", fontsize=SIZE, style="italic")
