"""What the checks of a reader's own code found: a verdict, a table and advice, as text or HTML."""

import html
from typing import NamedTuple

from tabulate import tabulate


class Report(NamedTuple):
    """A verdict in one line, a table with one row for each array, and advice, a paragraph each."""

    verdict: str
    headers: tuple
    rows: tuple
    advice: tuple = ()

    def __str__(self):
        """Return the report as plain text."""
        table = tabulate(self.rows, self.headers, disable_numparse=True)
        return "\n\n".join([self.verdict, table, *self.advice])

    def _repr_html_(self):
        table = tabulate(self.rows, self.headers, tablefmt="html", disable_numparse=True)
        paragraphs = (f"<p>{html.escape(text)}</p>" for text in self.advice)
        return (
            f'<div class="report"><p><strong>{html.escape(self.verdict)}</strong></p>'
            f"{table}{''.join(paragraphs)}</div>"
        )
