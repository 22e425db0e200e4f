"""The table of the cheat sheet: every row has its basis, and every framework test its row."""

import ast
import copy
import re
import tomllib
from pathlib import Path

import nbformat
import pytest

from scripts.lock import halves, pins

ROOT = Path(__file__).parents[2]
TABLE = tomllib.loads((ROOT / "chapters/data/cheat_sheet.toml").read_text(encoding="utf-8"))
FILES = {
    file.name: file.read_text(encoding="utf-8")
    for file in sorted((ROOT / "tests/peers").glob("test_cheat_sheet_*.py"))
}
SOURCE = "horovod0187e71"
PAGES = [f"cheat_sheet_{part}" for part in ("tests", "workers", "trainers")]
SHOWN = [(ROOT / f"chapters/{page}.md").read_text(encoding="utf-8") for page in PAGES]


def names_in(source):
    """Return the names of the tests in a file or a part of it."""
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {node.name for node in nodes if node.name.startswith("test_")}


def names_there():
    """Return the names of the tests of the rows."""
    return set().union(*map(names_in, FILES.values()))


def pinned():
    """Return the versions in the upper half of the requirements of the frameworks."""
    return dict(pin.split("==") for pin in pins(halves(ROOT / "requirements/frameworks.txt")[0]))


def sources():
    """Return the keys of the bibliography."""
    text = (ROOT / "chapters/references.bib").read_text(encoding="utf-8")
    return set(re.findall(r"^@\w+\{([^,\s]+),", text, re.MULTILINE))


def faults(table, tests):
    """Say what is off between the rows, the tests, the bibliography and the requirements."""
    found, claimed = [], []
    for row in table["rows"]:
        own = row.get("tests", [])
        claimed += own
        found += [f"{row['id']} claims {test}" for test in own if test not in tests]
        found += [
            f"{test} is not of {row['id']}"
            for test in own
            if not re.fullmatch(rf"test_{row['id']}(_\w+)?", test)
        ]
        if bool(own) == ("source" in row):
            found.append(f"{row['id']} has no basis, or two")
        if row.get("source", SOURCE) not in sources():
            found.append(f"{row['id']} cites {row['source']}")
        found += [f"{row['id']} lacks {k}" for k in ("divides", "left", "wrong") if not row.get(k)]
    found += [f"{test} belongs to no row" for test in sorted(tests - set(claimed))]
    names = [row["id"] for row in table["rows"]] + claimed
    found += [f"{name} stands twice" for name in sorted({n for n in names if names.count(n) > 1})]
    versions = pinned()
    return found + [
        f"{name} {version} is not pinned"
        for name, version in table["versions"].items()
        if versions.get(name) != version
    ]


def test_rows_tests_sources_and_versions_agree():
    assert faults(TABLE, names_there()) == []


def changed(change):
    table = copy.deepcopy(TABLE)
    change(table, {row["id"]: row for row in table["rows"]})
    return table


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda t, r: r["ddp"]["tests"].append("test_ddp_on_eight"), "ddp claims"),
        (lambda t, r: r["ddp"].pop("tests"), "ddp has no basis"),
        (lambda t, r: r["ddp"].update(source=SOURCE), "ddp has no basis, or two"),
        (lambda t, r: r["ddp"].update(tests=["test_fsdp"]), "test_fsdp is not of ddp"),
        (lambda t, r: r["horovod"].update(source="nobody1"), "horovod cites nobody1"),
        (lambda t, r: r["horovod"].pop("source"), "horovod has no basis"),
        (lambda t, r: r["mean"]["tests"].pop(), "test_mean_with_class_weights belongs to no row"),
        (lambda t, r: r["mean"].update(wrong=""), "mean lacks wrong"),
        (lambda t, r: t["rows"].append(r["jax"]), "jax stands twice"),
        (lambda t, r: t["versions"].update(torch="2.12.0"), "torch 2.12.0 is not pinned"),
    ],
)
def test_a_row_that_is_off_is_found(change, fault):
    assert fault in " ".join(faults(changed(change), names_there()))


def test_a_test_without_a_row_is_found():
    assert faults(TABLE, names_there() | {"test_new"}) == ["test_new belongs to no row"]


BLOCK = re.compile(
    r"^\(run-([\w-]+)\)=$(?:(?!^\(run-).)*?"
    r"literalinclude\} \.\./tests/peers/(test_cheat_sheet_\w+\.py)$"
    r'(?:(?!^```$).)*?^:start-after: "# Row: (\w+)"$(?:\n:end-before: "# Row: (\w+)")?$',
    re.MULTILINE | re.DOTALL,
)


def parts_of(files):
    """Return the tests of each row, by the file, the row and the row that follows in it."""
    found = {}
    for name, source in files.items():
        _, *parts = re.split(r"^# Row: (\w+)$", source, flags=re.MULTILINE)
        rows, codes = parts[::2], parts[1::2]
        found |= {
            (name, row, after): names_in(code)
            for row, after, code in zip(rows, [*rows[1:], ""], codes, strict=True)
        }
    return found


def misplaced(files, shown):
    """Say which rows' tests stand elsewhere than the page that shows them looks for them."""
    rows = {row["id"]: set(row["tests"]) for row in TABLE["rows"] if "tests" in row}
    there = parts_of(files)
    tests = {row: names for (_, row, _), names in there.items()}
    found = [row for row in rows if tests.get(row) != rows[row]]
    pages = [BLOCK.findall(page) for page in shown]
    blocks = [block for page in pages for block in page]
    as_there = {(file, row, after) for _, file, row, after in blocks} == set(there)
    as_named = all(target.replace("-", "_") == row for target, _, row, _ in blocks)
    in_order = as_there and as_named and len(blocks) == len(rows)
    for page in pages if in_order else ():
        own = [row for _, _, row, _ in page]
        in_order = in_order and own == [row for row in rows if row in own]
    return found + ([] if in_order else ["the order"])


def test_the_tests_of_each_row_are_shown_under_its_name():
    assert misplaced(FILES, SHOWN) == []


def printed(old, new):
    assert old in "".join(SHOWN)
    return [page.replace(old, new) for page in SHOWN]


def swapped(page, first, second):
    """Return the page with two sections that follow each other the other way round."""
    before, one = page.split(f"(run-{first})=")
    one, two = one.split(f"(run-{second})=")
    return f"{before}(run-{second})={two.rstrip()}\n\n(run-{first})={one}"


def renamed(file, old, new):
    assert old in FILES[file]
    return FILES | {file: FILES[file].replace(old, new)}


@pytest.mark.parametrize(
    ("files", "shown", "fault"),
    [
        (
            renamed("test_cheat_sheet_workers.py", "# Row: ddp\n", "# Row: dpp\n"),
            SHOWN,
            ["ddp", "the order"],
        ),
        (
            renamed("test_cheat_sheet_jax.py", "def test_jax(", "def test_optax_loss_("),
            SHOWN,
            ["jax"],
        ),
        (FILES, printed("(run-jax)=", "(run-jaxx)="), ["the order"]),
        (
            FILES,
            printed('end-before: "# Row: ignored"', 'end-before: "# Row: ddp"'),
            ["the order"],
        ),
        (FILES, [*SHOWN[:2], swapped(SHOWN[2], "grpo", "dapo")], ["the order"]),
        (FILES, printed("sheet_trl.py", "sheet_jax.py"), ["the order"]),
    ],
)
def test_a_test_that_is_shown_elsewhere_is_found(files, shown, fault):
    assert misplaced(files, shown) == fault


def test_the_page_shows_every_row_and_names_every_source():
    notebook = nbformat.read(ROOT / "chapters/cheat_sheet.ipynb", as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = "\n".join("".join(o.get("data", {}).get("text/markdown", "")) for o in outputs)
    for row in TABLE["rows"]:
        for key in ("name", "divides", "left", "wrong"):
            assert f" {row[key].strip()} " in shown or f"**{row[key]}**" in shown, row["id"]
        assert (f"<run-{row['id'].replace('_', '-')}>" in shown) == ("tests" in row)
        assert row.get("source", "") in shown
    assert TABLE["date"] in shown
    assert all(f"{name} {version}" in shown for name, version in TABLE["versions"].items())
