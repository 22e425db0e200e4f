"""The drawing of truncated BPTT: values cross the borders of windows, cotangents do not."""

from itertools import pairwise

from lstm_src.book.drawings.lines import SMALL, arrow, box, write
from lstm_src.book.style import COLOURS, INK, RAIL_COLOURS

LENGTHS, TERM = (5, 5, 2), 8
"""Steps of the windows, and the step whose loss term is followed back."""

APART, GAP, WIDTH, RAIL = 26, 20, 15, 11
"""From step to step, more at a border, the width of a step, and from its middle to a rail."""

FORWARD, BACKWARD = 118, 34
"""The heights of the two rows."""


def window_of(t, lengths=LENGTHS):
    """Return the number of the window, from 0, that holds step t, from 1."""
    return next(k for k in range(len(lengths)) if t <= sum(lengths[: k + 1]))


def place_of(t, lengths=LENGTHS):
    """Return how far along step t stands."""
    return APART * (t - 1) + GAP * window_of(t, lengths)


def draw_windows(ax, lengths=LENGTHS, term=TERM):
    """Draw the two rails through the windows of a sequence, forward above and backward below.

    Forward, both rails lead through all steps. Backward, both end at the border of each window; the
    loss term of one step is followed back, and what it reaches is lit.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 2.9 inches; their limits are set and their frame is hidden.
    lengths : tuple of int, optional
        Steps of each window.
    term : int, optional
        The step whose loss term is followed.
    """
    steps = range(1, sum(lengths) + 1)
    lit = [t for t in steps if t <= term and window_of(t, lengths) == window_of(term, lengths)]
    for t in steps:
        x = place_of(t, lengths)
        box(ax, (x, FORWARD), WIDTH, 40)
        box(ax, (x, BACKWARD), WIDTH, 40)
        write(ax, (x, FORWARD - 31), str(t), size=SMALL, lit=t in lit)
    for t, after in pairwise(steps):
        crosses = window_of(t, lengths) != window_of(after, lengths)
        for rail, height in (("h", RAIL), ("c", -RAIL)):
            ends = [
                (place_of(t, lengths) + WIDTH / 2, 0),
                (place_of(after, lengths) - WIDTH / 2, 0),
            ]
            there, back = ([(x, row + height) for x, _ in ends] for row in (FORWARD, BACKWARD))
            arrow(ax, there, RAIL_COLOURS[rail], trims=(0, 0))
            if not crosses:
                on = t in lit and after in lit
                arrow(ax, back, RAIL_COLOURS[rail], lit=on, backward=True, trims=(0, 0))
        if crosses:
            middle = (place_of(t, lengths) + place_of(after, lengths)) / 2
            ax.plot([middle] * 2, [BACKWARD - 25, BACKWARD + 25], color=COLOURS["purple"], lw=3)
    x = place_of(term, lengths)
    top = BACKWARD + 20
    arrow(ax, [(x, top + 20), (x, top)], RAIL_COLOURS["loss"], trims=(0, 0))
    write(ax, (x + 15, top + 12), f"$u_{{{term}}}$", colour=RAIL_COLOURS["loss"])
    for k, length in enumerate(lengths):
        first = sum(lengths[:k]) + 1
        middle = (place_of(first, lengths) + place_of(first + length - 1, lengths)) / 2
        write(ax, (middle, BACKWARD - 40), f"{length} terms", size=SMALL)
    write(ax, (-12, FORWARD + 36), "forward: the values go on", size=SMALL, ha="left", colour=INK)
    write(ax, (-12, BACKWARD - 60), "backward: the cotangents stop", size=SMALL, ha="left")
    for rail, height in (("h", RAIL), ("c", -RAIL)):
        for row in (FORWARD, BACKWARD):
            write(ax, (-18, row + height), f"${rail}$", colour=RAIL_COLOURS[rail])
    ax.set(xlim=(-26, place_of(steps[-1], lengths) + 12), aspect="equal")
    ax.set_ylim(BACKWARD - 70, FORWARD + 46)
    ax.axis("off")
