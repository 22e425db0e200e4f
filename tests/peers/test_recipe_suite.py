"""The test file that the page hands to readers passes on right code, and fails on wrong code."""

import os
import shutil
import subprocess
import sys
import types

import pytest

from tests.recipes import FOLDER, changed, run

ROOT = FOLDER.parents[2]
CHANGES = ("micro-batches", "order", "padding", "loss scale")
MEAN_OF_MEANS = "errors.sum() / tokens", "errors.sum() / mask.sum() / micro_batches"


@pytest.mark.parametrize(
    ("changes", "fails"), [((), set()), ((MEAN_OF_MEANS,), {"micro-batches"})], ids=str
)
def test_the_file_runs_in_a_project_of_its_own(tmp_path, changes, fails):
    shutil.copy(FOLDER / "suite.py", tmp_path / "test_gradients.py")
    text = changed(FOLDER / "my_project.py", *changes)
    (tmp_path / "my_project.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    for name in CHANGES:
        said = "FAILED" if name in fails else "PASSED"
        assert f"test_what_must_not_matter_does_not[{name}] {said}" in done.stdout, done.stdout
    if fails:
        assert "a mean of means, padding that counts" in " ".join(done.stdout.split())


def failing(monkeypatch, *changes):
    """Return which of the tests fail on a project with planted faults."""
    project = types.SimpleNamespace(**run("my_project", *changes))
    monkeypatch.setitem(sys.modules, "my_project", project)
    test = run("suite")["test_what_must_not_matter_does_not"]
    found = set()
    for what in CHANGES:
        try:
            test(what)
        except AssertionError:
            found.add(what)
    return found


@pytest.mark.parametrize(
    ("old", "new", "fails"),
    [
        ("errors.sum() / tokens", "errors.sum() / tokens  # as it is", set()),
        (*MEAN_OF_MEANS, {"micro-batches"}),
        ("mean(-1) * mask", "mean(-1)", {"padding"}),
        ("p.grad / loss_scale", "p.grad", {"loss scale"}),
        ("< LENGTHS[part]", "< LENGTHS[: len(part)]", {"order", "micro-batches"}),
    ],
    ids=["right", "mean of means", "padding counts", "loss scale left on", "lengths by place"],
)
def test_a_mistake_fails_where_it_matters(monkeypatch, old, new, fails):
    assert failing(monkeypatch, (old, new)) == fails
