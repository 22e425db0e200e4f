"""The stored result as text."""

from tabulate import tabulate

from benchmarks.contenders import FOR_SPEED
from benchmarks.results import geometric_mean, medians, ratios

COMPARISONS = [
    ("ours", "PyTorch"),
    ("ours, out=", "PyTorch"),
    ("JAX", "PyTorch"),
    ("ours", "plain"),
    ("ours", "limit"),
]


def times_table(result, threads):
    """Return the medians in milliseconds, each with half the distance of its quartiles in %."""
    spread = {
        (r["size"], r["dtype"], r["contender"]): (r["q3"] - r["q1"]) / 2 / r["median"]
        for r in result["speed"]
        if r["threads"] == threads
    }
    rows = []
    for (size, dtype), times in medians(result["speed"], threads).items():
        cells = [
            f"{times[name] * 1e3:.2f} ±{spread[size, dtype, name]:.0%}"
            if name in times
            else "missing"
            for name in FOR_SPEED
        ]
        rows.append([size, dtype, *cells])
    head = ["ms", f"{threads} thread{'s' * (threads > 1)}", *FOR_SPEED]
    return tabulate(rows, head, stralign="right")


def ratios_table(result, threads):
    """Return the ratios of the medians, and their geometric means in the last row."""
    columns = [ratios(result["speed"], threads, *pair) for pair in COMPARISONS]
    points = medians(result["speed"], threads)
    rows = [
        [*point, *(f"{column[point]:.2f}" if column else "missing" for column in columns)]
        for point in points
    ]
    means = [
        f"{geometric_mean(column.values()):.2f}" if column else "missing" for column in columns
    ]
    rows.append(["all", "(geometric mean)", *means])
    head = ["ratio", "", *(f"{one} / {other}" for one, other in COMPARISONS)]
    return tabulate(rows, head, stralign="right", disable_numparse=True)


def probes_table(probes):
    """Return memory and time; the unit is one array of T·B·H numbers."""
    rows = []
    for found in probes:
        T, B, _, H = found["size"]
        unit = T * B * H * int(found["dtype"][-2:]) // 8
        peak = found["peak"]
        rows.append(
            [
                found["contender"],
                found["dtype"],
                *found["size"],
                "not measured here" if peak is None else f"{peak / 2**20:.1f}",
                "" if peak is None else f"{peak / unit:.1f}",
                f"{found['seconds'] * 1e3:.1f}",
            ]
        )
    return tabulate(rows, ["", "", *"TBDH", "peak MiB", "units", "ms"], disable_numparse=True)


def text(result):
    """Return the whole report."""
    parts = []
    for threads in sorted({record["threads"] for record in result["speed"]}):
        parts += [times_table(result, threads), ratios_table(result, threads)]
    parts += [probes_table(result["memory"]), probes_table(result["growth"])]
    imports = ", ".join(f"{m}: {s['median'] * 1e3:.0f} ms" for m, s in result["imports"].items())
    parts.append(f"import, in a fresh process: {imports}")
    for (size, dtype), ratio in ratios(result["as_left"], 1, "ours", "PyTorch").items():
        kept = " ".join(f"{name}={value}" for name, value in result["overrides"].items())
        parts.append(f"With {kept} left as it was, ours / PyTorch at {size} {dtype}: {ratio:.2f}")
    for name, package in result["missing"].items():
        parts.append(f"MISSING: {name}, because the package {package} is not installed")
    return "\n\n".join(parts)
