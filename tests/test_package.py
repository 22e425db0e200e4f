"""The shape of the package: who may import whom, and what an import costs."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import lstm_src
from lstm_src import exact
from lstm_src.mistakes import CATALOGUE

PACKAGE = Path(lstm_src.__file__).parent


def imports(path):
    """Return the modules that a file imports, by their dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
    return found


def reach(path):
    """Return everything that a file imports, through the package's own modules too."""
    found = imports(path)
    for name in [n for n in found if n.startswith("lstm_src.")]:
        found |= reach(PACKAGE / f"{name.removeprefix('lstm_src.')}.py")
    return found


def test_the_lstm_needs_numpy_alone():
    outside = {name.split(".")[0] for name in reach(PACKAGE / "lstm.py")} - set(
        sys.stdlib_module_names
    )
    assert outside == {"lstm_src", "numpy"}


def test_only_chapters_and_tests_import_figures_mistakes_and_exact_arithmetic():
    for path in PACKAGE.rglob("*.py"):
        parts = {".".join(name.split(".")[:2]) for name in imports(path)}
        if path.parent != PACKAGE:  # the parts of a package know each other
            parts -= {f"lstm_src.{path.parent.name}"}
        if path.parent.name == "interactive":  # it draws what the mistakes do
            parts -= {"lstm_src.mistakes"}
        if path.parent.name == "mistakes":  # its table points the certificate at its entries
            parts -= {"lstm_src.exact"}
        leaves = ("cuts", "decision_chart", "diagrams", "figures", "interactive", "mistakes")
        assert not parts & {f"lstm_src.{name}" for name in (*leaves, "exact")}, path.name


def test_only_the_interactive_figure_imports_altair():
    users = [path for path in PACKAGE.rglob("*.py") if "altair" in imports(path)]
    assert {path.parent.name for path in users} == {"interactive"}


def test_importing_the_package_loads_nothing_heavy():
    heavy = {"altair", "matplotlib", "sympy", "torch"}
    code = f"import sys, lstm_src; print(*sorted({heavy} & set(sys.modules)))"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
        == []
    )


def test_the_exact_package_lists_what_its_modules_define():
    modules = (PACKAGE / "exact").glob("[!_]*.py")
    defined = set().union(*map(public_names, modules))
    constants = {"PRIME", "RING", "SCALE", "tanh"}
    assert set(exact.__all__) == defined | constants
    assert all(hasattr(exact, name) for name in exact.__all__)


def public_names(path):
    """Return the functions and classes that a module defines for others."""
    kinds = ast.FunctionDef | ast.ClassDef
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    return {n.name for n in nodes if isinstance(n, kinds) and not n.name.startswith("_")}


def test_the_api_page_holds_every_public_name():
    page = (PACKAGE.parent / "chapters/api.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"\.\. auto(?:function|class):: (\w+)", page))
    modules = set(PACKAGE.rglob("*.py")) - {PACKAGE / "validation.py"}
    modules -= set(PACKAGE.glob("checks/*.py")) - {PACKAGE / "checks/gradients.py"}  # its parts
    public = set().union(*map(public_names, modules))
    assert listed == public - set(CATALOGUE)  # the code of a mistake is reached through its entry
