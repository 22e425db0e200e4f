"""The drawing of a factor on its way through an optimizer: SGD keeps it, Adam divides it out."""

import numpy as np

from lstm_src.book.drawings.lines import SMALL, arrow, box, write
from lstm_src.book.style import COLOURS
from lstm_src.training import SGD, Adam

KINDS = {"SGD": SGD(1.0, momentum=0.5), "Adam": Adam(1.0, eps=0)}
"""The two that are drawn: one with every part that the others have in its way."""

FACTOR = "#8C2D04"
"""The colour of a power of the factor: an orange that can be read on the boxes."""

ROWS = {"SGD": 132, "Adam": 34}
GRADIENT, KEPT, RATIO, STEP = 34, 150, 254, 340
"""The heights of the two rows, and how far along each part stands."""

WIDTHS = {GRADIENT: 68, KEPT: 74, RATIO: 58, STEP: 50}
HEIGHT, APART = 38, 24
"""The height of a box, and how far mean and squares stand above and below their row."""


def powers_kept(optimizer):
    """Return which power of a factor on the gradient is found in what an optimizer makes of it.

    Parameters
    ----------
    optimizer : Optimizer

    Returns
    -------
    dict of str and int
        For what is kept, by its field of `OptimizerState`, and for the ``step``: the power in which
        each is multiplied, in the first step, if the gradient is multiplied by 4.

    Raises
    ------
    ValueError
        If something is multiplied by another number than a power of 4.
    """
    params, gradient = [np.ones(3)], np.array([1.0, -2.0, 0.5])
    found = []
    for factor in (1, 4):
        after, state = optimizer.step(params, [factor * gradient], optimizer.begin(params))
        parts = state._asdict() | {"step": [params[0] - after[0]]}
        found.append({name: part[0] for name, part in parts.items() if isinstance(part, list)})
    powers = {}
    for name, once in found[0].items():
        power = np.log2(found[1][name] / once) / 2
        if (abs(power - np.round(power[0])) > 1e-9).any():
            raise ValueError(f"optimizer: expected a power of the factor in {name}, got {power}")
        powers[name] = round(power[0])
    return powers


def draw_optimizers(ax):
    """Draw the way of a gradient with a factor a through SGD with momentum and through Adam.

    Each box says in which power it holds the factor. Arrows from above and below bring what holds
    none: the weight decay, eps.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 3 inches; their limits are set and their frame is hidden.
    """
    for name, row in ROWS.items():
        powers = powers_kept(KINDS[name])
        _part(ax, GRADIENT, row, "gradient", 1)
        _part(ax, STEP, row, "step", powers["step"])
        _enters(ax, GRADIENT, row + HEIGHT / 2, "$\\lambda\\theta$", 1)
        label = name if "mean" in powers else f"{name} with momentum"
        write(ax, (STEP + 25, row + 36), label, ha="right", weight="bold", size=SMALL)
        if "mean" not in powers:
            _part(ax, KEPT, row, "velocity", powers["velocity"])
            _join(ax, (GRADIENT, row), (KEPT, row))
            _join(ax, (KEPT, row), (STEP, row))
            continue
        _part(ax, RATIO, row, "ratio", powers["step"])
        for kept, words, side in (("mean", "mean", 1), ("mean_square", "squares", -1)):
            height = row + side * APART
            _part(ax, KEPT, height, words, powers[kept])
            _join(ax, (GRADIENT, row), (KEPT, height))
            _join(ax, (KEPT, height), (RATIO, row))
        _join(ax, (RATIO, row), (STEP, row))
        _enters(ax, RATIO, row - HEIGHT / 2, "$\\varepsilon$", -1)
        _enters(ax, STEP, row - HEIGHT / 2, "$\\lambda\\theta$ (AdamW)", -1)
    ax.set(xlim=(-2, 372), ylim=(-34, 190), aspect="equal")
    ax.axis("off")


def _part(ax, x, y, name, power):
    """Draw a box with its name and its power of the factor, in a colour if it holds any."""
    colour = FACTOR if power else COLOURS["indigo"]
    box(ax, (x, y), WIDTHS[x], HEIGHT)
    write(ax, (x, y + 8), name, size=SMALL)
    label = {0: "1", 1: "$a$"}.get(power, f"$a^{power}$")
    write(ax, (x, y - 9), label, colour=colour, weight="bold")


def _join(ax, start, end):
    """Draw an arrow between two boxes, from side to side."""
    (x, y), (to, height) = start, end
    corners = [(x + WIDTHS[x] / 2, y), (to - WIDTHS[to] / 2, height)]
    arrow(ax, corners, COLOURS["grey"], trims=(2, 2))


def _enters(ax, x, edge, label, side):
    """Draw what comes from above (1) or from below (-1) into a box at its edge."""
    arrow(ax, [(x, edge + 20 * side), (x, edge)], COLOURS["indigo"], trims=(0, 0))
    write(ax, (x, edge + 30 * side), label, size=SMALL, colour=COLOURS["indigo"])
