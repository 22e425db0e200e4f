"""The figure as HTML: a map of lines with places for ÷N, and what arrives. `where.js` keeps it up.

Without scripts it shows its first state, and its controls are off.
"""

import json
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

from matplotlib.colors import to_hex

from lstm_src.book.interactive.live import check_choice
from lstm_src.book.interactive.picture import picture
from lstm_src.book.interactive.places import (
    HALF,
    HEIGHT,
    LOSS,
    STEP_AT,
    WEIGHTS,
    WIDTH,
    C,
    H,
    middle,
    places,
    sums,
)
from lstm_src.book.interactive.ways import NAMED, STEPS, Ways, example, lines, ways_of
from lstm_src.book.style import origin_colours

HERE = Path(__file__).parent
TERMS = 8, 64
"""The fewest and the most terms N in the mean."""

OFTEN = ("not divided", "divided", "divided twice", "divided three times")

ABOUT = (
    "A live picture: put ÷N on any line of an LSTM's backward pass, and see how often each loss "
    "term is divided on its way to the weights. What arrives is compared with the true gradient."
)


@dataclass(frozen=True)
class WhereFigure:
    """The figure, which a notebook and the book show as HTML."""

    ways: Ways
    marks: dict
    N: int
    step: int

    def _repr_html_(self):
        shown = picture(self.ways, self.marks, self.N, self.step)
        data = {"named": NAMED} | asdict(self)
        script = (HERE / "where.js").read_text(encoding="utf-8")
        style = (HERE / "where.css").read_text(encoding="utf-8")
        return "\n".join(
            [
                '<div class="where-figure">',
                _named(self.marks),
                f'<p class="where-verdict{" where-right" * shown["right"]}">{shown["verdict"]}</p>',
                '<div class="where-panels">',
                _map(shown, self.marks, self.step),
                _parts(shown),
                "</div>",
                f'<p class="where-sum">{shown["sum"]}</p>',
                _terms(self.N),
                '<p class="where-words" role="status"></p>',
                f'<script type="application/json">{json.dumps(data)}</script>',
                f"<style>\n{style}</style>",
                f"<script>\n{script}</script>",
                "</div>",
            ]
        )

    def __repr__(self):
        """Say what the figure is about, where it can't be shown."""
        return ABOUT


def where_to_divide(choice="on all terms but the last", *, N=16, step=STEPS - 1):
    """Draw the figure in which the reader puts ÷N on the lines of a backward pass.

    Parameters
    ----------
    choice : str, optional
        A key of `lstm_src.book.interactive.ways.NAMED`, shown at first.
    N : int, optional
        Terms in the mean at first, 8 to 64. Those beyond the steps belong to other sequences.
    step : int, optional
        The step whose sum is shown at first.

    Returns
    -------
    WhereFigure
        Shown when it is a cell's last expression.

    Raises
    ------
    ValueError
        If an argument is none of these.
    """
    check_choice(choice, NAMED)
    if not TERMS[0] <= N <= TERMS[1]:
        raise ValueError(f"N: expected {TERMS[0]} to {TERMS[1]}, got {N}")
    if step not in STEP_AT:
        raise ValueError(f"step: expected 1 to {STEPS}, got {step}")
    return WhereFigure(ways_of(*example()), dict(NAMED[choice]), N, step)


def _named(marks):
    buttons = "".join(
        f'<button type="button" disabled aria-pressed="{str(at == marks).lower()}">{name}</button>'
        for name, at in NAMED.items()
    )
    return f'<div class="where-named" role="group" aria-label="Divide by N">{buttons}</div>'


def _terms(N):
    low, high = TERMS
    return (
        '<label class="where-terms">Terms in the mean N '
        f'<input type="range" min="{low}" max="{high}" value="{N}" autocomplete="off" disabled>'
        f" <output>{N}</output></label>"
    )


def _map(shown, marks, step):
    ends, halves, buttons = places(), [], []
    for line in lines():
        start, stop, name = ends[line]
        mid = middle(line, start, stop)
        halves += [_half(shown, line, 0, start, mid), _half(shown, line, 1, mid, stop)]
        text, label = shown["marks"].get(line, ""), f"{name}: {OFTEN[marks.get(line, 0)]}"
        buttons.append(
            f'<button type="button" disabled class="where-mark" data-line="{line}" '
            f'data-name="{name}" aria-label="{label}" style="{_at(*mid)}">{text}</button>'
        )
    first, last = STEP_AT[1], STEP_AT[STEPS]
    halves.append(_half(shown, "loss", 1, (first, LOSS), (last, LOSS)))
    halves.append(_half(shown, "end", 0, (last, WEIGHTS), (first, WEIGHTS)))
    for t, x in STEP_AT.items():
        halves.append(_half(shown, f"h{t}", 0, (x, H), (x, C)))
        buttons.append(
            f'<button type="button" disabled class="where-step" data-step="{t}" '
            f'aria-pressed="{str(t == step).lower()}" aria-label="the sum at step {t}" '
            f'style="{_at(x, (H + C) / 2)}">{t}</button>'
        )
    alt = (
        f"The backward pass of {STEPS} steps. From the loss above, a line enters at each step. Two "
        "rails, of the hidden and of the cell state, run from the last step to the first. Each "
        "step adds what enters and what comes back, and gives a share to the weights below."
    )
    return (
        f'<div class="where-map"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(alt)}">{_still()}{"".join(halves)}{_arrows()}{_sums(shown)}</svg>'
        f"{''.join(buttons)}</div>"
    )


def _half(shown, line, side, start, stop):
    """Draw one side of a line: what comes to the place for ÷N, or what leaves it."""
    look = f"where-line where-{shown['kinds'][line][side]}"
    path = f"M{start[0]:g} {start[1]:g}L{stop[0]:g} {stop[1]:g}"
    return f'<path class="{look}" data-half="{line} {side}" d="{path}"/>'


def _at(x, y):
    return f"left:{x / WIDTH:.2%};top:{y / HEIGHT:.2%}"


def _still():
    """Draw what never changes: the steps' boxes, the rails before the first step, the names."""
    first = STEP_AT[1]
    boxes = "".join(
        f'<rect x="{x - HALF}" y="{H - 18}" width="{2 * HALF}" height="{C - H + 36}" rx="5"/>'
        for x in STEP_AT.values()
    )
    return (
        f"{boxes}"
        f'<path class="where-branch" d="M{first} {H}H{first - 30}M{first} {C}H{first - 30}"/>'
        f'<text x="2" y="{LOSS + 4}">loss</text><text x="2" y="{WEIGHTS + 4}">weights</text>'
        f'<text x="{first - 40}" y="{H + 4}">h</text><text x="{first - 40}" y="{C + 4}">c</text>'
    )


def _arrows():
    """Draw which way the lines run."""
    heads = []
    for t, x in STEP_AT.items():
        heads += [f"M{x - 4} {y - 7}h8l-4 7z" for y in (H - 9, WEIGHTS - 2)]
        if t < STEPS:
            heads += [f"M{x + 16} {y - 4}v8l-7 -4z" for y in (H, C)]
    return f'<path class="where-arrow" d="{"".join(heads)}"/>'


def _sums(shown):
    """Draw the plus signs where lines merge; where they merge unequally, another sign."""
    parts = []
    for name, (x, y) in sums().items():
        wrong = name in shown["unequal"]
        parts.append(
            f'<g data-sum="{name}" class="{"where-unequal" if wrong else ""}">'
            f'<circle cx="{x}" cy="{y}" r="8"/>'
            f'<text x="{x}" y="{y + 4.5}">{"≠" if wrong else "+"}</text></g>'
        )
    return "".join(parts)


def _parts(shown):
    scale = 1 / max(1, shown["total"])
    rows = []
    for row, colour in zip(shown["rows"], origin_colours(STEPS)[::-1], strict=True):
        ends = row["start"] * scale, row["size"] * scale
        rows.append(_row(f"term {row['term']}", row["powers"], *ends, to_hex(colour)))
    rows.append(_row("sum", "", 0, shown["total"] * scale, look="where-total"))
    rows.append(_row("true gradient", "", 0, scale, look="where-true"))
    style = f"--true:{scale:.4f}"
    return f'<div class="where-rows" style="{style}" aria-hidden="true">{"".join(rows)}</div>'


def _row(name, powers, start, size, colour="", look=""):
    style = f"left:{start:.2%};width:{size:.2%}" + f";background:{colour}" * bool(colour)
    return (
        f'<div class="where-row {look}"><span>{name}</span>'
        f'<span class="where-power">{powers}</span><span class="where-track">'
        f'<span class="where-bar" style="{style}"></span></span></div>'
    )
