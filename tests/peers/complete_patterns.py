"""The table of the complete step turned around: from what the checks say to the mistakes.

`python tests/peers/complete_patterns.py`, with the project on the path, stores it.
"""

import csv
import io
import re

from complete_table import HEADS, STORED

PATTERNS = STORED.with_name("complete_patterns.csv")
HEADED = "what the checks say", "where to look, and what it was in the table below"


def _weighed(row, words):
    return row["scaling"] == "once" and re.search(words, row["weights"]) is not None


KINDS = {
    "*Not repeatable*": (
        lambda row: row["scaling"] == "not repeatable",
        "What is left from the call before",
    ),
    "*Partly*": (
        lambda row: row["scaling"] == "partly",
        "A loss term, or a decay, that neither count divides",
    ),
    "*Once*; one factor on both losses": (
        lambda row: _weighed(row, r"^(× \S+), \1$"),
        "A count that stands once too often, or not at all (workers, micro-batches), or a loss "
        "scale",
    ),
    "*Once*; a factor on one loss": (
        lambda row: _weighed(row, r"^× (\S+), × (?!\1$)"),
        "The count of that loss, and what else stands on it alone",
    ),
    "*Once*; *uneven*": (
        lambda row: _weighed(row, "uneven"),
        "What each worker, micro-batch or window does for itself (a count of its own, a gradient "
        "that is cleared, or that no other worker gets)",
    ),
    "*Once*; *no weighting*": (
        lambda row: _weighed(row, "no weighting"),
        "Terms that are not meant, as of padding; or a way back that is cut",
    ),
    "*Once*, *right*, *as meant*; two loss scales *differ*": (
        lambda row: _clean(row) and row["two loss scales"] == "differ",
        "A clip that meets the gradient before it is unscaled, or only a part of it",
    ),
    "All four *right*; one process *differs*": (
        lambda row: _clean(row) and row["two loss scales"] == "same" != row["one process"],
        "What comes after the gradient (clip, decay, optimizer)",
    ),
    "*Raises*": (lambda row: row["scaling"] == "raises", "What PyTorch names"),
}
"""By what the checks say: which rows that is, and where to look."""


def _clean(row):
    return [row[name] for name in HEADS[1:4]] == ["once", "right", "as meant"]


def patterns(rows):
    """Return the turned table as text.

    Parameters
    ----------
    rows : dict of str to dict
        Those of the stored table, by the mistake.
    """
    found = [HEADED]
    for said, (fits, where) in KINDS.items():
        names = "; ".join(name for name, row in rows.items() if fits(row))
        found.append((said, f"{where}: {names}"))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(found)
    return out.getvalue()


def stored_rows():
    """Return the rows of the stored table by the mistake."""
    return {row["the step"]: row for row in csv.DictReader(io.StringIO(STORED.read_text("utf-8")))}


if __name__ == "__main__":
    PATTERNS.write_text(patterns(stored_rows()), encoding="utf-8")
