"""The processes that measure, one after the other. Each returns what it found."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.environment import child_environment

ROOT = Path(__file__).parent.parent
PYTEST = ("-m", "pytest", "-c", "benchmarks/pytest.ini", "--rootdir", ".", "-p", "no:cacheprovider")


class Failed(Exception):
    """A process ended with an error; the text is what it wrote."""


def python(*arguments, threads=1, keep_overrides=False, **variables):
    """Run Python in a fresh process; return what it printed."""
    environment = child_environment(threads, keep_overrides=keep_overrides)
    variables["threads"] = threads
    environment |= {f"BENCHMARK_{name.upper()}": str(value) for name, value in variables.items()}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [".", os.environ.get("PYTHONPATH")]))
    command = [sys.executable, *map(str, arguments)]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if run.returncode:
        raise Failed(f"{' '.join(command[1:])}\n{run.stdout}\n{run.stderr}".rstrip())
    return run.stdout


def quickly(quick):
    """Return the variable that asks for the quick sizes, or none."""
    return {"quick": 1} if quick else {}


def check(quick):
    """Compare all contenders' gradients; return the distances, or raise Failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        file = "benchmarks/check_gradients.py"
        python(*PYTEST, "-q", "-p", "no:benchmark", file, f"--junit-xml={report}", **quickly(quick))
        return [
            {
                "point": case.get("name").partition("[")[2].rstrip("]"),
                "contender": note.get("name"),
                "apart": float(note.get("value")),
            }
            for case in ElementTree.parse(report).iter("testcase")
            for note in case.iter("property")
        ]


def speed(contender, threads, turn, sizes, *, quick=False, keep_overrides=False):
    """Time one contender at some sizes, named with commas between.

    Return a record for each size and dtype, with the time of every run.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        python(
            *(*PYTEST, "-q", "benchmarks/bench_speed.py"),
            *("--benchmark-quiet", "--benchmark-disable-gc", f"--benchmark-json={report}"),
            threads=threads,
            keep_overrides=keep_overrides,
            contender=contender,
            turn=turn,
            sizes=sizes,
            **quickly(quick),
        )
        found = json.loads(report.read_text(encoding="utf-8"))["benchmarks"]
    common = {"contender": contender, "threads": threads, "turn": turn}
    return [common | one["extra_info"] | {"seconds": one["stats"]["data"]} for one in found]


def probe(contender, size, dtype):
    """Return the peak memory and the time of one contender at one size."""
    task = {"name": contender, "size": size[:4], "dtype": dtype}
    found = json.loads(python("-m", "benchmarks.probe", json.dumps(task)))
    return {"contender": contender, "size": size[:4], "dtype": dtype} | found


def import_time(module):
    """Return how long a fresh process takes to import a module, in seconds."""
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    return float(python("-c", code))
