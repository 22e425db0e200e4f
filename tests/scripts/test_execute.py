"""`scripts/execute.py` stores the same bytes twice, and no file in which a cell fails."""

import json
import os
import shutil
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

from scripts import execute

GOOD = [
    "import matplotlib.pyplot as plt\nplt.plot([0, 1]); plt.show()",
    "print('loss', 0.25, flush=True)\nprint('done')",
    "{3, 1, 2}",
]


def write(path, *sources):
    """Write a notebook as an editor might leave it, and return its path."""
    cells = [new_markdown_cell("# Title"), *map(new_code_cell, sources)]
    cells[-1].metadata = {"execution": {"iopub.status.busy": "2000-01-01"}, "tags": ["hide-input"]}
    notebook = new_notebook(
        cells=cells, metadata={"language_info": {"name": "python", "version": "3"}}
    )
    content = json.loads(writes(notebook))
    for cell in content["cells"][:2]:
        del cell["id"]
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _same_settings_afterwards(monkeypatch):
    for name in ("IPYTHONDIR", "MATPLOTLIBRC"):  # main() changes them for its own run
        monkeypatch.setenv(name, execute.os.environ[name])


def test_a_second_run_stores_the_same_bytes(tmp_path, capsys):
    (tmp_path / "a book").mkdir()
    first = write(tmp_path / "a book" / "first.ipynb", *GOOD)
    again = Path(shutil.copy(first, first.with_name("again.ipynb")))
    assert execute.main([str(first), str(again)]) == 0
    stored = first.read_bytes()
    assert capsys.readouterr().out == f"{first}: stored\n{again}: stored\n"
    assert again.read_bytes() == stored

    written = first.stat().st_mtime_ns
    assert execute.main([str(first)]) == 0
    assert capsys.readouterr().out == f"{first}: unchanged\n"
    assert (first.read_bytes(), first.stat().st_mtime_ns) == (stored, written)

    notebook = json.loads(stored)
    assert [cell["id"] for cell in notebook["cells"][:2]] == ["cell-0", "cell-1"]
    assert notebook["cells"][-1]["metadata"] == {"tags": ["hide-input"]}
    assert notebook["metadata"] == {
        "kernelspec": execute.KERNEL,
        "language_info": {"name": "python"},
    }
    assert "image/png" in notebook["cells"][1]["outputs"][0]["data"]
    assert notebook["cells"][2]["outputs"][0]["text"] == ["loss 0.25\n", "done\n"]


def test_a_failing_cell_is_shown_and_the_file_is_left_alone(tmp_path, capsys):
    paths = [
        write(tmp_path / "raises.ipynb", "print('before')", "1 / 0"),
        write(tmp_path / "warns.ipynb", "import warnings", "warnings.warn('careful')"),
        write(tmp_path / "slow.ipynb", "import time", "time.sleep(60)"),
        write(tmp_path / "good.ipynb", "print('good')"),
    ]
    before = [path.read_bytes() for path in paths]
    assert execute.main(["--timeout=3", *map(str, paths)]) == 1
    out, err = capsys.readouterr()
    assert out == f"{paths[3]}: stored\n"
    for path, source, said in (
        (paths[0], "1 / 0", "ZeroDivisionError: division by zero"),
        (paths[1], "warnings.warn('careful')", "It wrote to stderr:\n"),
        (paths[2], "time.sleep(60)", "It took more than 3 seconds."),
    ):
        assert f"FAILED: {path}, cell 2 (" in err
        assert f"    {source}\n\n" in err
        assert said in err
    assert [path.read_bytes() for path in paths[:3]] == before[:3]
    assert sorted(tmp_path.iterdir()) == sorted(paths)  # no half-written file is left


@pytest.mark.parametrize("arguments", [["chapters/nothing.ipynb"], ["--jobs=1", "."]])
def test_a_notebook_that_is_not_there_is_named(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        execute.main(arguments)
    assert f"no such file: {arguments[-1]}" in capsys.readouterr().err


@pytest.mark.parametrize("forbidden", ["1", ""])
def test_where_bytecode_may_not_be_stored_kernels_share_a_folder_of_their_own(
    forbidden, tmp_path, monkeypatch
):
    around = {"PYTHONDONTWRITEBYTECODE": forbidden}
    monkeypatch.setattr(os, "environ", around)
    execute.isolate(tmp_path)
    assert "PYTHONDONTWRITEBYTECODE" not in around
    assert around.get("PYTHONPYCACHEPREFIX") == (str(tmp_path / "bytecode") if forbidden else None)
