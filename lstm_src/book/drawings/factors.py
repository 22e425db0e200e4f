"""The drawing of a factor that stands on some arrows of the rails, and of what it leaves behind."""

from lstm_src.book.drawings.lines import SMALL, write
from lstm_src.book.drawings.rails import STEPS, draw_rails, place
from lstm_src.book.drawings.uses import PARTS, is_carried, uses_through
from lstm_src.book.style import COLOURS
from lstm_src.structures import GATES

TERM = ("loss", STEPS[-1])
"""The loss term that is followed: that of the last step drawn."""

FACTORS = {
    "on u": lambda use: use.end[0] == "loss",
    "on u + p": lambda use: use.start[0] == "h",
    "on p and q": is_carried,
}
"""Where a loop over time may multiply by s: on which uses, by name."""


def powers_left(scaled):
    """Return the powers of s that one loss term leaves on the gates' cotangents of each step.

    Parameters
    ----------
    scaled : callable
        Whether a `lstm_src.book.drawings.uses.Use` is multiplied by s on the way back.

    Returns
    -------
    dict of int to set of int
        The powers by step, for the loss term of the last of steps 1 to 3.
    """
    uses = PARTS["one term"](uses_through(STEPS))

    def powers(value):
        if value == TERM:
            return {0}
        readers = (use for use in uses if use.start == value)
        return {m + scaled(use) for use in readers for m in powers(use.end)}

    return {t: set().union(*(powers((gate, t)) for gate in GATES)) for t in STEPS}


def draw_factor_on_sums(ax):
    """Draw the rails backward with s on each whole sum u_t + p_t, and one loss term followed back.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of about 5.2 by 3.2 inches; their limits are set and their frame is hidden.
    """
    draw_rails(ax, lit="one term")
    look = {"boxstyle": "round,pad=0.15", "fc": COLOURS["indigo"], "ec": "none"}
    found = powers_left(FACTORS["on u + p"])
    for t in STEPS:
        x, y = place(("h", t))
        write(ax, (x - 12, y - 19), "$s$", size=SMALL, colour="white", bbox=look)
        left = ", ".join("$s$" if m == 1 else f"$s^{m}$" for m in sorted(found[t]))
        write(ax, (x - 29, -24), left)
    ax.set_ylim(-35, ax.get_ylim()[1])
