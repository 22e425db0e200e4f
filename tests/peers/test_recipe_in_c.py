"""The recipe for code in C: compiled here, right and with planted faults, and called by NumPy."""

import shlex
import subprocess

import pytest

from tests.recipes import FOLDER, changed, run

SOURCE = FOLDER / "recurrence.c"


@pytest.fixture
def recipe(tmp_path):
    """Return the function that compiles the code, some of it changed, and runs the recipe on it."""

    def compile_and_run(change=None, *changes):
        text = changed(SOURCE, *([change] if change else []))
        (tmp_path / SOURCE.name).write_text(text, encoding="utf-8")
        command = text.splitlines()[0].removeprefix("/*").removesuffix("*/")
        subprocess.run(shlex.split(command), cwd=tmp_path, check=True)
        library = str(tmp_path / "librecurrence.so")  # a name that was loaded is not loaded again
        return run("through_ctypes", ('"./librecurrence.so"', repr(library)), *changes)

    return compile_and_run


def test_code_in_c_is_right_in_both_checks(recipe):
    made = recipe()
    assert made["report"].verdicts == {"array": "once"}
    assert made["checked"].right
    assert "array must have data type float64" in " ".join(str(made["checked"]).split())


@pytest.mark.parametrize(
    ("change", "verdict", "right"),
    [
        (
            ("dh += 2 * h[t + 1] * scale", "dh = (dh + 2 * h[t + 1]) * scale"),
            "more than once",
            False,
        ),
        (("double dh = 0;", "double dh = 1;"), "partly", False),
        (("dh = dz * w[1];", "dh = 0;"), "once", False),
        (("dw[2] += dz;", "dw[2] += dz; /* the bias */"), "once", True),
    ],
)
def test_a_mistake_in_c_is_seen(recipe, change, verdict, right):
    made = recipe(change)
    assert made["report"].verdicts == {"array": verdict}
    assert made["checked"].right == right


def test_an_array_that_code_in_c_adds_to_is_not_repeatable(recipe):
    kept = (
        "w, x = np.array([0.7, -0.4, 0.2]),",
        "kept = np.zeros(3)\nw, x = np.array([0.7, -0.4, 0.2]),",
    )
    made = recipe(None, kept, ("np.zeros(3)  # zeros: the code adds to dw", "kept"))
    (finding,) = made["report"].findings.values()
    assert finding.verdict == "not repeatable"
    assert finding.detail == "a call adds to the gradients of the call before"
