"""One contender, one size, one fresh process: its peak memory and its time, as JSON.

python -m benchmarks.probe '{"name": "ours", "size": [128, 64, 256, 256], "dtype": "float32"}'

The peak is that of the memory in use (resident set), above what was in use when the task began:
the libraries were loaded and warm, the inputs there.
"""

import json
import statistics
import sys
import time
from pathlib import Path

from benchmarks.environment import keep_to_cores

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def in_use(field):
    """Return VmRSS, the memory in use, or VmHWM, its peak, in bytes."""
    lines = dict(line.split(":", 1) for line in STATUS.read_text(encoding="utf-8").splitlines())
    return int(lines[field].split()[0]) * 1024


def peak_of(function):
    """Call a function; return by how many bytes the memory in use grew at most, or None."""
    if not STATUS.exists():  # other systems keep no peak that can be reset
        function()
        return None
    RESET.write_text("5", encoding="utf-8")
    before = in_use("VmRSS")
    function()
    return in_use("VmHWM") - before


def probe(name, size, dtype, runs=3, **options):
    """Measure one contender."""
    keep_to_cores(1)
    from benchmarks import contenders
    from benchmarks.problem import draw

    contenders.prepare(name, draw(2, 2, 2, 2, dtype), **options).run()  # loads what it needs
    work = contenders.prepare(name, draw(*size, dtype), **options)
    seconds = []

    def timed():
        start = time.perf_counter()
        work.run()
        seconds.append(time.perf_counter() - start)

    peak = peak_of(timed)
    for _ in range(runs - 1):
        timed()
    return {"peak": peak, "seconds": statistics.median(seconds)}


if __name__ == "__main__":
    print(json.dumps(probe(**json.loads(sys.argv[1]))))
