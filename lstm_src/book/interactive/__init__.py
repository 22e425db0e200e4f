"""Figures that the reader changes.

In `where_to_divide` the reader puts ÷N on any line of one LSTM's backward pass: `ways` has its
numbers, `picture` says what they come to, `where` draws it as HTML, which `where.js` keeps up.
`degrees_over_T`, `weights_of_two_lengths` and `weights_and_direction` are charts of Altair, whose
specifications a browser draws again. Nothing but chapters and tests imports this package.
"""

from lstm_src.book.interactive.degrees import CHOICES, degrees_by_term
from lstm_src.book.interactive.degrees_figure import degrees_over_T
from lstm_src.book.interactive.directions_figure import weights_and_direction
from lstm_src.book.interactive.lengths import weights_of_two_lengths
from lstm_src.book.interactive.where import where_to_divide

__all__ = [
    "CHOICES",
    "degrees_by_term",
    "degrees_over_T",
    "weights_and_direction",
    "weights_of_two_lengths",
    "where_to_divide",
]
