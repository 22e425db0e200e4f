"""What the package returns, as a page shows it: formulas, tables, differences, entries, reports."""

import re
from dataclasses import dataclass

from IPython.display import Markdown, Math

from lstm_src.book.cheat_sheet_filter import filter_form, marked
from lstm_src.placements import Placement
from lstm_src.proof import typeset

COLUMNS = {
    "audit": "audit",
    "gradient": "gradient check",
    "one_step": "one step",
    "weights": "weights",
    "certificate": "certificate",
}
"""The heads of the catalogue's table, by the fields of `Shows`."""

PASSING = "once", "as meant", True, None
"""What a check says that does not reject an entry."""

SEEN_BY = "seen-by"
"""The name of the catalogue's filter."""

CHIPS = {
    "Scaled exactly once": ("good", "✓ once"),
    "Not scaled exactly once": ("bad", "✗ not once"),
    "Right": ("good", "✓ right"),
    "Wrong": ("bad", "✗ wrong"),
    "Weighed as meant": ("good", "✓ as meant"),
    "Not as meant, .*: none of the means": ("bad", "✗ no such mean"),
    r"Not as meant, (.*): \1, with": ("bad", "✗ not as meant"),
    "Not as meant, ": ("bad", "✗ another mean"),
    "Not as meant": ("bad", "✗ not as meant"),
    "None of the means": ("unknown", "? no such mean"),
    "The same gradients": ("good", "✓ the same"),
    "Other gradients": ("bad", "✗ not the same"),
    "The ": ("unknown", "? not judged"),  # weights that are named, without a word on what is meant
    "Not repeatable": ("unknown", "? not repeatable"),
    "Not known": ("unknown", "? not known"),
    "Nothing to see": ("unknown", "? nothing to see"),
}
"""How the verdict of a report begins, as a pattern, and its chip: the first that fits counts."""


def formula(left, right, *, terms_per_line=1):
    """Show an equation: see `lstm_src.proof.typeset.equation`."""
    return Math(typeset.equation(left, right, terms_per_line=terms_per_line))


def formulas(lines):
    """Show equations below each other, each given as the LaTeX of its two sides."""
    rows = " \\\\\n".join(f"{left} &= {right}" for left, right in lines)
    return Math(f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}")


def degree_table(certificates):
    """Show the degrees of several backward passes: see `lstm_src.proof.typeset.degree_table`."""
    return Markdown(typeset.degree_table(certificates))


def lines_of(entry):
    """Show the lines that a right place or a mistake changes, or its few lines of code.

    Parameters
    ----------
    entry : Placement, Mistake or Variant

    Returns
    -------
    IPython.display.Markdown
        A block of the lines that are taken out (-) and put in (+), with dots between places, or a
        block of Python.
    """
    if isinstance(entry, Placement):
        entry = entry.place
    if hasattr(entry, "diff"):
        return _block("diff", entry.diff())
    return _block("diff" if entry.rewritten else "python", entry.show())


def catalogue_filter(found):
    """Show the choice of the checks that see an entry, for `catalogue_table`.

    Parameters
    ----------
    found : dict of Mistake to Shows
        The entries of all tables.
    """
    rows = [seen_by(shows) for shows in found.values()]
    legend = "Show the mistakes that are seen by"
    return Markdown(filter_form(SEEN_BY, legend, rows, [*COLUMNS.values(), "none"]))


def catalogue_table(found, title):
    """Show what the checks said, a row for each entry.

    Parameters
    ----------
    found : dict of Mistake to Shows
        What `lstm_src.placements.mistakes.verdicts.run_checks` returned.
    title : str
        Stands over the table, and goes with it when a filter leaves no row.

    Returns
    -------
    IPython.display.Markdown
        Bold where a check rejects the code, "passes", "once" or "as meant" where it does not see
        the mistake, a dash where it cannot be pointed at it. Titles link to the entries on the
        page of the catalogue.
    """
    rows = [["mistake", *COLUMNS.values()], [":--"] * (1 + len(COLUMNS))]
    for entry, shows in found.items():
        name = f"{marked(SEEN_BY, seen_by(shows))}[{entry.title}](#{anchor(entry)})"
        rows.append([name, *map(_cell, shows)])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return Markdown(f'<div class="filter-group">\n\n**{title}**\n\n{table}\n\n</div>')


def seen_by(shows):
    """Return the heads of the checks that reject an entry, or "none"."""
    rejects = {name: getattr(shows, name) not in PASSING for name in COLUMNS}
    return [COLUMNS[name] for name in COLUMNS if rejects[name]] or ["none"]


def anchor(entry):
    """Return the label of an entry on the page of the catalogue."""
    return f"mistake-{entry.name.replace('_', '-')}"


def describe(entry):
    """Show an entry's story with its source, its lines of code, and its symptom.

    Returns
    -------
    IPython.display.Markdown
        The source is a citation in the markup of the book.
    """
    source = f" {{cite:p}}`{entry.source}`" if entry.source else ""
    parts = [f"{entry.story.removesuffix('.')}{source}."]
    parts += [lines_of(entry).data] if entry.show() else []
    parts.append(f"**What gives it away.** {entry.symptom}")
    parts.append(f'**In code.** `MISTAKES["{entry.name}"]`')
    return Markdown("\n\n".join(parts))


@dataclass(frozen=True, repr=False)
class Framed:
    """A report of `lstm_src.checks` in a frame, with a chip for its verdict; as text, the report.

    The frame is a fieldset, which needs no style sheet: a notebook shows it, too.
    """

    report: object

    def __repr__(self):
        """Return the report as plain text."""
        return str(self.report)

    def _repr_html_(self):
        kind, chip = verdict_chip(self.report)
        legend = f'<legend class="{kind}">{chip}</legend>'
        return f'<fieldset class="framed">{legend}{self.report._repr_html_()}</fieldset>'


def verdict_chip(report):
    """Return the kind of a report's verdict, "good", "bad" or "unknown", and its sign and word.

    Raises
    ------
    ValueError
        If none of `CHIPS` stands for it.
    """
    for begin, chip in CHIPS.items():
        if re.match(begin, str(report)):
            return chip
    verdict = str(report).partition("\n")[0]
    raise ValueError(f"report: expected a verdict that one of CHIPS begins, got {verdict!r}")


def _block(language, text):
    return Markdown(f"```{language}\n{text}\n```")


def _cell(said):
    words = {True: "passes", False: "**caught**", None: "—"}
    if isinstance(said, str):  # a factor stays with what it multiplies
        said = said.replace(" × ", "\u00a0×\u00a0")
    return words.get(said, said if said in PASSING else f"**{said}**")
