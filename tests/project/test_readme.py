"""The README: its example runs, its commands exist, its picture is the chapter's."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from cover import FIGURE, SOURCE, TARGET, stored_picture  # noqa: E402

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_examples_run_and_print_what_they_say():
    first, second = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    run = subprocess.run(
        [sys.executable, "-c", first + second], capture_output=True, text=True, check=True
    )
    shown, *reports = run.stdout.split("\n", 1)
    assert shown == re.findall(r"print\(.*\)  # (.*)", first)[-1]
    assert reports[0].startswith("Scaled exactly once: 3 of 3 gradients.")
    assert "\nRight at T = 5.\n" in reports[0]


def test_every_make_command_it_names_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)", README, flags=re.MULTILINE))
    named = {one or other for one, other in named}
    assert {"book", "test"} <= named <= targets


def test_its_picture_is_the_one_that_the_chapter_stores():
    assert stored_picture(SOURCE, FIGURE) == TARGET.read_bytes()
    with pytest.raises(ValueError, match="figure: expected a stored picture named 'fig-other'"):
        stored_picture(SOURCE, "fig-other")


def test_every_path_it_names_exists():
    paths = re.findall(r"\]\(([^)#]+)\)|^\| ((?:`[^`]+`(?:, )?)+) \|", README, flags=re.MULTILINE)
    names = [n for link, row in paths for n in ([link] if link else re.findall(r"`([^`]+)`", row))]
    assert len(names) > 8
    assert [name for name in names if not (ROOT / name).exists()] == []
