"""Reports of wrong factors over many ranks, as a page shows them: code, findings, tables."""

from fractions import Fraction

from IPython.display import Markdown

from lstm_src.book.listing import listing
from lstm_src.placements.reported import reading

ORDER = ("data", "context", "rounds", "expert", "tensor", "pipeline", "shards")
"""The axes in the order of the tables."""


SIGNS = {Fraction(1, 2): "½", Fraction(1, 4): "¼"}
"""Fractions that have a sign of their own."""


def factor(number):
    """Return a factor as a page writes it: a fraction where it is one, else four decimals."""
    near = Fraction(number).limit_denominator(32)
    if abs(near - number) < 1e-9:
        return f"×\u00a0{SIGNS.get(near, near)}"
    return f"×\u00a0{number:.4f}"


def remade(entry, width=79):
    """Show a report: what the code does, its few lines, and what comes out, mended and not.

    Parameters
    ----------
    entry : Reported
    width : int, optional
        Break lines of code that are longer.

    Returns
    -------
    IPython.display.Markdown
    """
    found, right = reading(entry), reading(entry, entry.mended)
    ranks = ", ".join(f"{name} = {size}" for name, size in entry.sizes.items())
    said = f"**Reported** {{cite:p}}`{entry.source}`: the code {entry.did}. It says: {entry.says}."
    read = f"**Read off, with {ranks}:** {factor(found)}; mended {factor(right)}."
    return Markdown("\n\n".join([said, listing(entry.code, width=width).data, read]))


def reports_table(found):
    """Show what the code of each report comes to, over what is right.

    Parameters
    ----------
    found : dict of Reported to number
        What `reading` makes of its code.

    Returns
    -------
    IPython.display.Markdown
        A row for each, in the order of the axes.
    """
    rows = ["| axis | the code | the report | found |", "|:--|:--|:--|:--|"]
    for entry, read in sorted(found.items(), key=lambda pair: ORDER.index(pair[0].axis)):
        of = {"all": "", "norm": " of the norm"}.get(entry.part, " of that loss")
        said = f"{entry.says} {{cite:p}}`{entry.source}`"
        rows.append(f"| {entry.axis} | {entry.did} | {said} | {factor(read)}{of} |")
    return Markdown("\n".join(rows))


def axes_table(rows):
    """Show a row for each axis, linked to its section, of cells by the heads of their columns."""
    heads = list(next(iter(rows.values())))
    lines = ["| axis | " + " | ".join(heads) + " |", "|:--|" + ":--|" * len(heads)]
    for axis, cells in rows.items():
        told = " | ".join(str(cells[head]) for head in heads)
        lines.append(f"| {{ref}}`{axis} <ranks-{axis}>` | {told} |")
    return Markdown("\n".join(lines))
