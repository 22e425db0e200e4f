"""Many runs to one record: medians, quartiles, ratios."""

import math
import statistics


def summary(seconds):
    """Return the median and the quartiles of a list of times."""
    few = len(seconds) < 2
    q1, median, q3 = seconds * 3 if few else statistics.quantiles(seconds, method="inclusive")
    return {"median": median, "q1": q1, "q3": q3, "runs": len(seconds)}


def merge(records):
    """Put together what several processes found on one contender at one point."""

    def key(record):
        return tuple(record[name] for name in ("threads", "size", "dtype", "contender"))

    order = {key(record): None for record in records}  # in which they were first timed
    merged = []
    for wanted in order:
        same = [record for record in records if key(record) == wanted]
        seconds = [second for record in same for second in record["seconds"]]
        names = ("threads", "size", "dtype", "contender")
        merged.append(
            dict(zip(names, wanted, strict=True))
            | summary(seconds)
            | {
                "processes": len(same),
                "cores_used": statistics.median(record["cores_used"] for record in same),
                "compiling": statistics.median(record["compiling"] for record in same),
            }
        )
    return merged


def medians(records, threads):
    """Return the median time by (size, dtype) and contender."""
    chosen = [record for record in records if record["threads"] == threads]
    points = {(record["size"], record["dtype"]): {} for record in chosen}
    for record in chosen:
        points[record["size"], record["dtype"]][record["contender"]] = record["median"]
    return points


def ratios(records, threads, contender, other):
    """Return how many times as long a contender takes as another, by (size, dtype)."""
    return {
        point: times[contender] / times[other]
        for point, times in medians(records, threads).items()
        if contender in times and other in times
    }


def geometric_mean(values):
    """Return the geometric mean."""
    return math.exp(statistics.fmean(map(math.log, values)))
