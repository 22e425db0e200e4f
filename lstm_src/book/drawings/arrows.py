"""The drawing of gradients as arrows: one that a factor made longer, and one that turned."""

import numpy as np
from matplotlib.patches import Arc

from lstm_src.book.drawings.lines import SMALL, arrow, write
from lstm_src.book.style import COLOURS, INK, UNLIT

UNIT = 255
"""How long the arrow of the wanted gradient is, in points."""

ROWS = {"scaled": 134, "longer": 108, "turned": 0}
"""The heights at which arrows begin: the scaled one, the wanted one below it, and both again."""


def in_plane(wanted, other):
    """Place a vector in the plane in which it lies with the wanted one.

    Parameters
    ----------
    wanted, other : ndarray, shape (n,)
        Neither is zero.

    Returns
    -------
    ndarray, shape (2,)
        The part of ``other`` along ``wanted`` and the rest, in lengths of ``wanted``, which is at
        (1, 0).
    """
    along = other @ wanted / (wanted @ wanted)
    across = other - along * wanted
    return np.array([along, np.linalg.norm(across) / np.linalg.norm(wanted)])


def draw_arrows(ax, wanted, scaled, turned):
    """Draw a gradient beside one that differs by a factor, and below with one that is turned.

    Between the last two stand their angle, in degrees, and what the best factor would leave: the
    distance of the wanted one from the line of the turned one, in lengths of the wanted one.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 2.8 inches; their limits are set and their frame is hidden.
    wanted, scaled, turned : tuple of str and ndarray
        The name and the gradient, one long array. ``scaled`` points along ``wanted``; ``turned``
        does not, and their angle is below 60 degrees.

    Raises
    ------
    ValueError
        If ``scaled`` is turned, or ``turned`` is not.
    """
    (_, goal), places = wanted, [in_plane(wanted[1], other[1]) for other in (scaled, turned)]
    angles = [np.degrees(np.arctan2(across, along)) for along, across in places]
    if angles[0] > 1e-3 or not 1 < angles[1] < 60:
        raise ValueError(f"scaled, turned: expected angles of 0 and 1 to 60 degrees, got {angles}")
    _along(ax, "scaled", scaled[0], places[0][0], COLOURS["indigo"])
    _along(ax, "longer", wanted[0], in_plane(goal, goal)[0], COLOURS["blue"])
    _along(ax, "turned", wanted[0], 1, COLOURS["blue"])

    tip, bend = UNIT * places[1], np.radians(angles[1])
    foot = UNIT * np.cos(bend) * np.array([np.cos(bend), np.sin(bend)])
    far = max(foot, tip, key=np.linalg.norm)
    ax.plot(*zip(tip, foot, strict=True), "--", color=UNLIT, lw=1.2, zorder=2)
    ax.plot(*zip(foot, (UNIT, 0), strict=True), ":", color=INK, lw=1.8, zorder=2)
    arrow(ax, ((0, 0), tip), COLOURS["purple"], trims=(0, 0))
    ax.add_patch(Arc((0, 0), 200, 200, theta1=0, theta2=angles[1], color=INK, lw=1.2))
    write(ax, (118 * np.cos(bend / 2), 118 * np.sin(bend / 2)), f"{angles[1]:.0f}°", size=SMALL)
    above = (tip[0] / 2, tip[1] + 10)
    write(ax, above, turned[0], size=SMALL, colour=COLOURS["purple"], ha="right")
    beside = (foot[0] + UNIT) / 2 + 8, foot[1] / 2 + 6
    write(ax, beside, f"{np.sin(bend):.2f} left", size=SMALL, ha="left")
    top = max(ROWS["scaled"], far[1]) + 14
    ax.set(xlim=(-6, 366), ylim=(-14, top), aspect="equal", xticks=[], yticks=[])
    ax.axis("off")


def _along(ax, row, name, length, colour):
    height = ROWS[row]
    arrow(ax, ((0, height), (UNIT * length, height)), colour, trims=(0, 0))
    write(ax, (UNIT * length + 7, height), name, size=SMALL, colour=colour, ha="left")
