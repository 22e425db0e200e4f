"""A Vega-Lite specification as an output of a notebook, with the controls that a page gives it."""

from dataclasses import dataclass

import altair as alt

FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"

MIME = "application/vnd.vegalite.v5+json"
"""What JupyterLab knows by itself how to draw."""


@dataclass(frozen=True, repr=False)
class LiveFigure:
    """A Vega-Lite specification that a notebook shows without a request to any other site."""

    spec: dict
    about: str

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {MIME: self.spec}

    def __repr__(self):
        """Say what the figure is about, where it can't be drawn."""
        return self.about


def live(chart, about):
    """Make a `LiveFigure` of an Altair chart; the parts of its marks are not read aloud."""
    chart = chart.configure(aria=False, background="white", font=FONT, padding=2)
    chart = chart.configure_view(stroke=None)
    schema = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json"}
    return LiveFigure(chart.to_dict() | schema, about)


def check_choice(choice, choices):
    """Raise unless a choice is there to be made."""
    if choice not in choices:
        raise ValueError(f"choice: expected one of {', '.join(choices)}, got {choice!r}")


def choice_of(choice, choices, label):
    """Return the parameter ``choice``, which a reader sets by one button for each."""
    check_choice(choice, choices)
    bind = alt.binding_radio(options=list(choices), name=f"{label} ")
    return alt.param("choice", value=choice, bind=bind)


def number_of(name, value, values, label):
    """Return a parameter that a reader sets along a range."""
    bind = alt.binding_range(min=values[0], max=values[-1], step=1, name=f"{label} ")
    return alt.param(name, value=value, bind=bind)
