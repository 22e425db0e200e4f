"""What the pages of the book are made with: style, drawings, live figures, listings, tables.

Nothing but chapters, tests and scripts imports this room, and nothing in it is public.
"""

from lstm_src.validation import need_extra

need_extra("lstm_src.book", "book", "sympy", "IPython", "matplotlib", "altair")

__all__ = []
