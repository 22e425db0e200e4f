"""The figure of a batch of three lengths: what a token weighs, and where the gradient points."""

from itertools import product

import altair as alt

from lstm_src.book.interactive.directions import MEANS, SEQUENCES, STEPS, turned
from lstm_src.book.interactive.live import choice_of, live, number_of
from lstm_src.book.style import COLOURS

INK, GREY = "#222222", "#6b6b6b"
WIDTH, HEIGHT = 340, 408
NAMES = "ABC"
ROW, APART = 96, 62
"""The height of the first sequence's tokens, and of a sequence."""

START, LONG = (14, 382), 185
"""Where the arrows begin, and how long they are."""

ABOUT = (
    "A live picture: choose the lengths of three sequences and a mean. It shows how much each "
    "token weighs in the loss, and by how much the gradient is turned from that of the token mean."
)

DIVISOR = (
    "choice == 'sum' ? 1 : choice == 'token mean' ? A + B + C : "
    "choice == 'batch mean' ? 3 : choice == 'mean with the padding' ? 3 * max(A, B, C) : "
    f"choice == 'Dr. GRPO, room for 8' ? {SEQUENCES * STEPS[-1]} : 3 * datum.length"
)
"""What a token of a sequence is divided by, as Vega computes it."""

MESSAGE = (
    "datum.turn > 0 ? 'Another direction: turned by ' + "
    "(datum.turn < 1 ? 'less than 1' : format(datum.turn, '.0f')) + '°' : "
    "abs(datum.times - 1) < 1e-9 ? (choice == 'token mean' ? 'The token mean' : "
    "'The gradient of the token mean') : "
    "'The token mean’s direction, ' + format(datum.times, '.2~f') + ' × as long'"
)


def angles_table():
    """Return a row for all lengths: A, B, C and the angle between sequence mean and token mean."""
    return [
        {**dict(zip(NAMES, lengths, strict=True)), "angle": round(turned(lengths), 1)}
        for lengths in product(STEPS, repeat=SEQUENCES)
    ]


def weights_and_direction(choice="sequence mean (GRPO)", *, lengths=(2, 4, 8)):
    """Draw the figure in which the reader chooses three lengths and a mean.

    Parameters
    ----------
    choice : str, optional
        A key of `lstm_src.book.interactive.directions.MEANS`, chosen at first.
    lengths : tuple of int, optional
        Tokens of the three sequences at first, each 1 to 8.

    Returns
    -------
    LiveFigure
        Shown when it is a cell's last expression.

    Raises
    ------
    ValueError
        If ``choice`` or ``lengths`` is none of these.
    """
    if len(lengths) != SEQUENCES or not all(length in STEPS for length in lengths):
        raise ValueError(f"lengths: expected three, each {STEPS[0]} to {STEPS[-1]}, got {lengths}")
    controls = [choice_of(choice, MEANS, "Reduction")]
    for k, (name, length) in enumerate(zip(NAMES, lengths, strict=True), 1):
        controls.append(number_of(name, length, STEPS, f"Tokens in {k}"))
    rows = [",".join(map(str, row.values())) for row in angles_table()]
    form = alt.CsvDataFormat(type="csv", parse=dict.fromkeys([*NAMES, "angle"], "number"))
    text = "\n".join(["A,B,C,angle", *rows]) + "\n"
    chart = alt.layer(*_weights(), *_arrows()).properties(width=WIDTH, height=HEIGHT)
    chart = chart.properties(data=alt.InlineData(values=text, format=form, name="angles"))
    return live(chart.add_params(*controls), ABOUT)


def _chosen():
    """Return the row of the lengths, with the angle of what is chosen, and its length."""
    sequence = "sequence mean (GRPO)"
    return (
        alt.Chart()
        .transform_filter("datum.A == A && datum.B == B && datum.C == C")
        .transform_calculate(
            turn=f"choice == '{sequence}' && !(A == B && B == C) ? datum.angle : 0",
            length="A",  # where no sequence is turned, all are divided alike
        )
        .transform_calculate(times=f"(A + B + C) / ({DIVISOR})")
    )


def _each():
    """Return a row for each sequence, with its divisor."""
    return (
        _chosen()
        .transform_calculate(k="[1, 2, 3]", n="[A, B, C]")
        .transform_flatten(["k", "n"], ["sequence", "length"])
        .transform_calculate(divisor=DIVISOR, y=f"{ROW} + {APART} * (datum.sequence - 1)")
    )


def _place(name, most):
    scale = alt.Scale(domain=[0, most], range=[0, most], nice=False, zero=False)
    return f"{name}:Q", {"axis": None, "scale": scale}


def _weights():
    left = {"align": "left", "color": INK}
    y, look = _place("y", HEIGHT)
    y = alt.Y(y, **look)
    x, look = _place("x", WIDTH)
    x = alt.X(x, **look)
    rows = _each().transform_calculate(
        label="'sequence ' + datum.sequence + ': each token weighs ' + "
        "(datum.divisor == 1 ? '1' : '1/' + datum.divisor)",
        tokens="sequence(1, datum.length + 1)",
        padding="sequence(datum.length + 1, max(A, B, C) + 1)",
    )
    total = _each().transform_calculate(weight="datum.length / datum.divisor")
    total = total.transform_aggregate(
        total="sum(weight)", turn="max(turn)", times="max(times)"
    ).transform_calculate(
        message=MESSAGE, total_text="'weights add up to ' + format(datum.total, '.3~f')"
    )
    least = rows.transform_joinaggregate(least="min(divisor)")
    token = least.transform_calculate(area="560 * datum.least / datum.divisor")
    step = "16 + 40 * (datum.at - 1)"
    return (
        total.mark_text(baseline="top", fontSize=15, fontWeight="bold", **left)
        .encode(x=alt.value(0), y=alt.value(2), text="message:N")
        .properties(name="message"),
        total.mark_text(baseline="top", fontSize=14, **left)
        .encode(x=alt.value(0), y=alt.value(26), text="total_text:N")
        .properties(name="total"),
        rows.mark_text(fontSize=15, dy=-26, **left)
        .encode(x=alt.value(0), y=y, text="label:N")
        .properties(name="label"),
        rows.transform_flatten(["padding"], ["at"])
        .transform_calculate(x=step)
        .mark_square(filled=False, size=560, opacity=1, stroke=GREY, strokeDash=[3, 3])
        .encode(x=x, y=y)
        .properties(name="padding"),
        token.transform_flatten(["tokens"], ["at"])
        .transform_calculate(x=step)
        .mark_square(opacity=1, color=COLOURS["blue"])
        .encode(x=x, y=y, size=alt.Size("area:Q", scale=None))
        .properties(name="token"),
    )


def _arrows():
    x, across = _place("x", WIDTH)
    y, down = _place("y", HEIGHT)
    x, y = alt.X(x, **across), alt.Y(y, **down)
    made = []
    for name, turn, colour, dash in (
        ("flat", "0", "grey", [5, 4]),
        ("turned", "datum.turn", "orange", [1, 0]),
    ):
        bend = f"({turn}) * PI / 180"
        base = _chosen().transform_calculate(
            x=str(START[0]),
            y=str(START[1]),
            to_x=f"{START[0]} + {LONG} * cos({bend})",
            to_y=f"{START[1]} - {LONG} * sin({bend})",
            angle=f"90 - ({turn})",
        )
        tip = base.transform_calculate(x="datum.to_x", y="datum.to_y")
        made += [
            base.mark_rule(color=COLOURS[colour], strokeWidth=3, strokeDash=dash)
            .encode(x=x, y=y, x2="to_x:Q", y2="to_y:Q")
            .properties(name=f"{name}-line"),
            tip.mark_point(
                shape="triangle-up", filled=True, size=130, opacity=1, color=COLOURS[colour]
            )
            .encode(x=x, y=y, angle=alt.Angle("angle:Q", scale=None))
            .properties(name=f"{name}-tip"),
        ]
    words = {"fontSize": 14, "align": "left"}
    flat = _chosen().transform_calculate(x=str(START[0]), y=str(START[1] + 18))
    end = _chosen().transform_calculate(
        x=f"{START[0]} + {LONG} * cos(datum.turn * PI / 180)",
        y=f"{START[1]} - {LONG} * sin(datum.turn * PI / 180) - 18",
    )
    return (
        *made,
        flat.mark_text(color=INK, **words)
        .encode(x=x, y=y, text=alt.value("gradient of the token mean"))
        .properties(name="beside"),
        end.mark_text(color="#A84A00", **words | {"align": "center"})
        .encode(x=x, y=y, text=alt.value(alt.ExprRef("choice")))
        .properties(name="chosen"),
    )
