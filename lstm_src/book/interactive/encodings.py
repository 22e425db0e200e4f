"""What the marks of the figure stand for: the chosen rows, and where a row or a column is drawn.

A row is a loss term, the last one on top. Columns are what the backward pass meets: 0 is the loss,
1 to T are the steps from the last to the first, T + 1 are the weights. In the expressions
``choice``, ``T`` and ``N`` are the reader's.
"""

import altair as alt

TOP, HEIGHT, WIDTHS = 66, 340, (318, 78, 108)
"""Where the rows begin, where the picture ends, and how wide its three panels are, in pixels."""

PART = "datum.size * pow(N, 1 - datum.power)"
"""A part, multiplied with its power of 1/N, in lengths of the true gradient."""

ENDS = {"lo": "min(power)", "hi": "max(power)"}
"""The lowest and the highest power among parts."""


def chosen():
    """Return a chart of the parts at the chosen place and length."""
    chosen = alt.Chart().transform_filter("datum.choice == choice && datum.T == T")
    return chosen.transform_calculate(part=PART)


def by_term():
    """Gather the parts of each loss term; each begins where the one above it ends."""
    terms = chosen().transform_aggregate(part="sum(part)", **ENDS, groupby=["term"])
    last_first = [alt.SortField("term", order="descending")]
    return terms.transform_window(end="sum(part)", sort=last_first).transform_calculate(
        start="datum.end - datum.part", row="T - datum.term", below="datum.row + 1"
    )


def total(row):
    """Add all parts up, to be drawn in a row given as an expression."""
    return (
        chosen()
        .transform_aggregate(end="sum(part)", **ENDS)
        .transform_calculate(start="0", one="1", row=row)
    )


def column(field):
    """Return the horizontal place of a column."""
    ends = {"domainMin": 0, "domainMax": {"expr": "T + 1"}}
    ends |= {"rangeMin": 74, "rangeMax": WIDTHS[0] - 44}
    return alt.X(field, axis=None, scale=alt.Scale(nice=False, zero=False, **ends))


def row(field="row:Q"):
    """Return the vertical place of a row."""
    ends = {"domainMin": -0.6, "domainMax": {"expr": "T + 1.5"}}
    ends |= {"rangeMin": TOP, "rangeMax": HEIGHT}
    return alt.Y(field, axis=None, scale=alt.Scale(nice=False, zero=False, **ends))


def length(field):
    """Return the horizontal place of a length along the true gradient."""
    return alt.X(field, axis=None, scale=alt.Scale(nice=False, zero=True))


def origin_colour():
    """Return the colour of a loss term, as `lstm_src.book.style.origin_colours` has it."""
    scheme = alt.SchemeParams("yellowgreenblue", extent=[1, 0.55])
    scale = alt.Scale(scheme=scheme, domainMin=1, domainMax={"expr": "T"})
    return alt.Color("term:Q", scale=scale, legend=None)
