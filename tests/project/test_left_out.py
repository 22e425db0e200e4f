"""What `make test` leaves out it says; the commands that run it run all of it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.agreement.__main__ import FRAMEWORKS, STORED, excess
from benchmarks.agreement.cases import BOUND, GRADIENTS, OUTPUTS
from scripts.browser import MISSING, find_browser
from scripts.lock import halves, name, pins

ROOT = Path(__file__).parents[2]
LINES = {
    "installed": "the built package, on its own). To run it: make test-package",
    "pdf": "the book as a PDF). To run it: make test-pdf",
    "peers": "PyTorch, JAX, optax, Keras, ONNX). To run it: make test-frameworks",
    "site": "the built pages in a browser). To run it: make test-site",
}


def run_pytest(folder, *arguments):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("arguments", "said"), [([], True), (["tests"], True), (["tests/test_a.py"], False)]
)
def test_the_summary_says_what_is_left_out_and_how_to_run_it(arguments, said, tmp_path):
    """In a project with this one's conftest.py, a test, and tests left out that would fail."""
    for part in ("conftest.py", "pyproject.toml", "scripts"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    (tmp_path / "chapters").mkdir()
    for folder in LINES:
        (tmp_path / "tests" / folder).mkdir(parents=True)
        (tmp_path / "tests" / folder / "test_b.py").write_text("import no_such_package\n")
    (tmp_path / "tests/test_a.py").write_text("def test_a(): pass\n")
    run = run_pytest(tmp_path, "-n0", *arguments)
    for folder, line in LINES.items():
        assert (f"Left out: tests/{folder} ({line}" in run.stdout.splitlines()) == said, run.stdout
    assert run.returncode == 0, run.stdout


FAULTS = {
    "skipped": ("import pytest\n@pytest.mark.skip\ndef test_one(): pass\n", "1 skipped"),
    "skipped module": ("import pytest\npytest.importorskip('no_such_package')\n", "1 skipped"),
    "expected to fail": (
        "import pytest\n@pytest.mark.xfail\ndef test_one(): raise ValueError\n",
        "1",
    ),
    "missing package": ("import no_such_package\n", "no_such_package"),
}


@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_what_is_left_out_elsewhere_may_not_be_skipped_there(fault, tmp_path):
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/no_skips.py", tmp_path / "scripts")
    shutil.copy(ROOT / "tests/peers/pytest.ini", tmp_path)
    text, said = FAULTS.get(fault, ("", "0 skipped"))
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n" + text)
    run = run_pytest(tmp_path, "-c", "pytest.ini")
    assert (run.returncode == 0) == (fault is None), run.stdout
    assert said in run.stdout


@pytest.mark.parametrize("folder", LINES)
def test_each_of_them_forbids_skipping(folder):
    settings = (ROOT / "tests" / folder / "pytest.ini").read_text(encoding="utf-8")
    assert " -p scripts.no_skips" in settings


@pytest.mark.parametrize(
    ("environment", "fault"), [({}, MISSING), ({"BROWSER_PATH": "/no/browser"}, "/no/browser")]
)
def test_a_missing_browser_is_named(environment, fault):
    with pytest.raises(FileNotFoundError) as caught:
        find_browser(environment, lambda name: None, ())
    assert fault in str(caught.value)


def test_a_browser_is_found(tmp_path):
    chrome = tmp_path / "chrome"
    chrome.touch()
    assert find_browser({}, {"google-chrome": str(chrome)}.get) == str(chrome)
    assert find_browser({"BROWSER_PATH": str(chrome)}, lambda name: None, ()) == str(chrome)


def stored():
    return json.loads(STORED.read_text(encoding="utf-8"))


def test_the_stored_agreement_is_within_its_bounds_and_names_the_pinned_versions():
    found = stored()
    assert excess(found) == {}
    assert found["bound"] == BOUND
    for framework in FRAMEWORKS:
        arrays = OUTPUTS + (() if framework == "ONNX" else GRADIENTS)
        assert tuple(found["errors"][framework]) == arrays
    assert [n for n, e in found["node errors"].items() if e is None] == ["test_lstm_with_peepholes"]
    files = (ROOT / "requirements/bench.txt", ROOT / "requirements/frameworks.txt")
    lines = [pin for file in files for half in halves(file) for pin in pins(half)]
    pinned = {name(pin): pin.split(";")[0].partition("==")[2].strip() for pin in lines}
    assert found["versions"] == {package: pinned[package] for package in found["versions"]}


def test_an_error_above_its_bound_is_named():
    found = stored()
    found["errors"]["JAX"]["b"] = 2 * found["bound"]
    found["node errors"]["test_lstm_defaults"] = float("nan")
    assert set(excess(found)) == {("JAX", "b"), "test_lstm_defaults"}
