"""The map of where a placement of the factor stays in range: by N, and by the gradient's size."""

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch

from lstm_src.book.drawings.lines import SMALL
from lstm_src.book.style import INK

BOUNDS = 0.001, 0.01, 0.1
"""Relative errors between the shades: up to the first a gradient counts as safe."""

SHADES = "#eef4fa", "#a6c8e4", "#4f8fc0", "#1f4e79"
"""From safe to lost; they differ in lightness, too."""


def draw_range(ax, errors, sizes, counts, lines):
    """Draw errors as fields, overflow as a hatched field, and lines over them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    errors : ndarray, shape (sizes, counts)
        Relative errors; infinite or NaN where something overflowed.
    sizes, counts : ndarray of int
        Exponents of 2, rising.
    lines : list of tuple
        Pairs of the exponents of two counts and of two sizes, ``((x, x), (y, y))``, between which
        a line is drawn.
    """
    over = ~np.isfinite(errors)
    norm = BoundaryNorm([0, *BOUNDS, np.inf], len(SHADES))
    shown = np.where(over, 0, errors)
    ax.pcolormesh(counts, sizes, shown, cmap=ListedColormap(SHADES), norm=norm, rasterized=True)
    if over.any():
        ax.contourf(counts, sizes, over, [0.5, 1.5], colors=["white"], hatches=["xxxx"], zorder=2)
    for xs, ys in lines:
        ax.plot(xs, ys, color="#B84C00", lw=1.8, ls="--", zorder=3)
    ax.set(xlim=(counts[0] - 0.5, counts[-1] + 0.5), ylim=(sizes[0] - 0.5, sizes[-1] + 0.5))
    for ticks, which in ((range(0, counts[-1] + 1, 10), ax.xaxis), (range(-30, 16, 10), ax.yaxis)):
        ticks = [k for k in ticks if k >= (counts if which is ax.xaxis else sizes)[0]]
        which.set_ticks(ticks, [f"$2^{{{k}}}$" for k in ticks], fontsize=SMALL)
    ax.grid(visible=False)


def draw_key(figure):
    """Name the shades and the hatched field, in a row below all maps of a figure."""
    edge = {"ec": INK, "lw": 0.6}
    names = "safe", "1 %", "10 %", "lost"
    fields = [Patch(fc=c, label=name, **edge) for name, c in zip(names, SHADES, strict=True)]
    fields.append(Patch(fc="white", hatch="xxxx", label="overflow", **edge))
    place = {"loc": "outside lower center", "ncols": len(fields), "frameon": False}
    narrow = {"handlelength": 1.3, "handletextpad": 0.4, "columnspacing": 1.1}
    figure.legend(handles=fields, fontsize=SMALL, **place, **narrow)
