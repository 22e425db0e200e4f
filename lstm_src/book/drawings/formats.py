"""The drawing of three floating-point formats, and of a gradient that a division moves."""

import numpy as np

from lstm_src.book.drawings.lines import SMALL
from lstm_src.book.style import COLOURS, INK

FORMATS = {"float32": (-149, -126, 128), "bfloat16": (-133, -126, 128), "float16": (-24, -14, 16)}
"""Exponents of 2: of the smallest number, of the smallest normal one, and of the end."""

LEFT, RIGHT = -46, 24
"""The exponents that are shown."""

HEIGHT = 0.3
"""Half of a bar's height, where the rows stand one apart."""


def draw_formats(ax, numbers):
    """Draw where each format has numbers, and under them where those of a gradient lie.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 2.8 inches; their limits and ticks are set.
    numbers : dict of str to ndarray
        Numbers by what to call them. Those that are not 0 are drawn as ticks, to a tenth
        of a power of two.
    """
    rows = [*FORMATS, *numbers]
    for row, name in enumerate(rows):
        ax.text(LEFT - 1, -row, name, ha="right", va="center", fontsize=SMALL, color=INK)
    for row, (smallest, normal, end) in enumerate(FORMATS.values()):
        look = {"height": 2 * HEIGHT, "ec": COLOURS["blue"], "lw": 1.2}
        left, right = max(normal, LEFT - 1), min(end, RIGHT + 1)
        ax.barh(-row, right - left, left=left, fc=COLOURS["blue"], **look)
        if smallest > LEFT:
            ax.barh(-row, normal - smallest, left=smallest, fc="white", hatch="////", **look)
            _word(ax, smallest - 7.5, -row, "subnormal →", INK)
        else:
            words = f"← $2^{{{smallest}}}$", f"$2^{{{end}}}$ →"
            _word(ax, LEFT + 6, -row, words[0], "white")
            _word(ax, RIGHT - 5, -row, words[1], "white")
    for row, found in enumerate(numbers.values(), len(FORMATS)):
        sizes = np.unique(np.round(np.log2(abs(found[found != 0])), 1))  # more cannot be told apart
        ax.plot(sizes, np.full(len(sizes), -row), "|", color=INK, ms=9, mew=0.6)
    for wall in FORMATS["float16"][::2]:
        ax.axvline(wall, color=INK, lw=1.2, ls="--", zorder=0)
    ticks = [-40, -24, -14, 0, 16]
    ax.set_xticks(ticks, [f"$2^{{{k}}}$" for k in ticks])
    ax.set(xlim=(LEFT, RIGHT), ylim=(-len(rows) + 0.4, 0.5), yticks=[])
    ax.grid(visible=False)
    ax.spines["left"].set_visible(False)


def _word(ax, x, y, text, colour):
    ax.text(x, y, text, ha="center", va="center", fontsize=SMALL, color=colour)
