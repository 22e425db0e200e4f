"""Every recipe of the page "Point it at your code" is shown, can be downloaded, and has tests."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "chapters/code/point_it"
PAGE = (ROOT / "chapters/point_it.md").read_text(encoding="utf-8")
TESTS = [ROOT / "tests/checks/test_recipes.py", *sorted((ROOT / "tests/peers").glob("test_rec*"))]
RUN = "\n".join(path.read_text(encoding="utf-8") for path in TESTS)
ONLY_FETCHED = {"my_project.py", "recurrence.c"}


def faults(page, run, files):
    """Name the files that are not shown, fetched or run, and recipes that no link leads to."""
    shown = set(re.findall(r"\{literalinclude\} code/point_it/(\S+)", page))
    fetched = set(re.findall(r"<code/point_it/(\S+)>`", page))
    tested = {
        name for name in files if re.search(rf'"{re.escape(name.removesuffix(".py"))}["\.]', run)
    }
    found = [f"{name} is not shown" for name in sorted((files - ONLY_FETCHED) ^ shown)]
    found += [f"{name} cannot be fetched" for name in sorted(files ^ fetched)]
    found += [f"{name} is not run" for name in sorted(files - tested)]
    targets, links = (set(re.findall(p, page)) for p in (r"\((recipe-\w+)\)=", r"<(recipe-\w+)>`"))
    return found + [f"{name} is linked or there, not both" for name in sorted(targets ^ links)]


def names():
    """Return the files of the recipes."""
    return {path.name for path in FOLDER.iterdir() if path.is_file()}


def test_every_recipe_is_shown_fetched_and_run():
    assert faults(PAGE, RUN, names()) == []


@pytest.mark.parametrize(
    ("page", "run", "files", "fault"),
    [
        (PAGE.replace("e} code/point_it/sparse.py", "e} code/a.py"), RUN, names(), "not shown"),
        (
            PAGE.replace("<code/point_it/suite.py>", "<code/b.py>"),
            RUN,
            names(),
            "cannot be fetched",
        ),
        (PAGE, RUN.replace('"windows"', '"w"'), names(), "windows.py is not run"),
        (PAGE, RUN, names() | {"new.py"}, "new.py is not shown"),
        (PAGE.replace("(recipe-c)=", ""), RUN, names(), "recipe-c is linked or there"),
    ],
)
def test_a_recipe_that_is_left_out_is_found(page, run, files, fault):
    assert fault in " ".join(faults(page, run, files))
