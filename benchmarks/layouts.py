"""One matrix product in many layouts: which is fastest depends on the sizes and on the kernels."""

import time

import numpy as np

PIECES = (8, 16, 32, 64, 128)


def layouts(rows, inner, columns, dtype, pieces=PIECES):
    """Return functions that each multiply (rows, inner) with (inner, columns), by layout.

    "whole" is the plain product; "turned" computes its transpose. "p wide" takes p columns of the
    right factor at a time, stored as a matrix each, and "p wide, turned" p rows of its transpose.
    """

    def product(left, right):
        left, right = (np.full(shape, 0.1, dtype) for shape in (left, right))
        out = np.matmul(left, right)
        return lambda: np.matmul(left, right, out=out)

    found = {
        "whole": product((rows, inner), (inner, columns)),
        "turned": product((columns, inner), (inner, rows)),
    }
    for wide in pieces:
        if columns % wide == 0 and wide < columns:
            found[f"{wide} wide"] = product((rows, inner), (columns // wide, inner, wide))
            found[f"{wide} wide, turned"] = product((columns // wide, wide, inner), (inner, rows))
    return found


def times(functions, seconds):
    """Call functions in turns for about so many seconds; return each one's median time."""
    calls = {}
    for name, function in functions.items():
        function()
        start = time.perf_counter()
        function()
        calls[name] = max(1, round(1e-3 / (time.perf_counter() - start)))
    found = {name: [] for name in functions}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not all(found.values()):
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(calls[name]):
                function()
            found[name].append((time.perf_counter() - start) / calls[name])
    return {name: float(np.median(each)) for name, each in found.items()}


def fastest(functions, seconds=0.2):
    """Return the fastest of some functions."""
    found = times(functions, seconds)
    return functions[min(found, key=found.get)]
