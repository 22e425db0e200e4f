"""What `make test` leaves out it says; what `make test-frameworks` runs, it runs in full."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.agreement.__main__ import FRAMEWORKS, STORED, excess
from benchmarks.agreement.cases import BOUND, GRADIENTS, OUTPUTS
from scripts.lock import halves, name, pins

ROOT = Path(__file__).parent.parent
LINE = (
    "Left out: tests/frameworks (PyTorch, JAX, optax, Keras, ONNX). To run it: make test-frameworks"
)


def run_pytest(folder, *arguments):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("arguments", "said"), [([], True), (["tests"], True), (["tests/test_a.py"], False)]
)
def test_the_summary_says_what_is_left_out_and_how_to_run_it(arguments, said, tmp_path):
    """In a project with this one's conftest.py, a test and a test of frameworks that would fail."""
    for part in ("conftest.py", "pyproject.toml", "scripts"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    (tmp_path / "chapters").mkdir()
    (tmp_path / "tests/frameworks").mkdir(parents=True)
    (tmp_path / "tests/test_a.py").write_text("def test_a(): pass\n")
    (tmp_path / "tests/frameworks/test_b.py").write_text("import no_such_framework\n")
    run = run_pytest(tmp_path, "-n0", *arguments)
    assert (LINE in run.stdout.splitlines()) == said, run.stdout
    assert run.returncode == 0, run.stdout


PASSES = "def test_it(): pass\n"
FAULTS = {
    "skipped": ("import pytest\n@pytest.mark.skip\ndef test_one(): pass\n", "1 skipped"),
    "skipped module": ("import pytest\npytest.importorskip('no_such_framework')\n", "1 skipped"),
    "expected to fail": (
        "import pytest\n@pytest.mark.xfail\ndef test_one(): raise ValueError\n",
        "1",
    ),
    "missing framework": ("import no_such_framework\n", "no_such_framework"),
}


@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_the_frameworks_tests_may_not_skip(fault, tmp_path):
    for file in ("conftest.py", "pytest.ini"):
        shutil.copy(ROOT / "tests/frameworks" / file, tmp_path)
    text, said = FAULTS.get(fault, ("", "0 skipped"))
    (tmp_path / "test_it.py").write_text(PASSES + text)
    run = run_pytest(tmp_path, "-c", "pytest.ini")
    assert (run.returncode == 0) == (fault is None), run.stdout
    assert said in run.stdout


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
    files = (ROOT / "requirements-bench.txt", ROOT / "requirements-frameworks.txt")
    lines = [pin for file in files for half in halves(file) for pin in pins(half)]
    pinned = {name(pin): pin.split(";")[0].partition("==")[2].strip() for pin in lines}
    assert found["versions"] == {package: pinned[package] for package in found["versions"]}


def test_an_error_above_its_bound_is_named():
    found = stored()
    found["errors"]["JAX"]["b"] = 2 * found["bound"]
    found["node errors"]["test_lstm_defaults"] = float("nan")
    assert set(excess(found)) == {("JAX", "b"), "test_lstm_defaults"}
