"""Which check catches which mistake: every check pointed at every entry, and the table of it."""

import numpy as np
from IPython.display import Markdown

from lstm_src.audit import audit_scaling
from lstm_src.checks import check_gradients
from lstm_src.exact import certificate
from lstm_src.mistakes.entries import Shows
from lstm_src.mistakes.problem import small_problem

PARAMETERS = "W_x", "W_h", "b"
"""The arrays that are checked at one step."""

COLUMNS = {
    "audit": "audit",
    "gradient": "gradient check",
    "one_step": "one step",
    "certificate": "certificate",
}
"""The heads of the table's columns, by the fields of `Shows`."""


def audit(entry):
    """Return the report of `audit_scaling` on an entry, or any code like it."""
    return audit_scaling(entry.begin(small_problem()))


def gradient_check(entry, *, one_step=False):
    """Return the report of `check_gradients` on an entry, at the entry's scale.

    Parameters
    ----------
    entry : Mistake
    one_step : bool, optional
        Check the parameters at T = 1; otherwise all that the code returns, at T = 17.

    Returns
    -------
    GradientReport
    """
    problem = small_problem().steps(0, 1 if one_step else None)
    found = entry.gradients(problem, entry.scale)
    names = [name for name in found if name in PARAMETERS or not one_step]
    return check_gradients(
        lambda values: entry.loss(problem, values, entry.scale),
        problem.values(*names),
        {name: found[name] for name in names},
        steps=len(problem.mask),
    )


def certify(entry):
    """Return the `certificate` of an entry's backward pass, or None if it has none of its own."""
    if entry.shows is not None and entry.shows.certificate is None:
        return None
    back = entry.code.rewritten
    rng = np.random.default_rng(0)
    return certificate(back, 12, 2, 2, 2, rng, pass_scale=True, final_state=back.final_state)


def run_checks(entry):
    """Point every check at an entry, and return what they say as `Shows`."""
    certified = certify(entry)
    return Shows(
        ", ".join(sorted(set(audit(entry).verdicts.values()))),
        gradient_check(entry).right,
        gradient_check(entry, one_step=True).right,
        None if certified is None else certified.scaled_once,
    )


def catalogue_table(found):
    """Show what the checks said, a row for each entry.

    Parameters
    ----------
    found : dict of Mistake to Shows
        What `run_checks` returned.

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
    story, code = entry.story.removesuffix("."), entry.show().data
    parts = [f"{story}{source}.", *([code] if code.count("\n") > 1 else [])]
    parts.append(f"**What gives it away.** {entry.symptom}")
    parts.append(f'**In code.** `CATALOGUE["{entry.name}"]`')
    return Markdown("\n\n".join(parts))


def _cell(said):
    words = {"once": "once", True: "passes", False: "**caught**", None: "—"}
    return words.get(said, f"**{said}**")
