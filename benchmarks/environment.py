"""What the timed processes inherit, and on what machine they ran."""

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version

COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
STEERS = re.compile(r"(OPENBLAS|GOTO|OMP|GOMP|KMP|MKL|ONEDNN|BLIS|NVPL_BLAS|VECLIB|XLA|JAX)_")
PACKAGES = ("numpy", "torch", "jax", "jaxlib", "pytest-benchmark")


def overrides(environment=os.environ):
    """Return the variables that steer a numerical library, such as the choice of its kernels."""
    return {name: value for name, value in sorted(environment.items()) if STEERS.match(name)}


def child_environment(threads, *, keep_overrides=False):
    """Return the environment of a timed process: the given number of threads, else nothing set.

    A variable such as ``OPENBLAS_CORETYPE`` can hold NumPy's products to the kernels of an older
    processor and leave a peer's alone. So all of them are dropped, unless told otherwise.
    """
    dropped = () if keep_overrides else overrides()
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | dict.fromkeys(COUNTS, str(threads))


def keep_to_cores(threads, turn=0):
    """Confine this process to as many cores as it may have threads, others in each turn.

    JAX has no setting for the number of its threads. Where the system can't confine a process, the
    number of cores that a contender kept busy still stands in the results.
    """
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        first = turn % len(cores)
        os.sched_setaffinity(0, (cores[first:] + cores[:first])[:threads])


def processor():
    """Return the processor's name and, on Linux, its family and model."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = dict(re.findall(r"^([\w ]+?)\s*: (.*)$", file.read(), re.MULTILINE))
        return f"{lines['model name']} (family {lines['cpu family']}, model {lines['model']})"
    except (OSError, KeyError):
        return platform.processor() or platform.machine()


def installed(package):
    """Return the version of a package, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def machine():
    """Describe the machine, without its name or any path."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def versions():
    """Return the installed versions of what is timed, and of what times it."""
    return {package: installed(package) for package in PACKAGES}


def kernels():
    """Return which kernels the loaded libraries of matrix products have chosen."""
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return sorted(f"{p['internal_api']} {p['version']} {p.get('architecture')}" for p in pools)
