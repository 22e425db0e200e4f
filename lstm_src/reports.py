"""What the checks of a reader's own code found: a verdict, a table and advice, as text or HTML."""

import html
import textwrap
from typing import NamedTuple


class Report(NamedTuple):
    """A verdict in one line, a table with one row for each array, and advice, a paragraph each."""

    verdict: str
    headers: tuple
    rows: tuple
    advice: tuple = ()

    def __str__(self):
        """Return the report as plain text."""
        advice = [textwrap.fill(text, 88) for text in self.advice]
        return "\n\n".join([self.verdict, self._table("simple"), *advice])

    def _repr_html_(self):
        paragraphs = (f"<p>{html.escape(text)}</p>" for text in self.advice)
        return (
            f'<div class="report"><p><strong>{html.escape(self.verdict)}</strong></p>'
            f"{self._table('html')}{''.join(paragraphs)}</div>"
        )

    def _table(self, form):
        from tabulate import tabulate  # here, for it takes as long to import as half of NumPy

        return tabulate(self.rows, self.headers, tablefmt=form, disable_numparse=True)
