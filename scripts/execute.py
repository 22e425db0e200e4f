"""Run notebooks and store their outputs; write a file only where its bytes change.

    python scripts/execute.py                       # all of chapters/
    python scripts/execute.py chapters/intro.ipynb  # this one

Each notebook has a kernel of its own, which starts in the notebook's folder. What depends on the
moment, the machine or the editor (times, versions, random cell ids) is not stored, so a second run
gives the same bytes. A cell that raises, or that writes to stderr, is an error: the cell is shown,
the file is left as it was, and the exit status is 1.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from tqdm import tqdm

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
VOLATILE = {"ExecuteTime", "collapsed", "execution", "scrolled", "trusted"}
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class CellError(Exception):
    """A cell failed; the text says which, and how."""


def isolate(folder):
    """Hide the reader's own settings from the kernels of this process; `folder` is an empty one."""
    for variable in ("COLUMNS", "LINES", "FORCE_COLOR", "MPLBACKEND", "PYTHONWARNINGS"):
        os.environ.pop(variable, None)
    os.environ["IPYTHONDIR"] = str(folder)
    os.environ["MATPLOTLIBRC"] = os.devnull
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # a note of the debugger's, on stderr
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        # Else each kernel compiles anew all that it imports. The folder goes when the run ends.
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder, "bytecode").resolve())


def read(path):
    """Return a notebook without outputs and without what must not be stored."""
    content = json.loads(path.read_text(encoding="utf-8"))
    taken = {None}
    for index, cell in enumerate(content["cells"]):
        if cell.get("id") in taken:  # nbformat would put a random id there
            cell["id"] = f"cell-{index}"
        taken.add(cell["id"])
        for key in VOLATILE & cell["metadata"].keys():
            del cell["metadata"][key]
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    content["metadata"].pop("widgets", None)
    content["metadata"].update(kernelspec=KERNEL)
    content["nbformat_minor"] = max(5, content["nbformat_minor"])  # the first with cell ids
    return nbformat.reads(json.dumps(content), as_version=4)


def failure(path, index, cell, message):
    """Return the error that tells a reader where to look and what happened."""
    source = "".join(f"    {line}\n" for line in cell.source.splitlines())
    return CellError(f"{path}, cell {index} ({cell.id}):\n\n{source}\n{ANSI.sub('', message)}\n")


def code_cells(path):
    """Return how many cells a kernel will run."""
    cells = read(path).cells
    return sum(cell.cell_type == "code" and cell.source.strip() != "" for cell in cells)


def outputs(cell, field, value):
    """Return the cell's outputs of one kind."""
    return [output for output in cell.get("outputs", []) if output.get(field) == value]


async def run(notebook, path, timeout, progress):
    """Fill in the outputs; raise CellError where a cell fails."""
    now = [0]

    def interruptible(**_):
        # nbclient's handler ends one kernel and lets the others go on.
        with contextlib.suppress(NotImplementedError):  # Windows has none
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)

    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name=KERNEL["name"],
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
        on_notebook_start=interruptible,
        on_cell_start=lambda cell, cell_index: now.__setitem__(0, cell_index),
        on_cell_executed=lambda **_: progress(),
    )
    try:
        await client.async_execute(stderr=subprocess.DEVNULL)  # the kernel's log, not the cells'
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        cell = notebook.cells[now[0]]
        errors = ["\n".join(e.traceback) for e in outputs(cell, "output_type", "error")]
        if isinstance(error, CellTimeoutError):
            errors = [f"It took more than {timeout} seconds."]
        raise failure(path, now[0], cell, "\n".join(errors) or str(error)) from error
    for index, cell in enumerate(notebook.cells):
        for output in outputs(cell, "name", "stderr"):
            raise failure(path, index, cell, f"It wrote to stderr:\n{output.text}")
    notebook.metadata["language_info"] = {
        "name": "python"
    }  # not the kernel's own, with its version


def store(notebook, path):
    """Write the notebook at one stroke, and only if that changes it; return whether it did."""
    content = (nbformat.writes(notebook) + "\n").encode()
    if content == path.read_bytes():
        return False
    handle, new = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with open(handle, "wb") as file:
            file.write(content)
        shutil.copymode(path, new)
        os.replace(new, path)
    finally:
        Path(new).unlink(missing_ok=True)
    return True


async def execute(paths, timeout, jobs, progress):
    """Run and store notebooks; return for each whether it changed, or its error."""
    free = asyncio.Semaphore(jobs)

    async def one(path):
        async with free:
            try:
                notebook = read(path)
                await run(notebook, path, timeout, progress)
                return store(notebook, path)
            except CellError as error:
                return error

    return await asyncio.gather(*map(one, paths))


def main(arguments=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="which ones (all of chapters/)")
    parser.add_argument("--timeout", type=int, default=120, help="seconds for one cell (120)")
    parser.add_argument("--jobs", type=int, default=2, help="how many run at once (2)")
    options = parser.parse_args(arguments)
    paths = options.notebooks or sorted(Path("chapters").glob("*.ipynb"))
    if not paths:
        parser.error("no notebook found: run this in the project's folder")
    if missing := [str(path) for path in paths if not path.is_file()]:
        parser.error(f"no such file: {', '.join(missing)}")
    total = sum(map(code_cells, paths))
    with (
        tempfile.TemporaryDirectory() as folder,
        tqdm(total=total, unit="cell", leave=False) as bar,
    ):
        isolate(folder)
        try:
            results = asyncio.run(execute(paths, options.timeout, options.jobs, bar.update))
        except KeyboardInterrupt:
            return "Interrupted."
    for path, result in zip(paths, results, strict=True):
        if isinstance(result, CellError):
            print(f"FAILED: {result}", file=sys.stderr)
        else:
            print(f"{path}: {'stored' if result else 'unchanged'}")
    return int(any(isinstance(result, CellError) for result in results))


if __name__ == "__main__":
    sys.exit(main())
