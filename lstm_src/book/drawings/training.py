"""Losses of training runs: curves in small panels, and how far curves are apart."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from lstm_src.book.drawings.lines import SMALL
from lstm_src.book.style import COLOURS, INK

LEVELS = ("--", ":", "-.")
"""The lines of what stands beside a curve."""

EXACT = 1e-17
"""Where a difference of 0 is drawn, in a band below all others."""

BAND = 3e-18, 3e-17
"""The ends of that band: the least other difference of two losses near a half is 6e-17."""


def draw_panel(ax, steps, curve, *, title, levels=None, top=None):
    """Draw one curve over its steps, and lines at what to compare it with.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 2.5 by 1.6 inches.
    steps : int
        Of the whole run; the curve's entries are means of equally many.
    curve : sequence of float
    title : str
    levels : dict of str to float, optional
        Heights by their names, which stand above the lines at the right.
    top : float, optional
        The upper end of the axis.
    """
    each = steps / len(curve)
    places = each * (np.arange(len(curve)) + 0.5)
    for style, (name, height) in zip(LEVELS, (levels or {}).items(), strict=False):
        ax.axhline(height, color=COLOURS["grey"], ls=style, lw=1.2)
        if name:
            ax.text(steps, height, f"{name} ", ha="right", va="bottom", fontsize=SMALL, color=INK)
    ax.plot(places, curve, color=COLOURS["blue"], lw=1.8)
    top = 1.08 * max(curve) if top is None else top
    ax.set(xlim=(0, steps), ylim=(0, top))
    ax.set_xticks([0, steps // 2, steps])
    ax.set_yticks([tick for tick in MaxNLocator(4).tick_values(0, top) if tick <= top])
    ax.tick_params(labelsize=SMALL)
    ax.set_title(title, fontsize=SMALL)


def draw_gaps(ax, steps, gaps):
    """Draw how far the losses of runs are from those of one run, on a logarithmic axis.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 3.4 inches.
    steps : int
        Of the whole run.
    gaps : dict of str to sequence of float
        The largest differences in blocks of equally many steps, of the right codes under "right",
        of the wrong ones under "wrong": a list of sequences each.
    """
    looks = {
        "right": {"color": COLOURS["blue"], "ls": "-", "lw": 1.6},
        "wrong": {"color": COLOURS["orange"], "ls": "--", "lw": 1.6},
    }
    for kind, many in gaps.items():
        for gap in many:
            places = steps / len(gap) * (np.arange(len(gap)) + 0.5)
            ax.plot(places, np.maximum(gap, EXACT), **looks[kind])
    ax.axhspan(*BAND, color="#e6e6e6", lw=0, zorder=0)
    ax.set_yscale("log")
    ax.set_ylim(BAND[0], 30)
    ax.set_xlim(0, steps)
    ax.set_yticks(
        [EXACT, 1e-14, 1e-10, 1e-6, 1e-2],
        ["0", "$10^{-14}$", "$10^{-10}$", "$10^{-6}$", "$10^{-2}$"],
    )
    ax.tick_params(labelsize=SMALL)
    ax.set_xlabel("step", fontsize=SMALL)
    ax.set_ylabel("apart in the loss", fontsize=SMALL)
