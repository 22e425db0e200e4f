"""Run the recipes of the page "Point it at your code", as they stand or with a planted fault."""

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "chapters/code/point_it"


def run(name, *changes):
    """Run a recipe with some of its text changed, and return what it defines by name.

    Parameters
    ----------
    name : str
        A file of `FOLDER`, without its ending.
    *changes : pair of str
        What to replace, which must stand there once, and by what.
    """
    path = FOLDER / f"{name}.py"
    defined = {"__name__": name}
    exec(compile(changed(path, *changes), path, "exec"), defined)
    return defined


def changed(path, *changes):
    """Return the text of a file with some of it replaced."""
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        if text.count(old) != 1:
            raise ValueError(
                f"changes: expected {old!r} once in {path.name}, got {text.count(old)}"
            )
        text = text.replace(old, new)
    return text


def verdicts(report):
    """Return the verdicts of a report, each once."""
    return set(report.verdicts.values())
