"""The weights as bars, in SVG that needs no library: one a row, and a mark for what was meant."""

import html

import numpy as np

from lstm_src.checks.weights.verdicts import figure

HIGH, WIDE, LEFT = 18, 320, 220
"""Height of a row, and widths of the bars and of their labels, in pixels."""


def bars(rows, scaled, meant):
    """Return an SVG drawing of the weights.

    Parameters
    ----------
    rows : list of Row
    scaled : float
        What the meant weights are multiplied by, so that both can be seen on one scale.
    meant : str or None
        The name of what was meant.

    Returns
    -------
    str
        Its colours are those of the text around it; its title and description say what is seen.
    """
    marks = [row.meant * scaled for row in rows]
    ends = [abs(v) for row, mark in zip(rows, marks, strict=True) for v in (row.weight, mark)]
    top = max((value for value in ends if np.isfinite(value)), default=0.0) or 1.0
    title = "Weight of one term"
    told = "; ".join(f"{row.label}: {_number(row.weight)}" for row in rows)
    note = f" The line marks the {meant}, brought to the same sum." if meant else ""
    drawn = [
        _row(row, mark, k, top, meant)
        for k, (row, mark) in enumerate(zip(rows, marks, strict=True))
    ]
    height = HIGH * len(rows) + 4
    return (
        f'<svg role="img" viewBox="0 0 {LEFT + WIDE + 90} {height}" '
        f'style="max-width: {LEFT + WIDE + 90}px; width: 100%; height: auto" fill="currentColor" '
        f'aria-label="{html.escape(f"{title}: {told}.{note}")}">'
        f"<title>{html.escape(title)}</title>{''.join(drawn)}</svg>"
        f"<p>{html.escape(f'{title}.{note}')}</p>"
    )


def _row(row, mark, k, top, meant):
    y = HIGH * k + 2
    label = row.label if len(row.label) <= 34 else row.label[:33] + "…"
    words = _text(LEFT - 8, y, html.escape(label), ' text-anchor="end"')
    if not np.isfinite(row.weight):
        return words + _text(LEFT, y, "not known")
    long = WIDE * abs(row.weight) / top
    drawn = (
        f'{words}<rect x="{LEFT}" y="{y + 2}" width="{long:.1f}" height="{HIGH - 6}" '
        f'fill-opacity="0.55"/>'
    )
    if meant:
        at = LEFT + WIDE * abs(mark) / top
        drawn += (
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y}" y2="{y + HIGH - 2}" '
            f'stroke="currentColor" stroke-width="2"/>'
        )
    end = max(long, WIDE * abs(mark) / top if meant else 0.0)
    return drawn + _text(LEFT + end + 6, y, _number(row.weight))


def _text(x, y, words, more=""):
    return f'<text x="{x:.1f}" y="{y + 12}" font-size="12"{more}>{words}</text>'


def _number(value):
    return figure(value) if np.isfinite(value) else "not known"
