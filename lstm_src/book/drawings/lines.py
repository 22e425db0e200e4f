"""What the drawings of ways are made of: values, lines between them, labels beside these.

Lengths are in points. Colours are those of the style in force.
"""

import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from lstm_src.book.style import INK, SURFACE, UNLIT, UNLIT_TEXT

SMALL, LARGE = 12, 14
"""Sizes of words and of formulas. On a phone a point is a little less than a pixel."""

RADIUS = 7.5


def arrow(ax, corners, colour, *, lit=True, backward=False, trims=(RADIUS, RADIUS)):
    """Draw a way as an arrow along its corners, or against them, trimmed at both ends."""
    corners = [np.array(corner, float) for corner in corners]
    for end, after, trim in ((0, 1, trims[0]), (-1, -2, trims[1])):
        along = corners[after] - corners[end]
        corners[end] = corners[end] + trim * along / np.hypot(*along)
    path = Path(corners[::-1] if backward else corners)
    look = {"color": colour, "lw": 1.9, "zorder": 3} if lit else {"color": UNLIT, "lw": 1.1}
    patch = FancyArrowPatch(
        path=path, arrowstyle="-|>", mutation_scale=11, capstyle="round", joinstyle="round", **look
    )
    ax.add_patch(patch)


def plus(ax, place, lit=True):
    """Draw the sign of a sum, where ways merge."""
    ax.add_patch(Circle(place, RADIUS, fc="white", ec=INK if lit else UNLIT, lw=1.5, zorder=4))
    for across in ((4, 0), (0, 4)):
        xs, ys = zip(np.subtract(place, across), np.add(place, across), strict=True)
        ax.plot(xs, ys, color=INK if lit else UNLIT, lw=1.7, zorder=5)


def fork(ax, place, lit=True):
    """Draw the dot at which a value goes to several readers."""
    ax.add_patch(Circle(place, 3.4, color=INK if lit else UNLIT, zorder=4))


def disc(ax, place, label, lit=True):
    """Draw a value as a letter in a circle."""
    edge = INK if lit else UNLIT
    ax.add_patch(Circle(place, RADIUS, fc=SURFACE, ec=edge, lw=1, zorder=4))
    write(ax, place, label, lit=lit, size=SMALL)


def box(ax, centre, width, height, label="", lit=True, size=LARGE):
    """Draw a value, or a step, as a box around its label."""
    (x, y), edge = centre, INK if lit else UNLIT
    corner, style = (x - width / 2, y - height / 2), "round,pad=0,rounding_size=5"
    ax.add_patch(FancyBboxPatch(corner, width, height, style, fc=SURFACE, ec=edge, lw=1, zorder=1))
    if label:
        write(ax, centre, label, lit=lit, size=size)


def write(ax, place, label, *, lit=True, size=LARGE, colour=INK, **look):
    """Write a label; ``look`` are its alignment and its style."""
    look = {"ha": "center", "va": "center", "linespacing": 1.25} | look
    return ax.text(
        *place, label, fontsize=size, color=colour if lit else UNLIT_TEXT, zorder=6, **look
    )
