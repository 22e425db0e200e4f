"""Thousands of arrays at a time: those that are plainly right are told from the others at once."""

import numpy as np

from lstm_src.checks.scaling.verdicts import ONCE, ZERO, Finding

MOST = 1000
"""Arrays that are judged one by one; what is left is judged as one array."""


def plain_findings(probes):
    """Return a Finding for every array that is zero at all scales, or once in every bit.

    Of the others nothing is said.
    """
    names = [name for name, array in probes.at[1].items() if array.size]
    if not names:
        return {}
    calls = [*probes.at.values(), *probes.again]
    first, *others = (_joined(arrays, names) for arrays in calls)
    multiples = [*probes.at][1:] + [1] * len(probes.again)
    starts = np.cumsum([0, *(probes.at[1][name].size for name in names[:-1])])
    exact, zero = np.ones(first.size, bool), first == 0
    with np.errstate(all="ignore"):
        for multiple, found in zip(multiples, others, strict=True):
            exact &= found == multiple * first
            zero &= found == 0
    once, none = (np.logical_and.reduceat(flags, starts) for flags in (exact, zero))
    tiny = _too_small(first, starts, [probes.at[1][name].dtype for name in names])
    kinds = {
        ONCE: Finding(ONCE, "1", "in every bit"),
        ZERO: Finding(ZERO, "none", "zero at every scale"),
    }
    return {
        name: kinds[ZERO if n else ONCE]
        for name, o, n, t in zip(names, once, none, tiny, strict=True)
        if n or (o and not t)
    }


def together(probes, names, judge):
    """Return what ``judge`` says of many arrays, joined to one: one Finding for all."""
    joined = [{"all": _joined(arrays, names)} for arrays in (*probes.at.values(), *probes.again)]
    count = len(probes.at)
    at = dict(zip(probes.at, joined[:count], strict=True))
    return judge(at, joined[count:])


def _joined(arrays, names):
    return np.concatenate([arrays[name].ravel() for name in names])


def _too_small(first, starts, dtypes):
    largest = np.maximum.reduceat(abs(first), starts)
    least = {dtype: float(1024 * np.finfo(dtype).smallest_subnormal) for dtype in set(dtypes)}
    return largest <= [least[dtype] for dtype in dtypes]
