"""Train on every task with every right place for 1/N and with mistakes, and store the losses.

    python -m benchmarks.training            # about ten minutes; goes on where it was stopped
    python -m benchmarks.training --anew     # everything again
    python -m benchmarks.training --quick    # a few steps, and nothing is stored

Every run is one of `lstm_src.training.runs`, whose gradients are replaced by a right or a wrong
code. Stores the first losses, the mean losses of forty blocks of steps, how far they are apart from
those of the division on the loss, and the last figures, in training.json, from which
chapters/16_training.ipynb is drawn.
"""

import argparse
import json
import math
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.environment import installed, machine
from lstm_src.placements.training import RIGHT, WRONG
from lstm_src.training.runs import figures, run_settings, train

STORED = Path(__file__).with_name("training.json")
REFERENCE = "on_the_loss"
CODES = {**RIGHT, **WRONG}
SEEDS = range(1, 4)  # of the adding problem, where a seed decides when the loss begins to fall
FIRST, BLOCKS, DIGITS = 10, 40, 5

RUNS = {
    "reber": run_settings("reber", dtype="float64", steps=400),
    "reber, SGD": run_settings("reber", dtype="float64", steps=400, optimizer="sgd", lr=1.0),
    "characters": run_settings("characters", dtype="float64", steps=120),
    "copy": run_settings("copy", dtype="float64", steps=800),
    "adding": run_settings("adding", dtype="float64", steps=640),
}
"""The settings of the runs, by what they are called."""


def plan():
    """Return what there is to run: names of settings, codes and seeds, as keys of the result."""
    codes = [(run, code, 0) for run in RUNS for code in CODES]
    return codes + [("adding", REFERENCE, seed) for seed in SEEDS]


def key(run, code, seed):
    """Return the name of a run in the stored file."""
    return f"{run} / {code} / {seed}"


def losses_of(settings, code):
    """Run to the end, or to where a step is refused; return the losses, and the model or None."""
    try:
        run = train(settings, gradients=CODES[code])
    except ValueError as error:
        if "finite" not in str(error):
            raise
        return np.full(settings.steps, math.inf), None
    return run.losses, run.state.params


def summary(settings, losses, reference, params):
    """Return what is stored of a run."""
    blocks = losses.reshape(BLOCKS, -1)
    gap = abs(losses - reference).reshape(BLOCKS, -1).max(axis=1)
    found = [] if params is None else figures(settings, params)
    return {
        "first": [float(f"{loss:.12g}") for loss in losses[:FIRST]],
        "curve": [float(f"{loss:.{DIGITS}g}") for loss in blocks.mean(axis=1)],
        "gap": [float(f"{g:.3g}") for g in gap],
        "figures": {figure.what: round(figure.value, 4) for figure in found},
    }


def measure(stored, quick=False):
    """Run what is not stored yet, and yield the result so far after each run."""
    references = {}
    left = [point for point in plan() if key(*point) not in stored]
    if quick:
        left = [point for point in left if point[2] == 0]
    for run, code, seed in tqdm(left, desc="training", unit="run", leave=False):
        settings = replace(RUNS[run], seed=seed)
        if quick:
            settings = replace(settings, steps=BLOCKS // 20)
        if (run, seed) not in references:
            references[run, seed] = losses_of(settings, REFERENCE)
        losses, params = references[run, seed]
        if code != REFERENCE:
            losses, params = losses_of(settings, code)
        if quick:
            continue
        stored = {
            **stored,
            key(run, code, seed): summary(settings, losses, references[run, seed][0], params),
        }
        yield stored


def kept():
    """Return what is stored already for the same settings."""
    if not STORED.exists():
        return {}
    found = json.loads(STORED.read_text(encoding="utf-8"))
    same = {name for name, s in RUNS.items() if found["settings"].get(name) == asdict(s)}
    return {name: r for name, r in found["losses"].items() if name.split(" / ")[0] in same}


def main(arguments=None):
    """Run and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--anew", action="store_true", help="run again what is stored")
    parser.add_argument("--quick", action="store_true", help="a few steps, and nothing is stored")
    options = parser.parse_args(arguments)
    if options.quick:
        assert not [*measure({}, quick=True)]
        print("Everything ran. Nothing is stored.")
        return
    for found in measure({} if options.anew else kept()):
        result = {
            "machine": machine(),
            "versions": {"numpy": installed("numpy")},
            "settings": {name: asdict(settings) for name, settings in RUNS.items()},
            "losses": found,
        }
        text = json.dumps(result, separators=(",", ":")).replace('},"', '},\n"') + "\n"
        partial = STORED.with_suffix(".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(STORED)


if __name__ == "__main__":
    main()
