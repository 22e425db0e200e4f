"""Time one contender at every size. pytest-benchmark measures; `benchmarks.sessions` starts this.

A contender has a process of its own, so that no other's memory or threads are in its way.
"""

import os
import time

import pytest

from benchmarks.environment import keep_to_cores

THREADS, TURN = int(os.environ["BENCHMARK_THREADS"]), int(os.environ["BENCHMARK_TURN"])
keep_to_cores(THREADS, TURN)  # before the libraries start their threads

from benchmarks import contenders  # noqa: E402
from benchmarks.environment import kernels  # noqa: E402
from benchmarks.points import DTYPES, sizes  # noqa: E402
from benchmarks.problem import draw  # noqa: E402

NAME = os.environ["BENCHMARK_CONTENDER"]
SIZES = sizes("BENCHMARK_QUICK" in os.environ)
WANTED = os.environ["BENCHMARK_SIZES"].split(",")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", WANTED)
def test_speed(benchmark, size, dtype):
    *shape, runs = SIZES[size]
    work = contenders.prepare(NAME, draw(*shape, dtype))
    used, start = time.process_time(), time.perf_counter()
    benchmark.pedantic(work.run, rounds=runs, warmup_rounds=max(1, runs // 3))
    used, elapsed = time.process_time() - used, time.perf_counter() - start
    benchmark.extra_info.update(
        size=size,
        dtype=dtype,
        cores_used=used / elapsed,
        compiling=work.compiling,
        kernels=kernels(),
    )
