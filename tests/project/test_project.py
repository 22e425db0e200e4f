"""The project's own files agree with each other; every rule is shown to catch a planted fault."""

import ast
import json
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from scripts.lock import halves, name, newest, others, pins

ROOT = Path(__file__).parents[2]
PARTS = [".binder", ".ci", ".github", ".pre-commit-config.yaml", "CHANGELOG.md", "CITATION.cff"]
PARTS += ["CONTRIBUTING.md", "Makefile", "README.md", "_config.yml", "_ext", "_toc.yml", "chapters"]
PARTS += ["conftest.py", "lstm_src", "pyproject.toml", "scripts"]
PARTS += ["requirements", "requirements.txt"]
INSTALLED_AS = {"PIL": "pillow", "yaml": "pyyaml"}
LEAVE_OUT = ("nbval-", "raises-exception", "skip-execution")


def pyproject(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def notebooks(root):
    for path in sorted((root / "chapters").glob("*.ipynb")):
        yield path.name, json.loads(path.read_text(encoding="utf-8"))


def code(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def requirements_files(root):
    return [root / "requirements.txt", *sorted((root / "requirements").glob("*.txt"))]


def versions_agree(root):
    """Package, citation and change log name one version."""
    change = re.search(r"^## \[?(\d[\w.]*)", (root / "CHANGELOG.md").read_text(), re.MULTILINE)
    versions = {
        "pyproject.toml": pyproject(root)["project"]["version"],
        "CITATION.cff": yaml.safe_load((root / "CITATION.cff").read_text())["version"],
        "CHANGELOG.md": change[1],
    }
    if len(set(versions.values())) > 1:
        yield str(versions)


def requirements_are_pinned(root):
    """Every line of the requirements pins one version."""
    for file in requirements_files(root):
        for half in halves(file):
            yield from (f"{file.name}: {pin}" for pin in pins(half) if not re.search(r"==\w", pin))


def declared(root):
    """Return what the package depends on, and what its extras add, by name."""
    project = pyproject(root)["project"]
    extras = project["optional-dependencies"]
    return {
        extra: {name(wanted) for wanted in [*project["dependencies"], *extras.get(extra, ())]}
        for extra in ("", *extras)
    }


def requirements_find_each_other(root):
    """Every requirements file that another one includes is there."""
    for file in [*requirements_files(root), root / ".binder/requirements.txt"]:
        yield from (f"{file.name}: {other}" for other in others(file) if not other.is_file())


def requirements_hold_the_packages_own(root):
    """What the package and its extras depend on is pinned."""
    pinned = {name(pin) for pin in pins(halves(root / "requirements.txt")[0])}
    yield from sorted(set().union(*declared(root).values()) - pinned)


ASKS_FOR = {"training/runs/plot.py": "book"}
"""The extra of a file that another name than its own or its room's says."""


def dependencies_cover_the_imports(root):
    """What is imported comes with the package, or with the extra of the room's or file's name."""
    extras = declared(root)
    for path in sorted((root / "lstm_src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module]
            for module in {m.partition(".")[0] for m in modules} - sys.stdlib_module_names:
                inside = path.relative_to(root / "lstm_src")
                own = ASKS_FOR.get(inside.as_posix(), path.stem)
                there = extras.get(own, extras.get(inside.parts[0], extras[""]))
                if module != "lstm_src" and name(INSTALLED_AS.get(module, module)) not in there:
                    yield f"{path.name} imports {module}"


def hooks_use_the_pinned_versions(root):
    """The commit hooks run the versions that the tests run."""
    hooks = (root / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    pinned = [
        pin for file in requirements_files(root) for half in halves(file) for pin in pins(half)
    ]
    yield from sorted(set(re.findall(r"[\w-]+==[\w.]+", hooks)) - set(pinned))


def contents_hold_every_chapter(root):
    """Every file in the table of contents exists, and every chapter is in it."""
    listed = set(
        re.findall(r"^\W*(?:root|file): (\S+)", (root / "_toc.yml").read_text(), re.MULTILINE)
    )
    there = {
        path.relative_to(root).with_suffix("").as_posix()
        for path in (root / "chapters").rglob("*")
        if path.suffix in {".ipynb", ".md"} and ".ipynb_checkpoints" not in path.parts
    }
    yield from sorted(listed ^ there)


def no_repository_address(root):
    """No file but the chapters and their sources names a place where repositories are kept."""
    address = re.compile(
        r"https?://[\w.]*(?:github|gitlab|bitbucket|codeberg)\.\w+/(?!owner/name)\w+"
    )
    for part in PARTS:
        files = [root / part] if (root / part).is_file() else (root / part).rglob("*")
        for path in files:
            if part not in {"chapters", "lstm_src"} and path.is_file() and path.suffix != ".pyc":
                found = address.findall(path.read_text(encoding="utf-8"))
                yield from (f"{path.relative_to(root)}: {url}" for url in found)


def every_cell_is_compared(root):
    """No tag and no comment keeps a cell from being run or compared."""
    for file, notebook in notebooks(root):
        for number, cell in enumerate(code(notebook)):
            tags = [t for t in cell["metadata"].get("tags", []) if t.startswith(LEAVE_OUT)]
            if tags or "NBVAL_" in "".join(cell["source"]):
                yield f"{file}, code cell {number}: {tags}"


def every_cell_was_run(root):
    """The stored outputs come from one run, from the first cell to the last, without an error."""
    for file, notebook in notebooks(root):
        counts = [cell["execution_count"] for cell in code(notebook)]
        if counts != list(range(1, len(counts) + 1)):
            yield f"{file}: {counts}"
        for cell in code(notebook):
            if any(
                o["output_type"] == "error" or o.get("name") == "stderr" for o in cell["outputs"]
            ):
                yield f"{file}: an error in cell {cell['id']}"


def every_notebook_can_fail(root):
    """Every notebook asserts something."""
    for file, notebook in notebooks(root):
        trees = (ast.walk(ast.parse("".join(cell["source"]))) for cell in code(notebook))
        if not any(isinstance(node, ast.Assert) for tree in trees for node in tree):
            yield file


def edit(file, old, new):
    """Return a fault: in this file, `new` stands where `old` stood first."""

    def plant(root):
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return plant


def edit_notebook(change):
    """Return a fault: the change of the intro's last code cell."""

    def plant(root):
        path = root / "chapters/intro.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        change(code(notebook)[-1])
        path.write_text(json.dumps(notebook), encoding="utf-8")

    return plant


def no_asserts(root):
    path = root / "chapters/intro.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("assert ", "bool"), encoding="utf-8")


FAULTS = [
    (versions_agree, edit("pyproject.toml", 'version = "', 'version = "9.')),
    (versions_agree, edit("CITATION.cff", "\nversion: ", "\nversion: 9.")),
    (versions_agree, edit("CHANGELOG.md", "\n## ", "\n## 9.9.9\n\n## ")),
    (requirements_are_pinned, edit("requirements.txt", "\nnumpy==", "\nnumpy>=")),
    (requirements_are_pinned, edit("requirements/bench.txt", "\nnumpy==", "\nnumpy>=")),
    (
        requirements_find_each_other,
        edit("requirements/lab.txt", "-r ../requirements.txt", "-r requirements.txt"),
    ),
    (requirements_find_each_other, edit(".binder/requirements.txt", "../", "../../")),
    (requirements_hold_the_packages_own, edit("requirements.txt", "\nnumpy==", "\nnumpie==")),
    (
        dependencies_cover_the_imports,
        edit("lstm_src/lstm.py", "import numpy", "import scipy, numpy"),
    ),
    (
        dependencies_cover_the_imports,
        edit("lstm_src/lstm.py", "import numpy", "from yaml import load, numpy"),
    ),
    (
        dependencies_cover_the_imports,
        edit("lstm_src/proof/field.py", "import numpy", "import IPython, numpy"),
    ),
    (
        dependencies_cover_the_imports,
        edit("lstm_src/training/losses.py", "import numpy", "import distributed, numpy"),
    ),
    (hooks_use_the_pinned_versions, edit(".pre-commit-config.yaml", "ruff==", "ruff==9.")),
    (contents_hold_every_chapter, edit("_toc.yml", "chapters/notation", "chapters/notions")),
    (contents_hold_every_chapter, lambda root: (root / "chapters/99_more.md").write_text("# More")),
    (no_repository_address, edit("README.md", "\n", "\nhttps://github.com/someone/book\n")),
    (
        every_cell_is_compared,
        edit_notebook(lambda cell: cell["metadata"].update(tags=["nbval-skip"])),
    ),
    (every_cell_is_compared, edit_notebook(lambda cell: cell.update(source=["# NBVAL_SKIP"]))),
    (every_cell_was_run, edit_notebook(lambda cell: cell.update(execution_count=None))),
    (
        every_cell_was_run,
        edit_notebook(lambda cell: cell["outputs"].append({"output_type": "error"})),
    ),
    (every_notebook_can_fail, no_asserts),
]
RULES = list(dict.fromkeys(rule for rule, _ in FAULTS))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule):
    assert list(rule(ROOT)) == []


@pytest.mark.parametrize(("rule", "plant"), FAULTS, ids=lambda part: getattr(part, "__name__", ""))
def test_the_rule_catches_a_planted_fault(rule, plant, tmp_path):
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    plant(tmp_path)
    assert len(list(rule(tmp_path))) >= 1


def test_a_requirement_without_its_pin_keeps_its_bound():
    assert newest("-e .\nnumpy==2.4.6\njupyter-book==1.0.4  # newest: <2 (a reason)\n") == (
        "-e .\nnumpy\njupyter-book<2"
    )
