"""The claims of "How this book is checked": their tests exist, and their commands run them."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLAIMS = tomllib.loads((ROOT / "tests/claims.toml").read_text(encoding="utf-8"))["claim"]
FIELDS = {"claim", "evidence", "tests", "command", "unseen"}
FOLDERS = {  # a command -> the folders whose tests it runs
    "make test": (
        "book",
        "checks",
        "frameworks",
        "lstm",
        "pages",
        "placements",
        "proof",
        "scripts",
        "training",
    ),
    "make test-frameworks": ("peers", "pages"),
    "make test-site": ("site", "book", "pages"),
    "make test-package": ("installed",),
    "make mutants": ("mutants",),
    "make recheck": ("scripts",),
}
BESIDE = {"tests/peers/test_checks.py", "tests/peers/test_detach.py"}
"""Tests of another command that a claim names beside its own."""


def faults(claims, root=ROOT):
    """Yield what is wrong with the claims."""
    for one in claims:
        if set(one) != FIELDS:
            yield f"{one['claim']}: has {sorted(one)}"
            continue
        for file in one["tests"]:
            path = root / file
            if not path.is_file() or not re.search(r"^def test_", path.read_text("utf-8"), re.M):
                yield f"{file}: no tests"
            elif path.parent.name not in FOLDERS[one["command"]] and file not in BESIDE:
                yield f"{file}: is not run by {one['command']}"
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for command in {one["command"] for one in claims if "command" in one}:
        if not re.search(rf"^{command.removeprefix('make ')}:", makefile, re.M):
            yield f"{command}: no such command"


def test_every_claim_has_its_tests_and_a_command_that_runs_them():
    assert list(faults(CLAIMS)) == []
    assert len({one["claim"] for one in CLAIMS}) == len(CLAIMS)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tests": ["tests/proof/test_gone.py"]}, "no tests"),
        ({"tests": ["tests/examples.py"]}, "no tests"),
        ({"tests": ["tests/site/test_where.py"]}, "is not run by make test"),
        ({"more": 1}, "has"),
    ],
)
def test_a_claim_without_evidence_is_found(change, said):
    assert any(said in fault for fault in faults([CLAIMS[0] | change]))


def test_every_folder_of_tests_of_the_package_stands_behind_a_claim():
    behind = {Path(file).parent.name for one in CLAIMS for file in one["tests"]}
    aside = {"benchmarks", "project", "pdf"}
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    assert folders - aside == behind
