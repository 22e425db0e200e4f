"""The figure in which the reader chooses: its numbers, recomputed in exact arithmetic."""

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lstm_src.book.interactive import CHOICES, choose_where_to_divide, parts_by_power, parts_table
from lstm_src.book.interactive.chart import MIME
from lstm_src.book.interactive.parts import STEPS, _example
from lstm_src.placements.mistakes import MISTAKES
from lstm_src.proof import SCALE, in_ring, to_fractions
from lstm_src.proof.steps import tape_between

CHAPTERS = Path(__file__).parents[2] / "chapters"
PAGES = {
    "intro": "on each gradient that enters",
    "06_through_time": "at the end",
    "08_where_to_divide": "again at every step",
}
SIZE = 60_000  # bytes of a stored specification, at most


def exact_parts(place, T):
    """Return the parts as fractions, by loss term and power, from polynomials in the factor."""
    params, tape, dh = _example()
    numbers = to_fractions((params, tape_between(tape, 0, T), dh[:T]))
    (params, tape, dh), s = in_ring((numbers, SCALE))

    def polynomials(u, scale):
        found = place(params, tape, u, scale=scale).params
        return [dict(entry.terms()) if entry else {} for leaf in found for entry in leaf.ravel()]

    true = [entry.get((0,), 0) for entry in polynomials(dh, s**0)]
    square = sum(Fraction(int(g.numerator), int(g.denominator)) ** 2 for g in true if g)
    parts = {}
    for t in range(T):
        one_term = dh * np.eye(T, dtype=int)[t][:, None, None]
        for entry, g in zip(polynomials(one_term, s), true, strict=True):
            for (power,), coefficient in entry.items():
                product = coefficient * g
                share = Fraction(int(product.numerator), int(product.denominator)) / square
                parts[t + 1, power] = parts.get((t + 1, power), 0) + share
    return parts


def stored_spec(page):
    notebook = json.loads((CHAPTERS / f"{page}.ipynb").read_text(encoding="utf-8"))
    cells = notebook["cells"]
    outputs = [out.get("data", {}) for cell in cells for out in cell.get("outputs", [])]
    (spec,) = [data[MIME] for data in outputs if MIME in data]
    return spec


def rows_of(spec):
    return list(csv.DictReader(io.StringIO(spec["data"]["values"])))


def disagreements(rows, choice, T):
    """Count the stored parts of a choice and length that are not the exact ones, to the digit."""
    chosen = [row for row in rows if row["choice"] == choice and int(row["T"]) == T]
    stored = {(int(r["term"]), int(r["power"])): float(r["size"]) for r in chosen}
    exact = exact_parts(CHOICES[choice], T)
    wrong = [key for key in stored.keys() & exact.keys() if abs(stored[key] - exact[key]) > 6e-7]
    return len(stored.keys() ^ exact.keys()) + len(wrong)


@pytest.mark.parametrize("T", [2, 4])
@pytest.mark.parametrize("choice", CHOICES)
def test_the_stored_parts_are_the_exact_ones(choice, T):
    assert disagreements(rows_of(stored_spec("intro")), choice, T) == 0


@pytest.mark.parametrize(
    "fault", [{"size": "0.123456"}, {"power": "2"}, {"term": "1"}, {"choice": "at the end"}]
)
def test_a_wrong_stored_part_is_found(fault):
    rows = rows_of(stored_spec("intro"))
    chosen = [r for r in rows if r["choice"] == "on the loss" and r["T"] == "4"]
    chosen[-1].update(fault)
    assert disagreements(rows, "on the loss", 4) > 0


def test_a_place_that_is_another_one_is_found(monkeypatch):
    monkeypatch.setitem(CHOICES, "at the end", MISTAKES["twice"])
    assert disagreements(rows_of(stored_spec("intro")), "at the end", 4) > 0


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_hold_one_figure_that_begins_in_its_own_way(page):
    spec = stored_spec(page)
    begin = {param["name"]: param["value"] for param in spec["params"]}
    assert begin == {"choice": PAGES[page], "T": 6, "N": 16}
    assert spec["data"] == choose_where_to_divide().spec["data"]
    assert len(json.dumps(spec).encode()) < SIZE
    assert '"url"' not in json.dumps(spec)


@pytest.mark.parametrize("choice", CHOICES)
def test_the_parts_add_up_to_the_true_gradient(choice):
    params, tape, dh = _example()
    found = parts_by_power(CHOICES[choice], params, tape, dh)
    assert found.sum() == pytest.approx(1, abs=1e-12)
    only_once = not np.delete(abs(found), 1, axis=1).max() > 1e-12
    assert only_once == (choice in {"on the loss", "on each gradient that enters", "at the end"})


def test_a_lost_path_does_not_add_up():
    params, tape, dh = _example()
    found = parts_by_power(MISTAKES["never_carried"], params, tape, dh)
    assert abs(found.sum() - 1) > 0.01


def test_every_part_is_there_and_none_is_negative():
    rows = parts_table()
    lengths = {(r["choice"], r["T"], r["term"]) for r in rows}
    assert lengths == {(c, T, t) for c in CHOICES for T in STEPS for t in range(1, T + 1)}
    assert min(r["size"] for r in rows) >= 0
    powers = {
        r["power"] for r in rows if r["choice"] == "again at every step" and r["term"] == STEPS[-1]
    }
    assert powers == set(range(1, STEPS[-1] + 1))


@pytest.mark.parametrize(
    ("argument", "value"), [("choice", "somewhere"), ("T", 1), ("T", 7), ("N", 7), ("N", 65)]
)
def test_a_beginning_that_is_not_there_is_refused(argument, value):
    with pytest.raises(ValueError, match=f"{argument}: expected"):
        choose_where_to_divide(**{argument: value})


def test_it_says_what_it_is_where_it_cannot_be_drawn():
    assert "choose where to divide" in repr(choose_where_to_divide())
