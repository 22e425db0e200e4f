"""The notebooks for Colab: the same cells after one that fetches the book where it is missing."""

import ast
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from colab import dependencies, main, with_first_cell  # noqa: E402

NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
ADDRESS = "https://git.example/owner/name"


def test_only_a_first_cell_is_added_and_the_notebook_is_valid():
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        before = nbformat.writes(notebook)
        copy = with_first_cell(notebook, ADDRESS, "main")
        nbformat.validate(copy)
        assert copy.cells[1:] == notebook.cells
        assert nbformat.writes(notebook) == before  # the one that was given is as it was


def run(cell):
    """Run a cell's source; return the commands that it hands to IPython."""
    commands = []
    shell = type("Shell", (), {})()
    shell.system = lambda line: commands.append(line)
    shell.run_line_magic = lambda name, line: commands.append(f"{name} {line}")
    program = TransformerManager().transform_cell(cell.source)
    ast.parse(program)
    exec(program, {"get_ipython": lambda: shell})
    return commands


def test_the_cell_does_nothing_where_the_package_is():
    cell = with_first_cell(nbformat.v4.new_notebook(), ADDRESS, "main").cells[0]
    assert run(cell) == []


def test_the_cell_fetches_the_book_where_the_package_is_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "lstm_src", None)
    monkeypatch.setattr(sys, "path", list(sys.path))
    cell = with_first_cell(nbformat.v4.new_notebook(), ADDRESS, "main").cells[0]
    fetch, enter, install = run(cell)
    assert fetch == f"git clone --quiet --depth 1 --branch main {ADDRESS} book"
    assert enter == "cd -q book/chapters"
    assert install == f"pip install --quiet {dependencies()}"
    assert '"numpy>=' in install
    assert '"distributed>=' in install  # the chapter on workers
    assert "ipython" not in install
    assert sys.path[0] == ".."


def test_no_address_is_an_error(monkeypatch):
    monkeypatch.delenv("BOOK_REPOSITORY_URL", raising=False)
    with pytest.raises(SystemExit, match="BOOK_REPOSITORY_URL: expected the repository's address"):
        main()
