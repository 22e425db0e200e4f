"""The built package is whole, needs NumPy alone and serves where nothing else of the project is.

Every rule is shown to catch a planted fault.
"""

import re
import shutil
import sys

import pytest
from built import (
    PROGRAMS,
    ROOT,
    UV,
    above_the_lowest,
    beside_numpy,
    build,
    environment,
    installed,
    lowest,
    must,
    own_tests,
    requirements,
    run,
)


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    return build(ROOT, tmp_path_factory.mktemp("archives"))


@pytest.fixture(scope="module")
def plain(archives, tmp_path_factory):
    """The Python of an environment with the wheel alone."""
    return environment(tmp_path_factory.mktemp("plain"), archives[1])


@pytest.fixture(scope="module")
def full(archives, tmp_path_factory):
    """The Python of an environment with the extras, everything in the lowest versions."""
    return lowest(archives[1], tmp_path_factory.mktemp("full"))


def built_with(pattern, new, folder):
    """Build a copy of the project whose `pyproject.toml` holds a fault."""
    (folder / "dist").mkdir()
    for part in ("LICENSE", "README.md"):
        shutil.copy(ROOT / part, folder)
    shutil.copytree(ROOT / "lstm_src", folder / "lstm_src")
    text, count = re.subn(pattern, new, (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert count == 1
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return build(folder, folder / "dist")


def check(archives):
    """Return what twine says of the archives, as `run` does."""
    return run(sys.executable, "-m", "twine", "check", "--strict", *archives, cwd=ROOT)


def test_the_archives_can_be_published(archives):
    accepted, printed = check(archives)
    assert accepted, printed


def test_archives_without_a_description_are_refused(tmp_path):
    accepted, printed = check(built_with(r"\nreadme = .*", "", tmp_path))
    assert not accepted
    assert "long_description" in printed


def test_the_package_brings_numpy_and_nothing_else(plain):
    assert beside_numpy(installed(plain)) == []


def test_one_dependency_more_is_named(tmp_path):
    more = 'dependencies = ["numpy", "tabulate"]'
    _, wheel = built_with(r"(?ms)^dependencies = \[.*?\]$", more, tmp_path)
    assert beside_numpy(installed(environment(tmp_path, wheel))) == ["tabulate"]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_a_program_runs_with_the_package_alone(program, plain, tmp_path):
    succeeded, printed = run(plain, "-I", program, cwd=tmp_path)
    assert succeeded, printed


def test_what_the_error_says_installs_what_lacks(archives, tmp_path):
    """Of a package that no registry has, too: the installed one knows its extras."""
    python = environment(tmp_path, archives[1])
    lacking, printed = run(python, "-I", "-c", "import lstm_src.proof", cwd=tmp_path)
    (wanted,) = re.findall(r"pip install '(.+)'", printed)
    must(*UV, "pip", "install", "--quiet", "--python", python, wanted, cwd=tmp_path)
    assert not lacking
    assert "sympy" in installed(python)
    assert run(python, "-I", "-c", "import lstm_src.proof", cwd=tmp_path) == (True, "")


def test_without_the_package_no_program_runs(tmp_path):
    """So none of them finds the package in the project's folder."""
    python = environment(tmp_path, "numpy")
    for program in PROGRAMS:
        succeeded, printed = run(python, "-I", program, cwd=tmp_path)
        assert not succeeded
        assert "No module named 'lstm_src'" in printed


def test_where_the_extras_are_there_the_program_that_misses_them_fails(full, tmp_path):
    (program,) = (path for path in PROGRAMS if path.stem == "without_extras")
    succeeded, printed = run(full, "-I", program, cwd=tmp_path)
    assert not succeeded
    assert "AssertionError: lstm_src.proof" in printed


def test_the_lowest_versions_are_those_that_the_package_names(full):
    found = above_the_lowest(installed(full), requirements())
    assert found == [] or sys.version_info >= (3, 12)  # for which not all of them have wheels


@pytest.mark.parametrize("line", ["numpy>=2.0", "numpy"])
def test_a_version_above_the_lowest_is_named(line):
    assert above_the_lowest({"numpy": "2.0.1"}, [line]) == [line]
    assert above_the_lowest({"numpy": "2.0.0"}, ["numpy >=2.0"]) == []


def test_the_packages_own_tests_pass_beside_the_lowest_versions(full, tmp_path):
    passed, printed = own_tests(full, tmp_path)
    assert passed, printed


def test_the_packages_own_tests_fail_where_the_installed_package_is_broken(full, tmp_path):
    code = "import importlib.util as u; print(u.find_spec('lstm_src').origin)"
    _, printed = run(full, "-I", "-c", code, cwd=tmp_path)
    (file,) = (path for path in full.parent.parent.rglob("lstm_src/__init__.py"))
    assert str(file) == printed.strip()
    text = file.read_text(encoding="utf-8")
    file.unlink()  # uv shares the file with its cache: a new one takes its place
    try:
        file.write_text("raise ImportError('planted')\n", encoding="utf-8")
        passed, printed = own_tests(full, tmp_path)
    finally:
        file.write_text(text, encoding="utf-8")
    assert not passed
    assert "planted" in printed
