"""Measure what workers gain: time against sequences and workers, and the share lost to moving data.

    python -m benchmarks.workers            # up to 1,024 sequences, about two minutes
    python -m benchmarks.workers --quick    # a few sequences, and nothing is stored

`add_up` runs on Dask clusters of 1, 2 and 4 processes of this machine, in turns with `add_up_here`,
which adds up in one process and moves nothing. Every process has one thread. What moving costs is
the time of the same run with a step that computes nothing and returns arrays of the same sizes:
parameters and parts are sent, tasks are planned, gradients are added. Prints ratios, and stores
them in workers.json.
"""

import argparse
import datetime
import json
import logging
import os
import statistics
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

from benchmarks.environment import COUNTS, installed, machine

os.environ |= dict.fromkeys(COUNTS, "1")  # each process one thread, as Dask gives its workers

import numpy as np
from distributed import Client, LocalCluster
from tqdm import tqdm

from lstm_src.checks import named_arrays, tree_map
from lstm_src.training import Sums, add_up_here, divide_once, init_model, loss_and_gradients
from lstm_src.training.workers import add_up

STORED = Path(__file__).with_name("workers.json")
T, B, D, H, V = 100, 32, 64, 128, 50
SEQUENCES = (64, 256, 1024)
WORKERS = (1, 2, 4)
ROUNDS = 5
QUICK = (64,), (1, 2), 1
TOLERANCE = 1e-12


def parts_of(sequences):
    """Return micro-batches of B sequences, of words and the words after them."""
    rng = np.random.default_rng(0)
    words = rng.integers(V, size=(sequences // B, T + 1, B))
    return [SimpleNamespace(x=part[:-1], labels=part[1:]) for part in words]


def step(params, part):
    """Return the sums of a part."""
    return loss_and_gradients(params, part.x, part.labels, reduction="sum")


def nothing(params, part):
    """Return what has the size of the sums of a part."""
    return Sums(0.0, tree_map(np.zeros_like, params), part.labels.size)


def apart(found, expected):
    """Return the largest difference of two gradients, over the largest entry of the second."""
    found, expected = (named_arrays("gradients", tree) for tree in (found, expected))
    largest = max(abs(array).max() for array in expected.values())
    return max(abs(found[name] - expected[name]).max() for name in expected) / largest


def seconds(run):
    """Return how long a run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def runs(params, parts, clients):
    """Return what is timed in turns: by number of workers, 0 for one process without Dask."""
    found = {(0, "step"): lambda: add_up_here(step, params, parts)}
    for workers, client in clients.items():
        for what in (step, nothing):
            found[workers, what.__name__] = lambda client=client, what=what: add_up(
                what, params, parts, client=client
            )
    return found


def check(params, parts, clients):
    """Refuse to time what does not agree with one process."""
    expected = divide_once(add_up_here(step, params, parts))[1]
    for workers, client in clients.items():
        gap = apart(divide_once(add_up(step, params, parts, client=client))[1], expected)
        if not gap <= TOLERANCE:
            raise SystemExit(f"{workers} workers: the gradients differ by {gap:.1e}")


def ratios(times):
    """Return what is stored of the times of one number of sequences, by run.

    ``ratio`` is the time over that of one process without Dask, ``moving`` the share of it that a
    step which computes nothing takes as well: medians of what each round gives by itself, for the
    speed of a machine drifts.
    """
    found = {}
    for workers in [workers for workers, what in times if what == "nothing"]:
        full, alone = times[workers, "step"], times[0, "step"]
        moving = times[workers, "nothing"]
        found[workers] = {
            "ratio": _median_ratio(full, alone),
            "moving": min(1.0, _median_ratio(moving, full)),
        }
    return found


def _median_ratio(over, under):
    return round(statistics.median(a / b for a, b in zip(over, under, strict=True)), 3)


def records_of(sequences, workers, rounds):
    """Return a record for each number of sequences and of workers, timed in turns."""
    params, records = init_model(D, H, V, np.random.default_rng(1), words=V), []
    with ExitStack() as stack:
        clients = {count: stack.enter_context(processes(count)) for count in workers}
        check(params, parts_of(min(sequences)), clients)
        for size in sequences:
            timed = runs(params, parts_of(size), clients)
            times = {run: [] for run in timed}
            for run in tqdm([*timed] * rounds, desc=f"{size} sequences", leave=False):
                times[run].append(seconds(timed[run]))
            records += [
                {"sequences": size, "workers": count, **found}
                for count, found in ratios(times).items()
            ]
    return records


def measure(sequences, workers, rounds):
    """Return what is stored: the records, and of what machine they are."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "versions": {package: installed(package) for package in ("numpy", "distributed")},
        "sizes": {"T": T, "B": B, "D": D, "H": H, "V": V},
        "rounds": rounds,
        "records": records_of(sequences, workers, rounds),
    }


@contextmanager
def processes(count):
    """Return a client of so many processes of this machine."""
    options = {"n_workers": count, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    options["silence_logs"] = logging.CRITICAL
    with LocalCluster(**options) as cluster, Client(cluster, set_as_default=False) as client:
        yield client


def report(found):
    """Return the result as text."""
    lines = ["sequences  workers  time / one process  of it moving data"]
    for record in found["records"]:
        which = f"{record['sequences']:9}  {record['workers']:7}"
        lines.append(f"{which}  {record['ratio']:18.2f}  {record['moving']:17.0%}")
    return "\n".join(lines)


def main(arguments=None):
    """Run the measurement, and store it unless it is a quick one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few sequences, and nothing is stored")
    quick = parser.parse_args(arguments).quick
    found = measure(*(QUICK if quick else (SEQUENCES, WORKERS, ROUNDS)))
    print(report(found))
    if quick:
        print("\nEverything ran. These times mean nothing: the sizes are tiny, each ran once.")
        return
    STORED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
