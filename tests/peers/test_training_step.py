"""The training step of PyTorch that a page shows as text runs, and prints what stands there."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ROOT / "chapters/code"


def output(script):
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def script():
    return (CODE / "torch_training_step.py").read_text(encoding="utf-8")


def test_the_script_prints_what_the_chapter_shows(script):
    shown = (CODE / "torch_training_step.txt").read_text(encoding="utf-8")
    assert output(script) == shown
    verdicts = [line for line in shown.splitlines() if "caled exactly once:" in line]
    assert [line.split(":")[0] for line in verdicts] == [
        "Not scaled exactly once",
        "Scaled exactly once",
        "Not scaled exactly once",
    ]


def test_another_mistake_prints_something_else(script):
    planted = script.replace("((error + penalty) * scale)", "((error + penalty) * scale * scale)")
    assert planted != script
    printed = output(planted)
    assert "more than once" in printed
    assert "\nScaled exactly once" not in printed


def test_the_page_shows_both_files():
    text = (ROOT / "chapters/point_it.md").read_text(encoding="utf-8")
    for file in ("torch_training_step.py", "torch_training_step.txt"):
        assert f"literalinclude}} code/{file}" in text
