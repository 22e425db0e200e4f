"""Build the package, make environments that hold it, and say what is wrong with them."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.version import Version

from scripts.lock import halves, name, pins

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
EXTRAS = ("proof", "book", "workers")
OWN_TESTS = ("lstm", "checks", "training", "proof", "placements", "frameworks", "book")
"""The folders of `tests/` that need nothing but the package, its extras and `TOOLS`."""

TOOLS = ("pytest", "pytest-xdist", "hypothesis")

UV = (sys.executable, "-m", "uv")


def run(*command, cwd):
    """Run a command; return whether it succeeded, and what it printed."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, "MPLBACKEND": "agg"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    return done.returncode == 0, done.stdout


def must(*command, cwd):
    """Run a command that has to succeed."""
    succeeded, printed = run(*command, cwd=cwd)
    assert succeeded, printed


def build(project, folder):
    """Build the source archive and, from it, the wheel; return both."""
    must(
        *UV,
        "build",
        "--quiet",
        "--python",
        sys.executable,
        "--out-dir",
        folder,
        project,
        cwd=folder,
    )
    (archive,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return archive, wheel


def environment(folder, *options):
    """Make an environment with what the options of `uv pip install` name; return its Python."""
    must(*UV, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    python = folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if options:
        must(*UV, "pip", "install", "--quiet", "--python", python, *options, cwd=folder)
    return python


def lowest(wheel, folder):
    """Make an environment with the wheel, its extras and all that it needs in the lowest versions.

    uv takes the lowest versions of what it is asked for, not of what that needs in turn.
    """
    pinned = {name(pin): pin for pin in pins(halves(ROOT / "requirements.txt")[0])}
    package = f"{project_table()['name']}[{','.join(EXTRAS)}] @ {wheel.as_uri()}"
    options = ("--resolution", "lowest-direct", "--only-binary", ":all:")
    tools = [pinned[tool] for tool in TOOLS]
    return environment(folder, *options, package, *requirements(), *tools)


def project_table():
    """Return what `pyproject.toml` says of the package."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements():
    """Return what the package and its extras need, but for the package itself."""
    table = project_table()
    extras = [line for extra in EXTRAS for line in table["optional-dependencies"][extra]]
    found = dict.fromkeys([*table["dependencies"], *extras])
    return [line for line in found if name(line) != table["name"]]


def installed(python):
    """Return the versions of all packages in an environment."""
    command = [*UV, "pip", "list", "--quiet", "--format", "json", "--python", python]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    return {name(found["name"]): found["version"] for found in json.loads(done.stdout)}


def beside_numpy(packages):
    """Return which packages are there that need not be, and which lack."""
    return sorted(set(packages) ^ {"numpy", project_table()["name"]})


def above_the_lowest(packages, lines):
    """Return the requirements without a lowest version, or not installed in it."""

    def fits(line):
        bound = re.search(r">=\s*([\w.]+)", line)
        return bound and Version(packages[name(line)]) == Version(bound[1])

    return [line for line in lines if not fits(line)]


def own_tests(python, folder):
    """Run the package's own tests on the installed package; return as `run` does.

    They run in a copy of the project that lacks the package, so they can import no other one.
    """
    copy = folder / "copy"
    if not copy.exists():
        left_out = shutil.ignore_patterns(".*", "_build", "__pycache__", "lstm_src")
        shutil.copytree(ROOT, copy, ignore=left_out)
    tests = [f"tests/{part}" for part in OWN_TESTS]
    options = ("-q", "-n2", "--dist=loadscope", "-c", "tests/installed/lowest.ini", "--rootdir=.")
    return run(python, "-m", "pytest", *options, *tests, cwd=copy)
