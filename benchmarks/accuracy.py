"""Compare backward with the complex step, entry by entry, at sizes too large for a test.

    python -m benchmarks.accuracy            # every entry at tiny and small, directions above
    python -m benchmarks.accuracy --quick    # tiny alone, and nothing is stored

Prints the worst error of each array, relative to its largest entry, and stores it in accuracy.json.
"""

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.environment import COUNTS

os.environ |= dict.fromkeys(COUNTS, "1")  # the processes share the cores; each takes one

import numpy as np
from tqdm import tqdm

from benchmarks.points import SIZES
from lstm_src import Gradients, Params, State, backward, forward, init_params
from lstm_src.checks import adjoint_gap, complex_step_gradient, relative_errors

STORED = Path(__file__).with_name("accuracy.json")
BOUND = 1e-14
PIECE = 64  # entries of one task


def problem(size):
    """Draw a layer, its input and state, and cotangents of h and of the final state."""
    T, B, D, H = SIZES[size][:4]
    rng = np.random.default_rng(0)
    params, x = init_params(D, H, rng), rng.standard_normal((T, B, D))
    states = [State(*rng.standard_normal((2, B, H))) for _ in range(2)]
    return (params, x, states[0]), (rng.standard_normal((T, B, H)), states[1])


def leaves(inputs):
    """Return the six arrays by name."""
    params, x, state = inputs
    return {**params._asdict(), "x": x, **state._asdict()}


def slopes(size, name, start):
    """Differentiate the loss by some entries of one array, as a task for one process.

    An entry of x or of the state reaches its own sequence alone, so the others are left out.
    """
    inputs, (dh, dstate) = problem(size)
    arrays = leaves(inputs)
    shape = arrays[name].shape
    chosen = np.unravel_index(range(start, min(start + PIECE, arrays[name].size)), shape)
    alone = name in ("x", "h", "c")
    found = np.empty(len(chosen[0]))
    for k, index in enumerate(zip(*chosen, strict=True)):
        b = slice(index[-2], index[-2] + 1) if alone else slice(None)

        def loss(entry, index=index, b=b):
            moved = {key: array + 0j for key, array in arrays.items()}
            moved[name][index] = entry[0]
            params = Params(moved["W_x"], moved["W_h"], moved["b"])
            run = forward(params, moved["x"][:, b], State(moved["h"][b], moved["c"][b]))
            pairs = ((dh[:, b], run.h), (dstate.h[b], run.state.h), (dstate.c[b], run.state.c))
            return sum((w * y).sum() for w, y in pairs)

        found[k] = complex_step_gradient(loss, arrays[name][index].reshape(1))[0]
    return found


def every_entry(size, pool):
    """Return the relative error of each array's gradient at one size."""
    inputs, cotangents = problem(size)
    arrays = leaves(inputs)
    tasks = [(name, at) for name, array in arrays.items() for at in range(0, array.size, PIECE)]
    jobs = [pool.submit(slopes, size, *task) for task in tasks]
    pieces = {name: [] for name in arrays}
    for (name, _), job in tqdm(list(zip(tasks, jobs, strict=True)), desc=size, leave=False):
        pieces[name].append(job.result())
    by_name = {n: np.concatenate(p).reshape(arrays[n].shape) for n, p in pieces.items()}
    params = Params(by_name["W_x"], by_name["W_h"], by_name["b"])
    expected = Gradients(params, by_name["x"], State(by_name["h"], by_name["c"]))
    return relative_errors(backward(inputs[0], forward(*inputs).tape, *cotangents), expected)


def random_directions(size, count=3):
    """Return the largest gap of the adjoint identity over random directions at one size."""
    inputs, _ = problem(size)
    tape = forward(*inputs).tape
    rng = np.random.default_rng(1)
    gaps = [
        adjoint_gap(
            lambda at: forward(*at)[:2], lambda w: backward(inputs[0], tape, *w), inputs, rng
        )
        for _ in tqdm(range(count), desc=size, leave=False)
    ]
    return max(gaps)


def main():
    """Run the comparison; fail if an error is above the bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="tiny alone, and nothing is stored")
    quick = parser.parse_args().quick
    with ProcessPoolExecutor() as pool:
        entries = {size: every_entry(size, pool) for size in ("tiny", "small")[: 1 if quick else 2]}
    directions = {} if quick else {size: random_directions(size) for size in list(SIZES)[2:]}
    found = {"bound": BOUND, "every entry": entries, "random directions": directions}
    print(json.dumps(found, indent=1))
    worst = [*directions.values(), *(e for errors in entries.values() for e in errors.values())]
    if not quick:
        STORED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if max(worst) > BOUND:
        raise SystemExit(f"the worst error is {max(worst):.1e}, above {BOUND:.0e}")


if __name__ == "__main__":
    main()
