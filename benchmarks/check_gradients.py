"""Before anything is timed: every contender returns the same gradients at every size."""

import os

import pytest

from benchmarks import contenders
from benchmarks.points import DTYPES, TOLERANCES, sizes
from benchmarks.problem import distances, draw

SIZES = sizes("BENCHMARK_QUICK" in os.environ)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
def test_gradients_agree(size, dtype, record_property):
    problem = draw(*SIZES[size][:4], dtype)
    found = {}
    for name in contenders.present():
        work = contenders.prepare(name, problem)
        result = work.run()
        if work.gradients:
            found[name] = work.gradients(result)
    reference = next(name for name in contenders.REFERENCES if name in found)
    for name, gradients in found.items():
        apart = distances(gradients, found[reference])
        record_property(name, max(apart.values()))
        assert max(apart.values()) <= TOLERANCES[dtype], (name, reference, apart)
