"""The figure in which the reader chooses where to divide, and what it is drawn from.

`parts` runs the shipped backward pass and the catalogue's mistakes; `chart` draws what comes out
with Altair, as a specification that a browser draws again whenever a slider moves. Nothing but
chapters and tests imports this package.
"""

from lstm_src.book.interactive.chart import LiveFigure, choose_where_to_divide
from lstm_src.book.interactive.parts import CHOICES, parts_by_power, parts_table

__all__ = ["CHOICES", "LiveFigure", "choose_where_to_divide", "parts_by_power", "parts_table"]
