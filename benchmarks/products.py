"""Measure a step's two matrix products in many layouts, with the kernels of two kinds of chips.

    python -m benchmarks.products            # about three minutes
    python -m benchmarks.products --quick    # tiny sizes, and nothing is stored

`lstm_src.lstm` takes the product with the weights gate by gate, and the one that sends the gates'
cotangents to the step before whole. Prints how much faster the best layout is with the kernels for
AVX-512 and with those for AVX2, and stores all in products.json. OpenBLAS takes the kernels that
OPENBLAS_CORETYPE names, where the processor can run them.
"""

import argparse
import datetime
import json
import subprocess
import sys
from pathlib import Path

from tabulate import tabulate
from tqdm import tqdm

from benchmarks.environment import child_environment, installed, kernels, machine
from benchmarks.layouts import layouts, times
from benchmarks.points import DTYPES, SIZES

STORED = Path(__file__).with_name("products.json")
FAMILIES = {"AVX-512": "SkylakeX", "AVX2": "Haswell"}
NAMES = ("small", "medium", "large", "xl")
QUICK = {"few": (3, 2, 4, 8)}


def measured(sizes, seconds):
    """Return the time of every layout, for the kernels that this process has."""
    found = []
    for name, (_, B, D, H) in sizes.items():
        for dtype in DTYPES:
            forward = layouts(B, H + D + 1, 4 * H, dtype)
            forward["by gate"] = layouts(B, H + D + 1, 4 * H, dtype, pieces=[H])[f"{H} wide"]
            for product, functions, ours in (
                ("forward", forward, "by gate"),
                ("backward", layouts(B, 4 * H, H, dtype), "whole"),
            ):
                found.append(
                    {
                        "size": name,
                        "dtype": dtype,
                        "product": product,
                        "ours": ours,
                        "seconds": times(functions, seconds),
                    }
                )
    return {"kernels": kernels(), "found": found}


def in_process(family, quick):
    """Measure in a fresh process that is told to take a family's kernels."""
    environment = child_environment(1) | {"OPENBLAS_CORETYPE": FAMILIES[family]}
    command = [sys.executable, "-m", "benchmarks.products", "--here", *["--quick"] * quick]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(run.stderr)
    return json.loads(run.stdout)


def gains(result):
    """Return for each product by how much its best layout beats ours, on each family.

    A row is (size, dtype, product, {family: (best layout, ratio, the ratios of all)}).
    """
    rows = {}
    for family, part in result["families"].items():
        for one in part["found"]:
            ours = one["seconds"][one["ours"]]
            ratios = {layout: ours / seconds for layout, seconds in one["seconds"].items()}
            best = max(ratios, key=ratios.get)
            key = one["size"], one["dtype"], one["product"]
            rows.setdefault(key, {})[family] = best, ratios[best], ratios
    return [(*key, families) for key, families in rows.items()]


def report(result):
    """Return the result as text: the best layout on each family, and what it is on the other."""
    families = list(result["families"])
    rows = []
    for size, dtype, product, found in gains(result):
        cells = []
        for family, other in zip(families, reversed(families), strict=True):
            best, ratio, _ = found[family]
            cells += [best, f"{ratio:.2f}", f"{found[other][2][best]:.2f}"]
        rows.append([size, dtype, product, *cells])
    head = ["", "", ""]
    for family in families:
        head += [f"best, {family}", "faster", "elsewhere"]
    return tabulate(rows, head, disable_numparse=True)


def main(arguments=None):
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="tiny sizes, and nothing is stored")
    parser.add_argument("--here", action="store_true", help="this process's kernels alone, as JSON")
    options = parser.parse_args(arguments)
    if options.here:
        sizes = QUICK if options.quick else {name: SIZES[name][:4] for name in NAMES}
        print(json.dumps(measured(sizes, 0.01 if options.quick else 5)))
        return
    result = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "versions": {"numpy": installed("numpy")},
        "families": {
            family: in_process(family, options.quick)
            for family in tqdm(FAMILIES, desc="products", unit="family", leave=False)
        },
    }
    print(report(result))
    if options.quick:
        print("\nEverything ran. These times mean nothing: the sizes are tiny.")
        return
    STORED.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
