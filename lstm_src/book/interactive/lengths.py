"""The figure of a batch of two lengths: what a token weighs under five means."""

import csv
import io

import altair as alt
import numpy as np

from lstm_src.book.interactive.live import choice_of, live, number_of
from lstm_src.book.style import COLOURS
from lstm_src.training.reductions import reduction_weights

LENGTHS = range(1, 9)
"""The lengths among which a reader chooses."""

CHOICES = ("sum", "token mean", "sequence mean", "batch mean", "mean with the padding")
"""The reductions among which a reader chooses; the last divides by the entries of the batch."""

INK, GREY = "#222222", "#6b6b6b"
WIDTH, HEIGHT = 340, 208
ROWS = {1: 98, 2: 174}

ABOUT = (
    "A live picture: choose the lengths of two sequences and a mean. It shows how much each token "
    "weighs in the loss."
)

MESSAGE = (
    "datum.low == datum.high ? 'All tokens weigh alike' : "
    "'Tokens of the shorter weigh ' + format(datum.high / datum.low, '.2~f') + ' × as much'"
)


def weight_counts(choice, lengths):
    """Return for each of two sequences the number that a token's term is divided by.

    Parameters
    ----------
    choice : str
        One of `CHOICES`.
    lengths : tuple of int
        Tokens of the sequences.

    Returns
    -------
    list of int
    """
    mask = np.arange(max(lengths))[:, None] < np.array(lengths)
    if choice == CHOICES[-1]:
        return [mask.size] * 2
    return [round(1 / weight) for weight in reduction_weights(choice, mask)[0]]


def weights_table():
    """Return a row for each sequence of all `CHOICES` and pairs of `LENGTHS`."""
    return [
        {"choice": choice, "A": a, "B": b, "sequence": k, "length": length, "count": count}
        for choice in CHOICES
        for a in LENGTHS
        for b in LENGTHS
        for k, length, count in zip((1, 2), (a, b), weight_counts(choice, (a, b)), strict=True)
    ]


def weights_of_two_lengths(choice="token mean", *, lengths=(2, 6)):
    """Draw the figure in which the reader chooses two lengths and a mean.

    Parameters
    ----------
    choice : str, optional
        One of `CHOICES`, chosen at first.
    lengths : tuple of int, optional
        Tokens of the two sequences at first, each 1 to 8.

    Returns
    -------
    LiveFigure
        Shown when it is a cell's last expression.

    Raises
    ------
    ValueError
        If ``choice`` or ``lengths`` is none of these.
    """
    if len(lengths) != 2 or not all(length in LENGTHS for length in lengths):
        raise ValueError(
            f"lengths: expected two, each {LENGTHS[0]} to {LENGTHS[-1]}, got {lengths}"
        )
    params = [
        choice_of(choice, CHOICES, "Reduction"),
        number_of("A", lengths[0], LENGTHS, "Tokens in 1"),
        number_of("B", lengths[1], LENGTHS, "Tokens in 2"),
    ]
    chart = alt.layer(*_layers()).properties(data=_data(), width=WIDTH, height=HEIGHT)
    return live(chart.add_params(*params), ABOUT)


def _data():
    rows, file = weights_table(), io.StringIO()
    writer = csv.DictWriter(file, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    numbers = dict.fromkeys(["A", "B", "sequence", "length", "count"], "number")
    form = alt.CsvDataFormat(type="csv", parse=numbers)
    return alt.InlineData(values=file.getvalue(), format=form, name="weights")


def _layers():
    chosen = (
        alt.Chart()
        .transform_filter("datum.choice == choice && datum.A == A && datum.B == B")
        .transform_joinaggregate(least="min(count)", most="max(length)")
    )
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, HEIGHT], range=[0, HEIGHT], nice=False))
    x = alt.X(
        "at:Q",
        axis=None,
        scale=alt.Scale(domain=[1, LENGTHS[-1]], range=[20, WIDTH - 20], zero=False),
    )
    rows = chosen.transform_calculate(
        y=f"datum.sequence == 1 ? {ROWS[1]} : {ROWS[2]}",
        label="'sequence ' + datum.sequence + ': each token weighs ' + "
        "(datum.count == 1 ? '1' : '1/' + datum.count)",
        area="1000 * datum.least / datum.count",
        tokens="sequence(1, datum.length + 1)",
        padding="sequence(datum.length + 1, datum.most + 1)",
    )
    total = (
        chosen.transform_calculate(share="1 / datum.count", weight="datum.length / datum.count")
        .transform_aggregate(total="sum(weight)", low="min(share)", high="max(share)")
        .transform_calculate(
            message=MESSAGE, total_text="'weights add up to ' + format(datum.total, '.3~f')"
        )
    )
    left = {"align": "left", "color": INK}
    size = alt.Size("area:Q", scale=None)
    return (
        total.mark_text(baseline="top", fontSize=15, fontWeight="bold", **left)
        .encode(x=alt.value(0), y=alt.value(2), text="message:N")
        .properties(name="message"),
        total.mark_text(baseline="top", fontSize=14, **left)
        .encode(x=alt.value(0), y=alt.value(26), text="total_text:N")
        .properties(name="total"),
        rows.mark_text(fontSize=15, dy=-32, **left)
        .encode(x=alt.value(0), y=y, text="label:N")
        .properties(name="label"),
        rows.transform_flatten(["padding"], ["at"])
        .mark_square(filled=False, size=1000, opacity=1, stroke=GREY, strokeDash=[3, 3])
        .encode(x=x, y=y)
        .properties(name="padding"),
        rows.transform_flatten(["tokens"], ["at"])
        .mark_square(opacity=1, color=COLOURS["blue"])
        .encode(x=x, y=y, size=size)
        .properties(name="token"),
    )
