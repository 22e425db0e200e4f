"""The drawing of a backward pass over three steps, with places for a factor as cuts through it.

Its colours are those of the style in force.
"""

from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

PLAIN = "#444444"

STEPS = {1: 2.2, 2: 5.2, 3: 8.2}
"""The steps by their place along the sequence."""

LOSS, ROW, SUM = (5.2, 8.4), 5.0, (5.2, 1.9)

ARROWS = (
    ((5.2, 9.7), (5.2, 8.8)),
    ((4.9, 8.1), (2.4, 5.5)),
    ((5.2, 8.0), (5.2, 5.5)),
    ((5.5, 8.1), (8.0, 5.5)),
    ((7.5, ROW), (5.9, ROW)),
    ((4.5, ROW), (2.9, ROW)),
    ((1.5, ROW), (-0.3, ROW)),
    ((2.4, 4.5), (4.85, 2.15)),
    ((5.2, 4.5), (5.2, 2.35)),
    ((8.0, 4.5), (5.55, 2.15)),
    ((5.2, 1.5), (5.2, 0.3)),
)
"""The ways of the cotangents, from the loss at the top to the gradients."""

CUTS = {
    "A": ("-", ((4.3, 9.2), (5.2, 9.2), (6.1, 9.2))),
    "B": ("--", ((2.1, 6.7), (3.55, 6.7), (5.2, 6.7), (6.85, 6.7), (8.3, 6.7))),
    "C": ("-.", ((1.6, 6.3), (2.88, 6.0), (3.7, ROW), (5.2, 3.9), (7.37, 3.9), (8.6, 3.9))),
    "D": (":", ((0.6, 5.7), (0.75, ROW), (4.02, 2.95), (5.2, 2.95), (6.38, 2.95), (7.8, 2.95))),
    "E": ("-", ((0.1, 5.7), (0.25, ROW), (5.2, 0.95), (6.1, 0.2))),
}
"""Style and corners of each cut. All corners but the two ends are crossings."""


def draw_cuts(ax):
    """Draw the ways from the loss to the gradients over three steps, and five cuts through them.

    From the loss at the top a cotangent enters each step. Each step hands a cotangent to the step
    before it, at its left, and adds a share to the gradient of the weights below. A cut is a line
    that each way from the loss crosses once; a dot marks a crossing.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 4.8 inches; their limits are set and their frame is hidden.
    """
    for start, end in ARROWS:
        ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, color=PLAIN))
    for step, x in STEPS.items():
        box = FancyBboxPatch((x - 0.7, ROW - 0.45), 1.4, 0.9, "round,pad=0", fc="#eeeeee", ec=PLAIN)
        ax.add_patch(box)
        ax.text(x, ROW, f"step {step}", ha="center", va="center", fontsize=11)
    for name, place in (("$L$", LOSS), ("+", SUM)):
        ax.add_patch(Circle(place, 0.42, fc="white", ec=PLAIN, lw=1.5))
        ax.text(*place, name, ha="center", va="center", fontsize=13)
    ax.text(-0.4, ROW, r"$\bar h_0, \bar c_0$", ha="right", va="center", fontsize=13)
    ax.text(5.2, 0.1, r"$\bar W$", ha="center", va="top", fontsize=14)
    for k, (name, (style, corners)) in enumerate(CUTS.items()):
        xs, ys = zip(*corners, strict=True)
        ax.plot(xs, ys, style, color=f"C{k}", linewidth=2.2)
        ax.plot(xs[1:-1], ys[1:-1], "o", color=f"C{k}", markersize=7)
        ax.text(xs[-1] + 0.15, ys[-1], name, va="center", weight="bold")
    ax.set(xlim=(-1.9, 9.4), ylim=(-0.7, 9.8), aspect="equal")
    ax.axis("off")
