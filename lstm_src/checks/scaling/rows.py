"""The rows of a report on many arrays: those that are alike stand in one row."""

import re

LONG = 40
"""Rows up to which each array has its own, and beyond which the table is cut."""


def grouped(findings):
    """Return pairs of a label and a Finding: one for each array, or for those that are alike.

    Names are alike if they differ in numbers alone. More than `LONG` arrays are put together where
    names and findings are alike, those that are wrong first.
    """
    if len(findings) <= LONG:
        return [*findings.items()]
    groups = {}
    for name, finding in findings.items():
        groups.setdefault((re.sub(r"\d+", "#", name), finding), []).append(name)
    rows = [(_label(names), finding) for (_, finding), names in groups.items()]
    return sorted(rows, key=lambda row: row[1].verdict in ("once", "no information"))


def cut(rows):
    """Return the first `LONG` rows of a table, and one that says how many were left out."""
    if len(rows) <= LONG:
        return tuple(rows)
    rest = [f"and {len(rows) - LONG} more rows", *[""] * (len(rows[0]) - 1)]
    return (*rows[:LONG], tuple(rest))


def _label(names):
    if len(names) == 1:
        return names[0]
    return f"{names[0]} to {names[-1]}: {len(names):,} arrays"
