"""The three panels of the figure, each a few layers of marks."""

import altair as alt

from lstm_src.book.interactive.encodings import (
    HEIGHT,
    TOP,
    WIDTHS,
    by_term,
    column,
    length,
    origin_colour,
    row,
    total,
)

INK, GREY = "#222222", "#6b6b6b"

GATES = (
    "choice == 'on the loss' ? [0] : choice == 'at the end' ? [T + 1] : "
    "sequence(T - datum.term + 1, T - datum.term + 1 + datum.hi)"
)
"""The columns in which a term's line meets the factor: as many as its highest power says."""

POWERS = "['1', '1/N', '1/N²', '1/N³', '1/N⁴', '1/N⁵', '1/N⁶']"
POWER = f"{POWERS}[datum.lo] + (datum.hi > datum.lo ? '…' + {POWERS}[datum.hi] : '')"

ONCE = "datum.lo == 1 && datum.hi == 1"
MESSAGE = (
    f"{ONCE} ? 'Every loss term meets 1/N exactly once' : "
    "datum.lo == 0 ? 'Term ' + T + ' never meets 1/N: the 40 in a/N + 40' : "
    "'Loss terms meet 1/N once more at every step'"
)
VERDICT = (
    "'sum: ' + format(datum.end, datum.end < 9.995 ? '.2f' : '.0f') + ' × the true gradient: ' + "
    f"({ONCE} ? 'right' : datum.end > 1 ? 'too large' : 'too small')"
)


def tracks():
    """Draw each term's line from the loss through its step to the weights, with its factors."""
    places = alt.SequenceGenerator(alt.SequenceParams(start=0, stop=10, **{"as": "at"}))
    columns = alt.Chart(places).transform_filter("datum.at <= T + 1")
    steps = columns.transform_filter("datum.at > 0 && datum.at <= T")
    names = columns.transform_calculate(
        name="datum.at == 0 ? 'loss' : datum.at > T ? '' : T - datum.at + 1"
    )
    lines = by_term().transform_calculate(
        loss="0", enters="T - datum.term + 1", weights="T + 1", label="'term ' + datum.term"
    )
    gates = lines.transform_calculate(gates=GATES).transform_flatten(["gates"], ["at"])
    at, name, y, colour = column("at:Q"), alt.value(TOP - 11), row(), origin_colour()
    below = alt.value({"expr": f"{TOP} + {HEIGHT - TOP} * T / (T + 2.1)"})
    from_left = {"align": "left", "color": INK}
    layers = (
        steps.mark_rect(color="#f1f1f1", width=20).encode(x=at, y=alt.value(TOP), y2=below),
        names.mark_text(fontSize=16, color=INK).encode(x=at, y=name, text="name:N"),
        columns.transform_filter("datum.at > T")
        .mark_text(fontSize=16, dx=-10, text="weights", **from_left)
        .encode(x=at, y=name),
        columns.transform_filter("datum.at == 1")
        .mark_text(fontSize=15, color=GREY, align="left", dx=-5, text="steps, the last one first →")
        .encode(x=at, y=alt.value(TOP - 31)),
        lines.mark_text(fontSize=16, **from_left).encode(x=alt.value(0), y=y, text="label:N"),
        lines.mark_rule(strokeDash=[2, 3], strokeWidth=1.5).encode(
            x=column("loss:Q"), x2="enters:Q", y=y, color=colour
        ),
        lines.mark_rule(strokeWidth=3).encode(
            x=column("enters:Q"), x2="weights:Q", y=y, color=colour
        ),
        lines.mark_point(shape="triangle-right", filled=True, size=90, opacity=1).encode(
            x=column("weights:Q"), y=y, color=colour
        ),
        lines.mark_circle(size=70, opacity=1).encode(x=column("enters:Q"), y=y, color=colour),
        gates.transform_filter("datum.hi == 1")  # the cut, if each line has one factor
        .mark_line(color=INK, strokeWidth=1.2)
        .encode(x=at, y=y, order="row:Q"),
        gates.mark_square(size=620, opacity=1, fill="white", stroke=INK, strokeWidth=1.2).encode(
            x=at, y=y
        ),
        gates.mark_text(fontSize=14, fontWeight="bold", color=INK, text="÷N")
        .encode(x=at, y=y)
        .properties(name="gate"),
        total("0")
        .transform_calculate(message=MESSAGE)
        .mark_text(baseline="top", fontSize=18, fontWeight="bold", **from_left)
        .encode(x=alt.value(0), y=alt.value(2), text="message:N")
        .properties(name="message"),
    )
    return alt.layer(*layers).properties(width=WIDTHS[0], height=HEIGHT)


def power_labels():
    """Write beside each line the powers of 1/N in which its part arrives; below, the verdict."""
    right = {"align": "right", "color": INK}
    place = {"x": alt.value(WIDTHS[1] - 8), "y": row()}
    layers = (
        by_term()
        .transform_calculate(power=POWER)
        .mark_text(fontSize=15, **right)
        .encode(text="power:N", **place)
        .properties(name="power"),
        total("T + 0.2")
        .transform_calculate(verdict=VERDICT)
        .mark_text(fontSize=16, fontWeight="bold", **right)
        .encode(text="verdict:N", **place)
        .properties(name="verdict"),
        total("T + 1.1").mark_text(fontSize=16, text="the true gradient", **right).encode(**place),
    )
    return alt.layer(*layers).properties(width=WIDTHS[1], height=HEIGHT)


def arrived_bars():
    """Draw what arrives, term after term, then the sum and the true gradient."""
    half = "0.03 * (T + 2.1)"  # of a row, as thick on the screen whatever T is
    terms, sums, true = (
        part.transform_calculate(top=f"datum.row - {half}", bottom=f"datum.row + {half}")
        for part in (by_term(), total("T + 0.2"), total("T + 1.1"))
    )
    bar = {"x": length("start:Q"), "y": row("top:Q"), "y2": "bottom:Q"}
    layers = (
        terms.mark_rule(color=GREY).encode(x=length("end:Q"), y=row(), y2="below:Q"),
        terms.mark_bar(stroke=INK, strokeWidth=0.5)
        .encode(x2="end:Q", color=origin_colour(), **bar)
        .properties(name="part"),
        sums.mark_bar(color=INK).encode(x2="end:Q", **bar).properties(name="sum"),
        true.mark_bar(fill="white", stroke=INK, strokeWidth=2).encode(x2="one:Q", **bar),
        true.mark_rule(color=INK, strokeDash=[4, 3]).encode(
            x=length("one:Q"), y=alt.value(TOP), y2=alt.value(HEIGHT)
        ),
    )
    return alt.layer(*layers).properties(width=WIDTHS[2], height=HEIGHT)
