"""From what least squares found to the report: the name, the rows, the advice."""

from dataclasses import replace

import numpy as np

from lstm_src.checks.factors import is_clip
from lstm_src.checks.reports import Report
from lstm_src.checks.weights.advice import advice
from lstm_src.checks.weights.brief import brief
from lstm_src.checks.weights.grouped import as_a_whole, meant_sums
from lstm_src.checks.weights.names import name_weights
from lstm_src.checks.weights.naming import ARRAY, NAMED
from lstm_src.checks.weights.own import own_counts
from lstm_src.checks.weights.picture import bars
from lstm_src.checks.weights.report import WeightReport
from lstm_src.checks.weights.rows import LONG, are_groups, explaining, rows_of
from lstm_src.checks.weights.seen import Seen
from lstm_src.checks.weights.told import counted
from lstm_src.checks.weights.verdicts import is_one, table, verdict


def report_of(read):
    """Return the `WeightReport` on what was read."""
    first, labels, meant = read.first, read.labels, read.meant
    best = first if read.aside is None else read.aside.fit
    naming = name_weights(best, read.means, labels, read.whole.kind, meant)
    if naming.factor is not None and read.aside is not None and read.aside.each:
        naming = by_array(naming, read.aside, first.shares)
    if naming.status == NAMED and naming.factors and naming.free != ARRAY and meant is not None:
        sums = meant_sums(naming, best, read)
        naming = replace(naming, whole=as_a_whole(naming, sums))
    weights, margins = best.weights()
    base = (read.means[0] if meant is None else meant).weights
    key, ratios = explaining(labels, weights, margins, base)
    exceptions = () if naming.exceptions is None else np.flatnonzero(naming.exceptions)
    several = isinstance(key, tuple) and len(exceptions)
    if key is not None and (
        several or not are_groups(labels.groups(key)[0], exceptions, np.isfinite(weights))
    ):
        key = None
    seen = Seen(naming, read, own_counts(labels, first.members >= 0), best, base, key, ratios)
    rows = rows_of(labels, weights, base, key, exceptions)
    meant_name = None if meant is None else meant.name
    headers, shown = table(rows, meant_name)
    terms = int(counted(first, labels).sum())
    clip = _clip(read.whole.length, read.counts)
    named = naming.status == NAMED
    as_meant = (
        named
        and meant is not None
        and naming.mean is meant
        and is_one(naming.factor, naming.precision)
        and not first.unexplained
    )
    return WeightReport(
        weights,
        margins,
        naming.mean.name if named else None,
        naming.factor,
        first.residual,
        best.condition,
        as_meant,
        Report(verdict(naming, meant, first, terms, clip), headers, shown, advice(seen)),
        bars(rows[:LONG], _scale(weights, base), meant_name),
        naming.alike,
        tuple(group[0].name for group in naming.rivals),
        naming.factors,
        first.unexplained if read.aside is None else tuple(read.aside.factors),
        naming.nearest.name if naming.nearest is not None else None,
        naming.within or None,
        brief(naming, first, terms, clip),
    )


def by_array(naming, aside, paths):
    """Return the naming of weights that stand in each array with a factor of its own."""
    factors = {path: naming.factor * aside.factors.get(path, 1.0) for path in paths}
    return replace(naming, factor=None, free=ARRAY, factors=factors)


def _clip(norm, counts):
    """Return the name of the bound that a norm just has, or None."""
    bounds = {name: value for name, value in counts.items() if is_clip(name)}
    return next((n for n, value in bounds.items() if abs(norm - value) <= 1e-5 * value), None)


def _scale(weights, base):
    """Return what meant weights are multiplied by in the picture: to the same sum."""
    told = np.isfinite(weights)
    total = float(abs(base[told]).sum())
    return float(abs(weights[told]).sum()) / total if total else 1.0
