"""The rooms of the package: who may import whom, what an import costs, what is public."""

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lstm_src
from scripts.rooms import (
    NEEDS,
    PACKAGE,
    arrows,
    circle,
    imports,
    modules,
    room,
    table,
    wrong_arrows,
)

ROOT = Path(__file__).parents[2]
PUBLIC = ("", ".plain", ".training", ".checks", ".proof", ".placements", ".placements.mistakes")
PUBLIC += (".frameworks", ".book", ".training.workers", ".training.ranks", ".training.tasks")
PUBLIC += (".placements.reported", ".training.runs", ".training.optimizers")
OTHER = {"altair", "distributed", "matplotlib", "sympy", "IPython", "torch"}


@pytest.fixture
def copied(tmp_path):
    """Return a copy of the package, to plant faults in."""
    return shutil.copytree(PACKAGE, tmp_path / "lstm_src")


def add(path, line):
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


# Arrows


def test_every_arrow_leads_downwards():
    assert list(wrong_arrows()) == []


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("lstm.py", "from lstm_src.checks import trees", "lstm imports checks"),
        ("validation/values.py", "import lstm_src.lstm", "validation imports lstm"),
        ("training/tasks/minimum.py", "from lstm_src import proof", "training imports proof"),
        ("checks/trees.py", "def f():\n    import lstm_src.book.style", "checks imports book"),
        ("proof/field.py", "from lstm_src.placements.right import split", "proof imports placem"),
    ],
)
def test_an_arrow_that_leads_upwards_is_found(copied, file, line, said):
    add(copied / file, line)
    (found,) = wrong_arrows(copied)
    assert found.startswith(said)


def test_a_room_without_a_level_is_found(copied):
    (copied / "attic.py").write_text("", encoding="utf-8")
    assert list(wrong_arrows(copied)) == ["attic has no level"]


def test_no_module_imports_itself_through_others():
    assert circle() is None


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("checks/trees.py", "from lstm_src.checks.distances import relative_errors"),
        ("structures.py", "import lstm_src.validation"),
        ("training/losses.py", "from lstm_src.placements.mistakes import problem"),
    ],
)
def test_a_circle_is_found(copied, file, line):
    add(copied / file, line)
    assert circle(copied) is not None


def test_an_import_inside_a_function_makes_no_circle(copied):
    add(copied / "structures.py", "def f():\n    import lstm_src.validation")
    assert circle(copied) is None
    assert arrows(copied)["structures"] == {"validation"}


def test_the_table_for_contributors_is_that_of_the_code():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [row.strip() for row in page.splitlines() if row.startswith("  |")] == table().split(
        "\n"
    )


# What it needs


@pytest.mark.parametrize("module", modules(), ids=str)
def test_a_module_imports_what_its_room_needs(module):
    outside = {name.split(".")[0] for name in imports(modules()[module])}
    outside -= {"lstm_src", *sys.stdlib_module_names}
    assert outside <= {"numpy", *NEEDS.get(room(module), ())}
    assert "altair" not in outside or ".interactive." in module
    assert "distributed" not in outside or module == "lstm_src.training.workers"
    in_training = ".training." in module and module != "lstm_src.training.runs.plot"
    assert "matplotlib" not in outside or not in_training


@pytest.mark.parametrize(
    ("name", "loaded"),
    [
        ("lstm_src", set()),
        ("lstm_src.checks", set()),
        ("lstm_src.training", set()),
        ("lstm_src.training.runs.command", set()),
        ("lstm_src.training.workers", {"distributed"}),
        ("lstm_src.frameworks", set()),
        ("lstm_src.placements.mistakes", set()),
        ("lstm_src.proof", {"sympy"}),
        ("lstm_src.book.style", {"matplotlib"}),
    ],
)
def test_an_import_loads_no_more_than_it_needs(name, loaded):
    code = f"import sys, {name}; print(*sorted({OTHER} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(shown.stdout.split()) == loaded


@pytest.mark.parametrize(
    ("name", "missing", "extra"),
    [
        ("lstm_src.proof", "sympy", "proof"),
        ("lstm_src.placements.mistakes.verdicts", "sympy", "proof"),
        ("lstm_src.book.style", "matplotlib", "book"),
        ("lstm_src.training.workers", "distributed", "workers"),
    ],
)
def test_a_missing_extra_is_named_with_what_installs_it(name, missing, extra):
    code = f"""
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == {missing!r} else find(name)
import {name}
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert shown.returncode == 1
    last = shown.stderr.splitlines()[-1]
    assert re.fullmatch(
        rf"ImportError: lstm_src\.[\w.]+ needs {missing}, which is not installed: .*", last
    )
    assert last.endswith(f"pip install 'divide-now-or-later[{extra}]'")


# What is public


@pytest.mark.parametrize("part", PUBLIC)
def test_what_a_room_lists_is_there_and_in_order(part):
    module = importlib.import_module(f"lstm_src{part}")
    assert all(hasattr(module, name) for name in module.__all__)
    in_order = sorted(module.__all__, key=lambda n: (not n.isupper(), n[0].islower(), n))
    assert module.__all__ == in_order
    assert set(module.__all__) <= set(dir(module))


def public():
    """Return the public names with what they stand for."""
    rooms = [importlib.import_module(f"lstm_src{part}") for part in PUBLIC[::-1]]
    return {name: getattr(module, name) for module in rooms for name in module.__all__}


def test_the_pages_of_the_api_hold_every_public_name_once_and_no_other():
    listed = {}
    for page, first in (("api", "## Run an LSTM"), ("api_training", "## Train\n")):
        text = (ROOT / f"chapters/{page}.md").read_text(encoding="utf-8")
        here = entries(text)
        assert not here.keys() & listed.keys(), "a name stands on both pages"
        listed |= here
        glance = re.findall(r"^   ([\w.]+)$", text.partition(first)[0], re.MULTILINE)
        assert [name.split(".")[-1] for name in glance] == list(here)
    assert listed.keys() == public().keys()
    assert all(listed[name] is value for name, value in public().items())


def entries(page):
    """Return the names that a page of the API documents, with what they stand for."""
    module, listed = None, {}
    for directive, what in re.findall(r"\.\. (\w+):: ([\w.]+)", page):
        if directive in {"automodule", "currentmodule"}:
            module = what
        else:
            *place, name = what.split(".")
            assert name not in listed, f"{name} stands there twice"
            listed[name] = getattr(importlib.import_module(".".join(place) or module), name)
    return listed


def test_the_package_has_no_name_that_it_does_not_list():
    with pytest.raises(AttributeError, match="has no attribute 'check_gradient'"):
        _ = lstm_src.check_gradient
