"""The figure in which the reader watches the degrees grow with the length of the sequence."""

import altair as alt

from lstm_src.book.interactive.degrees import CHOICES, STEPS, degrees_table
from lstm_src.book.interactive.live import choice_of, live, number_of
from lstm_src.book.style import COLOURS

INK, GREY = "#222222", "#6b6b6b"
WIDTH, HEIGHT, TOP = 330, 300, 62

ABOUT = (
    "A live picture: choose where to divide and the number of steps T. For each loss term it shows "
    "the powers of 1/N in which the term arrives at the weights."
)

MESSAGE = (
    "datum.lo == 1 && datum.hi == 1 ? 'Degrees {1}: scaled once' : "
    "'Degrees {' + (datum.lo == datum.hi ? datum.lo : datum.hi - datum.lo > 1 ? "
    "datum.lo + ', …, ' + datum.hi : datum.lo + ', ' + datum.hi) + '}: not once'"
)


def degrees_over_T(choice="again at every step", *, T=4):
    """Draw the figure in which the reader chooses the place of the factor and the length.

    Parameters
    ----------
    choice : str, optional
        A key of `lstm_src.book.interactive.degrees.CHOICES`, chosen at first.
    T : int, optional
        Steps at first, 1 to 8.

    Returns
    -------
    LiveFigure
        Shown when it is a cell's last expression.

    Raises
    ------
    ValueError
        If ``choice`` or ``T`` is none of these.
    """
    if T not in STEPS:
        raise ValueError(f"T: expected {STEPS[0]} to {STEPS[-1]}, got {T}")
    chart = alt.layer(*_layers()).properties(width=WIDTH, height=HEIGHT)
    chart = chart.properties(data=alt.InlineData(values=degrees_table(), name="degrees"))
    chart = chart.add_params(
        choice_of(choice, CHOICES, "Divide by N"), number_of("T", T, STEPS, "Steps T")
    )
    return live(chart, ABOUT)


def _layers():
    chosen = alt.Chart().transform_filter("datum.choice == choice && datum.T == T")
    last = STEPS[-1]
    x = alt.X(
        "power:Q",
        axis=None,
        scale=alt.Scale(domain=[-0.5, last + 0.5], range=[66, WIDTH], nice=False, zero=False),
    )
    y = alt.Y(
        "term:Q",
        axis=None,
        scale=alt.Scale(domain=[last + 0.5, 0.5], range=[HEIGHT, TOP], nice=False, zero=False),
    )
    powers = alt.Chart(
        alt.SequenceGenerator(alt.SequenceParams(start=0, stop=last + 1, **{"as": "power"}))
    )
    words = {"fontSize": 15, "color": INK}
    once = "datum.power == 1"
    marks = chosen.encode(x=x, y=y)
    return (
        powers.transform_filter(once)
        .mark_rect(color="#e6f2ec", width=26)
        .encode(x=x, y=alt.value(TOP), y2=alt.value(HEIGHT)),
        powers.mark_text(**words).encode(x=x, y=alt.value(TOP - 10), text="power:Q"),
        alt.Chart(alt.InlineData(values=[{}]))
        .mark_text(fontSize=14, color=GREY, align="left", text="arrives with the power of 1/N")
        .encode(x=alt.value(54), y=alt.value(TOP - 28)),
        chosen.transform_aggregate(n="count()", groupby=["term"])
        .transform_calculate(name="'term ' + datum.term")
        .mark_text(align="left", **words)
        .encode(x=alt.value(0), y=y, text="name:N"),
        marks.transform_filter(once)
        .mark_circle(size=170, opacity=1, color=COLOURS["green"])
        .properties(name="once"),
        marks.transform_filter(f"!({once})")
        .mark_point(shape="cross", size=130, opacity=1, filled=True, color=COLOURS["orange"])
        .properties(name="other"),
        chosen.transform_aggregate(lo="min(power)", hi="max(power)")
        .transform_calculate(message=MESSAGE)
        .mark_text(align="left", baseline="top", fontSize=18, fontWeight="bold", color=INK)
        .encode(x=alt.value(0), y=alt.value(2), text="message:N")
        .properties(name="message"),
    )
