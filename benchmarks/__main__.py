"""Measure everything, print the tables, store the result."""

import argparse
import datetime
import json
import sys
from pathlib import Path

from tqdm import tqdm

from benchmarks import contenders, sessions
from benchmarks.environment import machine, overrides, versions
from benchmarks.points import (
    AS_LEFT,
    AS_LEFT_TURNS,
    DTYPES,
    GROWTH,
    MEMORY,
    QUICK_GROWTH,
    QUICK_SIZES,
    QUICK_TURNS,
    SIZES,
    TURNS,
    sizes,
)
from benchmarks.report import text
from benchmarks.results import merge, summary

MODULES = ("numpy", "lstm_src")
STORED = Path(__file__).with_name("results.json")


def speed_steps(quick, names):
    """Return the processes that time the contenders, in turns."""
    for threads, groups in (QUICK_TURNS if quick else TURNS).items():
        for turn in range(max(groups.values())):
            for group in [group for group, turns in groups.items() if turn < turns]:
                for name in names[:: -1 if turn % 2 else 1]:
                    yield "speed", sessions.speed, (name, threads, turn, group), {"quick": quick}


def as_left_steps(quick, names):
    """Return the processes that time what an environment that steers the kernels may change."""
    size = next(iter(QUICK_SIZES)) if quick else AS_LEFT
    options = {"quick": quick, "keep_overrides": True}
    for turn in range(AS_LEFT_TURNS if overrides() else 0):
        for name in [name for name in ("ours", "PyTorch") if name in names]:
            yield "as_left", sessions.speed, (name, 1, turn, size), options


def probe_steps(quick, names):
    """Return the processes that measure memory and growth."""
    size = next(iter(QUICK_SIZES.values())) if quick else SIZES[MEMORY]
    for dtype in DTYPES:
        for name in names:
            yield "memory", sessions.probe, (name, size, dtype), {}
    for axis, points in (QUICK_GROWTH if quick else GROWTH).items():
        for size in points:
            for name in ("ours", "ours, segments") if axis == "T" else ("ours",):
                yield "growth", sessions.probe, (name, size, "float64"), {}


def plan(quick):
    """Return every process to be run, as (part of the result, function, arguments, options)."""
    there = contenders.present()
    timed = [name for name in contenders.FOR_SPEED if name in there]
    measured = [name for name in contenders.FOR_MEMORY if name in there]
    imports = [("imports", sessions.import_time, (module,), {}) for module in MODULES]
    return [
        ("gradients", sessions.check, (quick,), {}),
        *speed_steps(quick, timed),
        *as_left_steps(quick, timed),
        *probe_steps(quick, measured),
        *imports * (1 if quick else 15),
    ]


def kernels_of(records):
    """Return which kernels NumPy's matrix products used."""
    return sorted({k for r in records if r["contender"] == "ours" for k in r["kernels"]})


def measure(quick):
    """Run the plan; return the result."""
    found = {part: [] for part in ("gradients", "speed", "as_left", "memory", "growth", "imports")}
    with tqdm(plan(quick), unit="process", leave=False) as bar:
        for part, function, arguments, options in bar:
            bar.set_description(f"{part} {arguments[0]}".removesuffix(f" {quick}"))
            got = function(*arguments, **options)
            found[part] += got if isinstance(got, list) else [got]
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "missing": contenders.missing(),
        "overrides": overrides(),
        "kernels": kernels_of(found["speed"]),
        "kernels_as_left": kernels_of(found["as_left"]),
        "sizes": {name: size[:4] for name, size in sizes(quick).items()},
        "gradients": found["gradients"],
        "speed": merge(found["speed"]),
        "as_left": merge(found["as_left"]),
        "memory": found["memory"],
        "growth": found["growth"],
        "imports": {
            module: summary(found["imports"][k :: len(MODULES)]) for k, module in enumerate(MODULES)
        },
    }


def main(arguments=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every contender once, tiny sizes")
    parser.add_argument("--complete", action="store_true", help="refuse where a peer is missing")
    parser.add_argument("--output", type=Path, help="where to store the result as JSON")
    options = parser.parse_args(arguments)
    output = options.output or (None if options.quick else STORED)
    missing = contenders.missing()
    if missing and (options.complete or output == STORED):
        names = ", ".join(missing.values())
        parser.error(f"not installed: {names}. To measure without: --output with another file")
    try:
        result = measure(options.quick)
    except sessions.Failed as error:
        print(error, file=sys.stderr)
        return 1
    print(text(result))
    if options.quick:
        print("\nEverything ran. These times mean nothing: the sizes are tiny, each ran once.")
    if output:
        output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
