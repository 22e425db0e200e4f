"""A tampered notebook fails, and the message says in what; an honest one passes."""

import base64
import io
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from PIL import Image

from scripts.notebook_comparison import EMBEDDED, Disagreement, compare_pictures, decode

ROOT = Path(__file__).parents[2]
SETUP = """\
import io, sys
from base64 import encodebytes
import matplotlib.pyplot as plt
from IPython.display import HTML, Math

def frame(y):
    figure, file = plt.figure(figsize=(2, 1)), io.BytesIO()
    figure.add_subplot().plot([0, y])
    figure.savefig(file)
    plt.close(figure)
    return f'<img src="data:image/png;base64,{encodebytes(file.getvalue()).decode()}">'
"""


class Case(NamedTuple):
    """A cell whose stored output comes from other code than the one that stands in it."""

    source: str
    now: str = ""
    stored: str = ""
    message: str = ""


TAMPERED = {
    "a number": Case("print('loss', 0.25)", "0.25", "0.26", "loss 0.26"),
    "a formula": Case("Math(r'\\frac{x}{3}')", "{3}", "{5}", "text/latex"),
    "a table": Case("HTML('<table><td>12</td></table>')", "12", "13", "text/html"),
    "a moved line": Case(
        "plt.plot([0, 1]); plt.ylim(0, 2); plt.show()",
        "[0, 1]",
        "[0, 1.03]",
        "of the pixels differ",
    ),
    "a recoloured bar": Case(
        "plt.bar([0, 1], [2, 3], color='C0'); plt.show()", "C0", "C1", "of the pixels differ"
    ),
    "a digit in a picture": Case(
        "plt.title('N = 3'); plt.show()", "N = 3", "N = 8", "of the pixels differ"
    ),
    "a picture's size": Case(
        "plt.figure(figsize=(4, 3)).add_subplot(); plt.show()", "3))", "4))", "another size"
    ),
    "a frame": Case("HTML(frame(1) + frame(2))", "frame(2)", "frame(3)", "picture 2 of 2"),
    "a frame too many": Case(
        "HTML(frame(1))", "))", ") + frame(2))", "2 pictures stored, 1 computed"
    ),
    "an exception": Case("print(1 / 0)", "/ 0", "/ 1", "ZeroDivisionError"),
    "a warning": Case("print('careful', file=sys.stderr)", "stderr", "stdout", "stderr:\ncareful"),
    "a cell left out by a tag": Case("1", message="keeps its output from being compared"),
    "a cell left out by a comment": Case(
        "# NBVAL_IGNORE_OUTPUT", message="keeps its output from being compared"
    ),
    "an expected exception": Case("2", message="this machine's paths"),
    "a cell never run": Case("3", message="It was never run"),
}
HONEST = {
    "the same number": Case("print('loss', 0.25)"),
    "the same formula": Case("Math(r'\\frac{x}{3}')"),
    "a picture with noise": Case("plt.plot([0, 1]); plt.show()"),
    "frames with noise": Case("HTML('<p>Two frames</p>' + frame(1) + frame(2))"),
}
CASES = [Case(SETUP), *TAMPERED.values(), *HONEST.values()]


def encode(pixels):
    """Return a PNG file of the pixels, in base64."""
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


def noisy(encoded):
    """Return the picture with every colour value changed by at most 1."""
    pixels = decode(encoded)
    noise = np.random.default_rng(0).integers(-1, 2, pixels.shape)
    return encode(np.clip(pixels + noise, 0, 255))


def add_noise(notebook):
    """Add noise to all pictures of the honest cells."""
    for cell in notebook.cells[-len(HONEST) :]:
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data:
                data["image/png"] = noisy(data["image/png"])
            if "text/html" in data:
                data["text/html"] = EMBEDDED.sub(
                    lambda found: "data:image/png;base64," + noisy(found[1]), data["text/html"]
                )


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Run one notebook that holds all cases in a copy of the set-up; return each cell's failure."""
    folder = tmp_path_factory.mktemp("a book")
    path = folder / "chapters" / "book.ipynb"
    path.parent.mkdir()
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)

    def command(*arguments):
        return subprocess.run(
            [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
        )

    sources = [
        case.source.replace(case.now, case.stored) if case.now else case.source for case in CASES
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    stored = command("scripts/execute.py")
    assert stored.returncode == 0, stored.stderr

    notebook = nbformat.read(path, as_version=4)
    cells = dict(zip(["", *TAMPERED], notebook.cells, strict=False))
    cells["a cell left out by a tag"].metadata.tags = ["nbval-skip"]
    cells["an expected exception"].metadata.tags = ["raises-exception"]
    cells["a cell never run"].update(execution_count=None, outputs=[])
    for cell, case in zip(notebook.cells, CASES, strict=True):
        cell.source = case.source
    add_noise(notebook)
    nbformat.write(notebook, path)

    tested = command("-m", "pytest", "-n0", "--color=no", "--junit-xml=report.xml", "chapters")
    report = ElementTree.parse(folder / "report.xml").findall(".//testcase")
    assert len(report) == len(CASES), tested.stdout
    failures = [case.find("failure") for case in report]
    texts = [None if failure is None else failure.text for failure in failures]
    return dict(zip(["set-up", *TAMPERED, *HONEST], texts, strict=True))


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_tampered_with_fails_and_is_named(outcomes, name):
    assert TAMPERED[name].message in outcomes[name]
    assert len(outcomes[name]) < 3000  # no picture is spelled out


@pytest.mark.parametrize("name", ["set-up", *HONEST])
def test_what_is_honest_passes(outcomes, name):
    assert outcomes[name] is None


def picture(changed=0, by=0):
    """Return a picture of 400 x 500 pixels, of which the tolerance covers two."""
    pixels = np.full((400, 500, 4), 100)
    pixels.reshape(-1, 4)[:changed, 1] += by
    return encode(pixels)


@pytest.mark.parametrize(("changed", "by"), [(2, 155), (200_000, 8), (200_000, -8)])
def test_pictures_within_the_tolerance_agree(changed, by):
    compare_pictures(picture(), picture(changed, by))


@pytest.mark.parametrize(("changed", "by"), [(3, 9), (3, -9), (200_000, 9)])
def test_pictures_beyond_the_tolerance_do_not(changed, by):
    with pytest.raises(
        Disagreement, match=rf"{changed / 2000:.4f}% .* the largest difference is 9"
    ):
        compare_pictures(picture(), picture(changed, by))


def test_what_is_no_picture_is_refused():
    with pytest.raises(Disagreement, match="not a readable picture"):
        compare_pictures(picture(), "bm90IGEgcGljdHVyZQ==")
