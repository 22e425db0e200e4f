"""What the checks of a reader's own code found: a verdict, a table and advice, as text or HTML."""

import html
import textwrap
from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """A verdict in one line, a table with one row for each array, and advice, a paragraph each."""

    verdict: str
    headers: tuple
    rows: tuple
    advice: tuple = ()

    def __str__(self):
        """Return the report as plain text."""
        advice = [textwrap.fill(text, 88) for text in self.advice]
        return "\n\n".join([self.verdict, _text_table(self.headers, self.rows), *advice])

    def _repr_html_(self):
        paragraphs = (f"<p>{html.escape(text)}</p>" for text in self.advice)
        return (
            f'<div class="report"><p><strong>{html.escape(self.verdict)}</strong></p>'
            f"{_html_table(self.headers, self.rows)}{''.join(paragraphs)}</div>"
        )


class Shown:
    """What has a ``report``, and is shown as it: as text by ``str()``, as a table in a notebook."""

    def __str__(self):
        """Return the whole report as plain text."""
        return str(self.report)

    __repr__ = __str__

    def _repr_html_(self):
        return self.report._repr_html_()


def _padded(headers, rows):
    """Return all lines of a table with each column as wide as its widest cell."""
    widths = [
        max([len(head) + 2, *(len(row[k]) for row in rows)]) for k, head in enumerate(headers)
    ]
    return [
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        for line in (headers, ["-" * width for width in widths], *rows)
    ]


def _text_table(headers, rows):
    return "\n".join("  ".join(line).rstrip() for line in _padded(headers, rows))


def _html_table(headers, rows):
    head, _, *body = _padded(headers, rows)
    shown = "\n".join(_html_row("td", cells) for cells in body)
    return (
        f"<table>\n<thead>\n{_html_row('th', head)}\n</thead>\n<tbody>\n{shown}\n</tbody>\n</table>"
    )


def _html_row(tag, cells):
    return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"
