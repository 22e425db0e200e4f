"""Which room of the package imports which, read from the code.

    python scripts/rooms.py    # print the table that CONTRIBUTING.md holds

A room is a folder of `lstm_src`, or a file at its top.
"""

import ast
import graphlib
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "lstm_src"

LEVELS = (
    ("book",),
    ("placements",),
    ("proof", "training", "frameworks"),
    ("checks", "lstm", "plain"),
    ("validation",),
    ("structures",),
)
"""The rooms from the top to the bottom. A room imports only from levels below its own."""

HOLDS = {
    "book": "what the pages are made with: style, drawings, live figures, listings, tables",
    "placements": "right places for the factor, rewriting, mistakes, reports made again",
    "proof": "certificates, matrices of any size, symbols, fractions, a finite field, single steps",
    "training": (
        "losses, reductions, a model, sums, workers, ranks, clipping, optimizers, segments, tasks, "
        "runs"
    ),
    "frameworks": "layouts of other libraries, numbers that others published",
    "checks": "`audit_scaling`, `check_gradients`, `audit_weights`, invariances, derivatives",
    "lstm": "the two passes, written to be fast",
    "plain": "the same passes, written to be read",
    "validation": "checks of arguments",
    "structures": "parameters, states, tapes, gradients",
}
"""What each room is for."""

NEEDS = {
    "book": {"sympy", "IPython", "matplotlib", "altair"},
    "proof": {"sympy"},
    "training": {"distributed", "matplotlib"},  # in its workers, and in the plot of a run, alone
}
"""What a room imports beside NumPy and Python; the others import nothing more."""


def modules(package=PACKAGE):
    """Return the files of a package by their dotted names."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path, *, at_once=False):
    """Return the modules that a file imports, by their dotted names.

    ``at_once`` leaves out what is imported inside a function, when that is called.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if at_once else ast.walk(tree)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def room(module):
    """Return the room of a module of the package; the package itself is none."""
    return module.split(".")[1] if "." in module else None


def arrows(package=PACKAGE):
    """Return, for each room, the other rooms that it imports."""
    files = modules(package)
    found = {name: set() for level in LEVELS for name in level}
    for module, path in files.items():
        if room(module):
            inside = {name for name in imports(path) if name in files and room(name)}
            found.setdefault(room(module), set()).update(map(room, inside))
    return {name: targets - {name} for name, targets in found.items()}


def wrong_arrows(package=PACKAGE):
    """Yield the arrows that do not lead downwards, and rooms without a level."""
    level = {name: k for k, names in enumerate(LEVELS) for name in names}
    for name, targets in arrows(package).items():
        if name not in level:
            yield f"{name} has no level"
        yield from (
            f"{name} imports {target}"
            for target in sorted(targets)
            if level.get(target, -1) <= level.get(name, -1)
        )


def circle(package=PACKAGE):
    """Return modules that import each other in a circle when they are loaded, or None."""
    files = modules(package)
    graph = {}
    for module, path in files.items():
        inside = {name for name in imports(path, at_once=True) if name in files}
        inside |= {".".join(name.split(".")[:-1]) for name in inside}  # its room is loaded first
        # A part of a room is loaded by the room itself, which is not yet complete then.
        graph[module] = {n for n in inside & files.keys() if not f"{module}.".startswith(f"{n}.")}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return None


def table(package=PACKAGE):
    """Return the rooms with what they hold and import, as a Markdown table."""
    found = arrows(package)
    rows = ["| room | holds | imports |", "|---|---|---|"]
    for level in LEVELS:
        for name in level:
            order = [other for names in LEVELS for other in names if other in found[name]]
            shown = ", ".join(f"`{other}`" for other in order) or "NumPy alone"
            rows.append(f"| `{name}` | {HOLDS[name]} | {shown} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
