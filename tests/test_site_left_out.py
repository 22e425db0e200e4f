"""`make test` needs no browser: it says that it leaves the built pages out, and what tests them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINE = "Left out: tests/site (the built pages in a browser). To run it: make test-site"
MISSING = "sudo apt-get install chromium"


@pytest.mark.parametrize(
    ("arguments", "said"), [([], True), (["tests"], True), (["tests/test_a.py"], False)]
)
def test_the_summary_says_what_is_left_out(arguments, said, tmp_path):
    """In a project with this one's conftest.py, a test and a test of pages that would fail."""
    for part in ("conftest.py", "pyproject.toml", "scripts"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    (tmp_path / "chapters").mkdir()
    (tmp_path / "tests/site").mkdir(parents=True)
    (tmp_path / "tests/test_a.py").write_text("def test_a(): pass\n")
    (tmp_path / "tests/site/test_b.py").write_text("import no_such_package\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n0", *arguments]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (LINE in run.stdout.splitlines()) == said, run.stdout
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("environment", "fault"),
    [({"PATH": ""}, MISSING), ({"BROWSER_PATH": "/no/browser"}, "BROWSER_PATH=/no/browser")],
)
def test_a_missing_browser_is_named(environment, fault):
    program = f"import browser; print(browser.find_browser({environment}, lambda name: None, ()))"
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, text=True)
    assert run.returncode == 1
    assert fault in run.stderr


def test_a_browser_is_found(tmp_path):
    program = (
        "import browser, sys; print(browser.find_browser({}, {'google-chrome': sys.argv[1]}.get))"
    )
    path = str(tmp_path / "chrome")
    Path(path).touch()
    command = [sys.executable, "-c", program, path]
    run = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, text=True)
    assert run.stdout.strip() == path
