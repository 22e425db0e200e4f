"""The figure: each loss term's way to the weights, the factors on it, and what arrives."""

import csv
import io
from dataclasses import dataclass

import altair as alt

from lstm_src.book.interactive.layers import arrived_bars, power_labels, tracks
from lstm_src.book.interactive.parts import CHOICES, STEPS, parts_table

TERMS = 8, 64
"""The fewest and the most loss terms N in the mean."""

FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"

MIME = "application/vnd.vegalite.v5+json"
"""What JupyterLab knows by itself how to draw."""

ABOUT = (
    "A live picture: choose where to divide by N, the number of steps T, and N. Each loss term "
    "has a line, which runs from the loss back through the steps to the weights and meets the "
    "factor 1/N where ÷N stands. What arrives is added up and compared with the true gradient."
)
"""What stands for the figure where it can't be drawn."""


@dataclass(frozen=True, repr=False)
class LiveFigure:
    """A Vega-Lite specification that a notebook shows without a request to any other site."""

    spec: dict

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {MIME: self.spec}

    def __repr__(self):
        """Say what the figure is about, where it can't be drawn."""
        return ABOUT


def choose_where_to_divide(choice="on each gradient that enters", *, T=6, N=16):
    """Draw the figure in which the reader chooses where to divide.

    Parameters
    ----------
    choice : str, optional
        A key of `CHOICES`, chosen at first.
    T : int, optional
        Steps shown at first, 2 to 6.
    N : int, optional
        Loss terms in the mean at first, 8 to 64. The other terms belong to other sequences.

    Returns
    -------
    LiveFigure
        Shown when it is a cell's last expression.

    Raises
    ------
    ValueError
        If ``choice``, ``T`` or ``N`` is none of these.
    """
    if choice not in CHOICES:
        raise ValueError(f"choice: expected one of {', '.join(CHOICES)}, got {choice!r}")
    if T not in STEPS:
        raise ValueError(f"T: expected {STEPS[0]} to {STEPS[-1]}, got {T}")
    if not TERMS[0] <= N <= TERMS[1]:
        raise ValueError(f"N: expected {TERMS[0]} to {TERMS[1]}, got {N}")
    radio = alt.binding_radio(options=list(CHOICES), name="Divide by N ")
    steps = alt.binding_range(min=STEPS[0], max=STEPS[-1], step=1, name="Steps T ")
    terms = alt.binding_range(min=TERMS[0], max=TERMS[1], step=1, name="Terms in the mean N ")
    chart = (
        alt.hconcat(tracks(), power_labels(), arrived_bars(), spacing=0, bounds="flush")
        .properties(data=_table())
        .add_params(
            alt.param("choice", value=choice, bind=radio),
            alt.param("T", value=T, bind=steps),
            alt.param("N", value=N, bind=terms),
        )
        .configure(aria=False, background="white", font=FONT, padding=2)
        .configure_view(stroke=None)
    )
    spec = chart.to_dict() | {"$schema": "https://vega.github.io/schema/vega-lite/v5.json"}
    return LiveFigure(spec)


def _table():
    """Return the parts as inline CSV, a quarter of the size of a list of rows."""
    rows, file = parts_table(), io.StringIO()
    writer = csv.DictWriter(file, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    numbers = dict.fromkeys(["T", "term", "power", "size"], "number")
    form = alt.CsvDataFormat(type="csv", parse=numbers)
    return alt.InlineData(values=file.getvalue(), format=form, name="parts")
