"""Measure how the cost of the certificates grows with the number of steps, and that of symbols.

    python -m benchmarks.certificate            # up to 10,000 steps, about two minutes
    python -m benchmarks.certificate --quick    # a few steps, and nothing is stored

The certificate runs `backward` on elements that keep the form of their terms; the one beside it, on
polynomials in one variable over a finite field. Their times grow linearly with the steps T. The
proof in symbols writes every term out: their number grows exponentially. Prints all, and stores
them in certificate.json.
"""

import argparse
import datetime
import json
import math
import statistics
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.environment import installed, machine
from lstm_src import backward
from lstm_src.checks import named_leaves
from lstm_src.proof import backward_symbols, certificate, field_certificate, in_ring

STORED = Path(__file__).with_name("certificate.json")
SIZES = (2, 2, 2)  # B, D, H
STEPS = (100, 300, 1000, 3000, 10_000)
SYMBOLIC_STEPS = range(1, 7)
ROUNDS = 5
QUICK = (10, 20), range(1, 3), 1
LARGEST_EXPONENT = 1.1


KINDS = {
    "certificate": lambda T: certificate(backward, T, *SIZES),
    "field": lambda T: field_certificate(backward, T, *SIZES, np.random.default_rng(0)),
}


def certified(kind, T):
    """Time one certificate of T steps, its inputs included; return seconds."""
    start = time.perf_counter()
    found = KINDS[kind](T)
    seconds = time.perf_counter() - start
    if not found.scaled_once:
        raise SystemExit(f"the shipped code was not certified at T = {T}")
    return seconds


def expanded(T):
    """Time the gradients of T steps, written out in symbols; return seconds and the longest sum."""
    inputs = in_ring(backward_symbols(T, 1, 1, 1))
    start = time.perf_counter()
    gradients = named_leaves("gradients", backward(*inputs))
    seconds = time.perf_counter() - start
    return seconds, max(len(entry) for array in gradients.values() for entry in array.ravel())


def exponent(steps, seconds):
    """Fit seconds = a · steps^k by least squares on the logarithms; return k."""
    logarithms = ([math.log(value) for value in values] for values in (steps, seconds))
    return statistics.linear_regression(*logarithms).slope


def measure(steps, symbolic_steps, rounds):
    """Time every number of steps in turns, some rounds of them; return the medians and fits."""
    points = [(kind, T) for T in steps for kind in KINDS]
    times = {point: [] for point in points}
    for kind in KINDS:
        certified(kind, min(steps))  # untimed: loads what it needs
    for point in tqdm(points * rounds, desc="certificates", unit="run", leave=False):
        times[point].append(certified(*point))
    seconds = {kind: [statistics.median(times[kind, T]) for T in steps] for kind in KINDS}
    written = [expanded(T) for T in tqdm(symbolic_steps, desc="symbols", leave=False)]
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "versions": {package: installed(package) for package in ("numpy", "sympy")},
        "sizes": SIZES,
        "rounds": rounds,
        **{
            kind: [{"T": T, "seconds": round(s, 4)} for T, s in zip(steps, found, strict=True)]
            for kind, found in seconds.items()
        },
        "exponents": {kind: round(exponent(steps, found), 3) for kind, found in seconds.items()},
        "symbols": [
            {"T": T, "terms": terms, "seconds": round(s, 6)}
            for T, (s, terms) in zip(symbolic_steps, written, strict=True)
        ],
    }


def report(found):
    """Return the result as text."""
    B, D, H = found["sizes"]
    lines = [f"the certificate, and the one over GF(p)[s] beside it: B = {B}, D = {D}, H = {H}"]
    for one, other in zip(found["certificate"], found["field"], strict=True):
        ratio = other["seconds"] / one["seconds"]
        lines.append(f"  T = {one['T']:6}  {one['seconds']:8.3f} s  {ratio:5.1f} times as long")
    powers = " and ".join(f"T^{found['exponents'][kind]}" for kind in KINDS)
    lines += [f"  times grow as {powers}", "symbols written out, B = D = H = 1"]
    lines += [f"  T = {r['T']:6}  {r['terms']:8} terms" for r in found["symbols"]]
    return "\n".join(lines)


def main(arguments=None):
    """Run the measurement; fail if the time grows faster than linearly."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few steps, and nothing is stored")
    quick = parser.parse_args(arguments).quick
    found = measure(*(QUICK if quick else (STEPS, SYMBOLIC_STEPS, ROUNDS)))
    print(report(found))
    if quick:
        print("\nEverything ran. These times mean nothing: the sizes are tiny, each ran once.")
        return
    STORED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for kind, power in found["exponents"].items():
        if power > LARGEST_EXPONENT:
            raise SystemExit(f"{kind}: the time grows as T^{power}, faster than linearly")


if __name__ == "__main__":
    main()
