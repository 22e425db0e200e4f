"""The harness of the complete step, run as a reader runs it: right code passes, mistakes show."""

import os
import shutil
import subprocess
import sys

import pytest
from complete import CODE
from complete_mistakes import MISTAKES

FILES = "complete_step", "complete_step_checked", "complete_step_harness"
CHECKS = "audit_scaling", "check_gradients", "audit_weights", "two loss scales", "one process"


def printed(folder, *arguments):
    """Return the lines that Python prints in a folder."""
    ran = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(CODE.parents[1])},
        capture_output=True,
        text=True,
        check=True,
        timeout=900,
    )
    return ran.stdout.splitlines()


def lines_of(folder, changes=(), workers=2):
    """Return what is printed after a change of the step's text, line by line."""
    for name in FILES:
        shutil.copy(CODE / f"{name}.py", folder)
    harness = folder / "complete_step_harness.py"
    own = harness.read_text(encoding="utf-8")
    assert own.count("WORKERS, LONGEST, LENGTH, ALPHA = 2,") == 1
    harness.write_text(own.replace("ALPHA = 2,", f"ALPHA = {workers},"), encoding="utf-8")
    step = folder / "complete_step.py"
    text = step.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    step.write_text(text, encoding="utf-8")
    return printed(folder, "complete_step_harness.py")


def said(folder, changes=(), workers=2):
    """Return which checks are right, after a change of the step's text."""
    lines = lines_of(folder, changes, workers)
    named = {c: [line for line in lines if line.startswith(f"{c}: ")] for c in CHECKS}
    assert all(len(found) == 1 for found in named.values())
    return {check for check, (line,) in named.items() if line == f"{check}: right"}


def test_the_step_as_it_stands_is_right_five_times(tmp_path):
    assert said(tmp_path) == set(CHECKS)


@pytest.mark.parametrize(
    ("mistake", "seen"),
    [
        ("a term without a factor is added", {*CHECKS} - {"two loss scales"}),
        ("clipped before it is unscaled", {"two loss scales", "one process"}),
    ],
)
def test_a_mistake_in_the_step_shows(tmp_path, mistake, seen):
    assert said(tmp_path, MISTAKES[mistake]) == set(CHECKS) - seen


def test_the_audit_of_weights_names_what_a_part_does_for_itself(tmp_path):
    lines = lines_of(tmp_path, MISTAKES["`zero_grad` in the loop"], workers=1)
    text = " ".join(" ".join(lines).split())
    assert "micro-batch 0, 1 and 2 weigh nothing" in text


def test_it_asks_a_step_without_workers_too(tmp_path):
    assert said(tmp_path, workers=1) == set(CHECKS)
    assert said(tmp_path, MISTAKES["each pass takes its own mean"], workers=1) == {
        "audit_scaling",
        "two loss scales",
    }


def test_a_term_that_has_no_way_to_a_parameter_has_zeros_there(tmp_path):
    for name in FILES:
        shutil.copy(CODE / f"{name}.py", tmp_path)
    script = """
from complete_step_harness import new_module, part
module = new_module()
print(*[name for name, g in part(module, module.words.weight.sum()).items() if g.any()])
"""
    assert printed(tmp_path, "-c", script) == ["words.weight"]
