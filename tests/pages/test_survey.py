"""The data of the survey of hand-written LSTMs: complete, and consistent in itself."""

import csv
import re
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "chapters/data/lstms_in_the_wild.csv"
VERDICTS = {"right", "right up to a factor", "wrong"}
PLACES = {"nowhere", "at the output", "at the end", "biases only"}
FACTORS = {"1", "B", "T", "T + 1", "V", "no factor", "no loss"}
MAY_BE_EMPTY = {"variant", "derived_from", "cause"}
SMALL = 1e-8  # finite differences leave less


def survey():
    return list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()))


def faults(rows):
    """Say what is wrong with the rows of the survey."""
    names = [(row["repository"], row["variant"]) for row in rows]
    yield from (f"{name} stands twice" for name in {n for n in names if names.count(n) > 1})
    for row in rows:
        name = row["repository"]
        empty = {column for column, text in row.items() if not text} - MAY_BE_EMPTY
        yield from (f"{name}: no {column}" for column in sorted(empty, key=str))
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
            yield f"{name}: not owner/name"
        if not re.fullmatch(r"[0-9a-f]{7}", row["commit"]):
            yield f"{name}: {row['commit']} is no commit"
        closed = {
            "verdict": VERDICTS,
            "gradient_divided_where": PLACES,
            "times_the_printed_loss": FACTORS,
        }
        yield from (f"{name}: {c} {row[c]!r}" for c, known in closed.items() if row[c] not in known)
        if row["derived_from"] and row["derived_from"] not in {n for n, _ in names}:
            yield f"{name}: derived from {row['derived_from']}, which is not here"
        yield from (f"{name}: {fault}" for fault in contradictions(row))


def contradictions(row):
    """Say where the columns of one row contradict each other."""
    wrong = row["verdict"] == "wrong"
    try:
        errors = [float(row[f"error_T{T}"]) for T in (1, 2, 6)]
    except ValueError as error:
        yield str(error)
    else:
        if not all(0 <= error <= 2 for error in errors):
            yield f"an error outside 0 to 2: {errors}"
        if wrong != (max(errors) > SMALL):
            yield f"{row['verdict']} with the errors {errors}"
    if wrong != bool(row["cause"]):
        yield "a wrong one needs a cause, a right one none"
    if row["verdict"] == "right" and row["times_the_printed_loss"] not in {"1", "no loss"}:
        yield "right, but for another loss"
    if (row["gradient_divided_by"] == "nothing") != (row["gradient_divided_where"] == "nowhere"):
        yield "the gradient's divisor and its place do not fit"


def test_the_survey_is_complete_and_consistent():
    assert len(survey()) == 26
    assert list(faults(survey())) == []


@pytest.mark.parametrize(
    ("number", "change", "fault"),
    [
        (0, {"repository": "lstm"}, "not owner/name"),
        (0, {"commit": "main"}, "no commit"),
        (0, {"commit": ""}, "no commit"),
        (0, {"verdict": "fine"}, "verdict 'fine'"),
        (0, {"error_T2": "tiny"}, "could not convert"),
        (0, {"error_T6": "3e1"}, "outside 0 to 2"),
        (0, {"error_T6": "0.5"}, "right with the errors"),
        (0, {"cause": "none"}, "needs a cause"),
        (0, {"times_the_printed_loss": "T"}, "for another loss"),
        (0, {"gradient_divided_where": "inside the loop"}, "gradient_divided_where"),
        (0, {"gradient_divided_by": "B"}, "do not fit"),
        (0, {"derived_from": "someone/else"}, "which is not here"),
        (0, {"clipping": None}, "no clipping"),
        (1, {"repository": "nicodjimenez/lstm"}, "stands twice"),
        (-1, {"cause": ""}, "needs a cause"),
        (-1, {"error_T1": "1e-9", "error_T2": "1e-9", "error_T6": "1e-9"}, "wrong with the errors"),
    ],
)
def test_a_fault_in_the_survey_is_found(number, change, fault):
    rows = survey()
    rows[number] |= change
    assert fault in "; ".join(faults(rows))
