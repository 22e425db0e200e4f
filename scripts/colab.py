"""Write the notebooks for Colab, which opens a notebook alone, without the book around it.

    BOOK_REPOSITORY_URL=https://… python scripts/colab.py

In _build/colab/ each notebook gets a first cell that fetches the book where `lstm_src` is missing.
The notebooks in chapters/ stay as they are, so they know no address.
"""

import os
import re
import sys
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "_build/colab"
KEPT = ("ipython",)  # in the version that the running kernel is made of
CELL = """\
# Fetches the book where it is missing, as on Colab; does nothing where it is there.
try:
    import lstm_src
except ModuleNotFoundError:
    import sys

    !git clone --quiet --depth 1 --branch {branch} {url} book
    %cd -q book/chapters
    %pip install --quiet {packages}
    sys.path.insert(0, "..")"""


def dependencies(root=ROOT):
    """Return what the package and its pages import, as pip's arguments."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["book"]]
    names = [(re.match(r"[\w.-]+", line)[0], line) for line in wanted]
    return " ".join(f'"{line}"' for name, line in names if name not in KEPT)


def with_first_cell(notebook, url, branch):
    """Return a copy of a notebook that begins with the cell that fetches the book."""
    copy = nbformat.from_dict(notebook)
    source = CELL.format(url=url, branch=branch, packages=dependencies())
    copy.cells = [nbformat.v4.new_code_cell(source, id="fetch-the-book"), *notebook.cells]
    return copy


def main():
    """Write all notebooks."""
    url = os.environ.get("BOOK_REPOSITORY_URL", "").strip()
    branch = os.environ.get("BOOK_BRANCH", "").strip() or "main"
    if not url:
        sys.exit("BOOK_REPOSITORY_URL: expected the repository's address, got nothing")
    TARGET.mkdir(parents=True, exist_ok=True)
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        nbformat.write(with_first_cell(notebook, url, branch), TARGET / path.name)
    print(f"The notebooks for Colab: {TARGET}")


if __name__ == "__main__":
    main()
