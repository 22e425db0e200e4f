"""Which check catches which mistake: every cell of the table computed, and shown able to fail."""

import functools
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm_src import backward
from lstm_src.book.shown import COLUMNS, anchor, catalogue_table, describe, lines_of
from lstm_src.checks.trees import times
from lstm_src.placements.mistakes import KINDS, MISTAKES, Mistake, Shows
from lstm_src.placements.mistakes.bidirectional import pull_both
from lstm_src.placements.mistakes.problem import pull
from lstm_src.placements.mistakes.verdicts import audit, gradient_check, run_checks
from lstm_src.placements.mistakes.weighing import AS_MEANT, reading, weigh
from lstm_src.placements.right import PLACEMENTS
from lstm_src.proof import field_certificate

ENTRIES = list(MISTAKES.values())
CHAPTERS = Path(__file__).parents[2] / "chapters"
PASSES = Shows("once", gradient=True, one_step=True, weights=AS_MEANT)

found = functools.cache(lambda name: run_checks(MISTAKES[name]))


def each(entries):
    return pytest.mark.parametrize("entry", entries, ids=lambda entry: entry.name)


def disagreements(entry, said):
    """Return the columns in which the checks say something else than the entry expects."""
    return [column for column in COLUMNS if getattr(entry.shows, column) != getattr(said, column)]


def right_code(problem, scale, *, final_term=False, decay=False):
    """Return the gradients of `claimed_loss`: what nearly every mistake should have done."""
    data = pull(problem, problem.weights, final_term=final_term).params
    gradients = times(scale, data)
    return times(1, gradients, times(problem.decay, problem.params)) if decay else gradients


def right_both(problem, scale):
    """Return the gradients of the loss of both directions."""
    return times(scale, *pull_both(problem))


@functools.cache
def right_codes(**options):
    """Return the right code with some of its options, the same object each time."""
    return functools.partial(right_code, **options)


def corrected(entry):
    """Return the entry with right code in the place of the mistaken one, and without its texts.

    Entries that share loss and terms become equal, so that each check need run once for them.
    """
    code = right_codes(final_term=entry.final_term, decay=entry.decay)
    if entry.kind == "bidirectional":
        code = right_both
    texts = dict.fromkeys(("name", "kind", "title", "story", "symptom"), "right")
    plain = replace(entry, **texts, source=None, degrees=None)
    return replace(plain, code=code, shows=PASSES, remembers=False)


@functools.cache
def seen(right):
    """Return what the checks say of a corrected entry."""
    if right.decay:  # its data part alone is scaled
        checks = [gradient_check(right).right, gradient_check(right, one_step=True).right]
        return set(audit(right).verdicts.values()), *checks, reading(weigh(right))
    return run_checks(right)


# The cells


@pytest.mark.parametrize("column", COLUMNS)
@each(ENTRIES)
def test_every_cell_is_what_the_entry_expects(entry, column):
    assert getattr(found(entry.name), column) == getattr(entry.shows, column)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_wrong_expectation_is_seen_in_its_column(column):
    entry = MISTAKES["never"]
    words = {"audit": "once", "weights": AS_MEANT}
    wrong = words.get(column, not getattr(entry.shows, column))
    planted = replace(entry, shows=entry.shows._replace(**{column: wrong}))
    assert disagreements(planted, found("never")) == [column]
    assert disagreements(entry, found("never")) == []


@each(ENTRIES)
def test_every_check_accepts_what_the_mistaken_code_should_have_done(entry):
    expected = ({"partly"}, True, True, AS_MEANT) if entry.decay else PASSES
    assert seen(corrected(entry)) == expected


@each(PLACEMENTS.values())
def test_every_check_accepts_every_right_place(entry):
    def code(problem, scale):
        back_by = functools.partial(entry, scale=scale)
        return pull(problem, problem.weights, final_term=True, back_by=back_by)

    right = Mistake(name=entry.name, kind="right", code=code, final_term=True)
    assert run_checks(right) == PASSES


@each(ENTRIES)
def test_no_entry_is_accepted_by_all_checks(entry):
    assert entry.shows.caught
    assert found(entry.name).caught
    assert not PASSES.caught


def test_each_of_two_checks_sees_what_the_other_cannot():
    shows = [entry.shows for entry in ENTRIES]
    assert any(s.audit != "once" and s.gradient for s in shows)
    assert any(s.audit == "once" and not s.gradient for s in shows)
    assert not any(s.gradient and not s.one_step for s in shows)  # one step adds nothing to many


def test_a_dash_stands_where_the_certificate_cannot_be_pointed():
    for entry in ENTRIES:
        certified = entry.rewritten is backward and entry.name != "clipped_inside"
        assert (entry.shows.certificate is not None) == certified
    clipped = MISTAKES["clipped_inside"]
    with pytest.raises(TypeError):
        field_certificate(clipped, 2, 1, 1, 1, np.random.default_rng(0), pass_scale=True)


# The entries


def test_the_catalogue_is_whole():
    assert len(MISTAKES) == len({entry.title for entry in ENTRIES}) >= 22
    assert not PLACEMENTS.keys() & MISTAKES.keys()
    assert list(dict.fromkeys(entry.kind for entry in ENTRIES)) == list(KINDS)


@each(ENTRIES)
def test_an_entry_has_a_name_and_its_texts(entry):
    assert entry.name.isidentifier()
    assert all((entry.title, entry.story, entry.symptom))


@each(ENTRIES)
def test_a_source_is_in_the_bibliography(entry):
    keys = re.findall(r"@\w+\{(\w+),", (CHAPTERS / "references.bib").read_text(encoding="utf-8"))
    assert "nobody2000nothing" not in keys
    assert entry.source is None or set(entry.source.split(",")) <= set(keys)


@each(ENTRIES)
def test_an_entry_shows_its_few_lines(entry):
    lines = lines_of(entry).data.splitlines()
    assert lines[0] == ("```diff" if entry.rewritten else "```python")
    assert lines[1:-1] == (entry.show().splitlines() or [""])
    assert lines[-1] == "```"
    assert "\n".join(lines) in describe(entry).data or not entry.show()
    assert len(lines) <= 16
    assert max(map(len, lines)) <= 100


def test_the_table_has_a_row_for_each_entry():
    shown = {entry: entry.shows for entry in ENTRIES}
    text = re.sub("<span [^>]*></span>", "", catalogue_table(shown, "All of them").data)
    assert "**All of them**" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(ENTRIES)
    assert all(row.count("|") == 7 for row in rows)
    assert rows[0] == "| mistake | audit | gradient check | one step | weights | certificate |"
    for row in (
        "[Never scaled](#mistake-never) | **never** | **caught** | **caught** "
        "| **token mean\u00a0×\u00a04** | **caught**",
        "[Nothing is carried](#mistake-never-carried) | once | **caught** | passes "
        "| **left over** | passes",
        "[The mean of the means](#mistake-mean-of-means) | once | **caught** | passes "
        "| **mean of micro-batch means** | —",
        "[Clipped at every step](#mistake-clipped-inside) | **not a polynomial** | passes | passes "
        "| as meant | —",
    ):
        assert f"| {row} |" in rows


def test_the_page_shows_every_entry_in_its_order():
    notebook = json.loads((CHAPTERS / "mistakes.ipynb").read_text(encoding="utf-8"))
    sources = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    headings = re.findall(r"^\((\S+)\)=\n### (.+)$", sources, re.MULTILINE)
    assert headings == [(anchor(entry), entry.title) for entry in ENTRIES]
    assert re.findall(r"describe\(MISTAKES\[\"(\w+)\"\]\)", sources) == list(MISTAKES)
    headings = re.findall(r"^## (.+)$", sources, re.MULTILINE)
    assert [heading for heading in headings if heading in KINDS.values()] == [*KINDS.values()]
