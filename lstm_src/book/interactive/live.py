"""A Vega-Lite specification as an output of a notebook, with the controls that a page gives it."""

from dataclasses import dataclass

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
