"""What the package returns as text, as a page shows it: formulas, tables, differences, entries."""

from IPython.display import Markdown, Math

from lstm_src.placements import Placement
from lstm_src.proof import typeset

COLUMNS = {
    "audit": "audit",
    "gradient": "gradient check",
    "one_step": "one step",
    "certificate": "certificate",
}
"""The heads of the catalogue's table, by the fields of `Shows`."""


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


def catalogue_table(found):
    """Show what the checks said, a row for each entry.

    Parameters
    ----------
    found : dict of Mistake to Shows
        What `lstm_src.placements.mistakes.verdicts.run_checks` returned.

    Returns
    -------
    IPython.display.Markdown
        Bold where a check rejects the code, "passes" where it does not see the mistake, a dash
        where it cannot be pointed at it. Titles link to the entries on the page of the catalogue.
    """
    rows = [["mistake", *COLUMNS.values()], [":--"] * (1 + len(COLUMNS))]
    for entry, shows in found.items():
        rows.append([f"[{entry.title}](#{anchor(entry)})", *map(_cell, shows)])
    return Markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))


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


def _block(language, text):
    return Markdown(f"```{language}\n{text}\n```")


def _cell(said):
    words = {"once": "once", True: "passes", False: "**caught**", None: "—"}
    return words.get(said, f"**{said}**")
