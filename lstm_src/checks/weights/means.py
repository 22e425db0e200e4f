"""The means that labels can name, as weights: means of means are chains of groups in groups.

A term of the mean of worker means of micro-batch means weighs 1 / workers, times 1 / the number of
micro-batches of its worker, times 1 / the number of tokens of its micro-batch.
"""

from dataclasses import dataclass, replace
from itertools import combinations, permutations

import numpy as np

from lstm_src.checks.weights.labels import LABELS

TOKEN_MEAN, SUM = "token mean", "sum"
INCLUDED, COUNTED = ", padding included", ", padding counted"
GIVEN = "meant weights"
ENTRIES = f"mean over all entries{INCLUDED}"

DEEPEST = 3
"""How many groups in groups are named."""

KEYS = tuple(key for key in LABELS if key != "class")
"""What a mean may be taken over."""


@dataclass(frozen=True, eq=False)
class Mean:
    """A way to weigh the terms: its name, its weights (K,), how many choices it takes, its keys.

    Weights that differ from others by no more than ``close``, relative to their length, are those.
    """

    name: str
    weights: np.ndarray
    depth: int = 0
    keys: tuple = ()
    close: float = 1e-10


def means_of(labels, counts):
    """Return the means that `Labels` and counts can name, the simplest first.

    Parameters
    ----------
    labels : Labels
    counts : dict of str to float
        ``max_length`` makes the constant count of Dr. GRPO known.
    """
    ways = _ways(labels)
    found = []
    for keys in _chains(labels):
        for suffix, weighs, counted, more in ways:
            weights = _chain(labels, keys, weighs, counted)
            found.append(Mean(_named(keys, suffix), weights, len(keys) + more, keys))
    for pair in combinations([key for key in KEYS if key in labels.codes], 2):
        for suffix, weighs, counted, more in ways:
            weights = _chain(labels, (pair,), weighs, counted)
            found.append(Mean(_paired(pair) + suffix, weights, 2 + more, pair))
    base = ways[0][1]
    found.append(Mean(SUM, base, 0))
    if "sequence" in labels.codes:
        sequences = labels.codes["sequence"].max() + 1
        found.append(Mean("batch mean", base / sequences, 0))
        if "max_length" in counts:
            found.append(Mean("Dr. GRPO", base / (sequences * counts["max_length"]), 0))
    for suffix, weighs, _, more in ways[1:]:
        if suffix in (INCLUDED, ", class-weighted"):
            found.append(Mean(f"{SUM}{suffix}", weighs, more))
    return tuple(sorted(found, key=lambda mean: mean.depth))


def inside_of(mean, key):
    """Return the mean that one of means of these groups is inside each of them, or None."""
    if mean.keys[:1] != (key,):
        return None
    suffix = mean.name.removeprefix(_name(mean.keys))
    return replace(mean, name=_named(mean.keys[1:], suffix), depth=mean.depth - 1)


def taken_in(mean, key, labels):
    """Return the weights (K,) of a mean taken in each group of a key by itself, or None."""
    for suffix, weighs, counted, _ in _ways(labels):
        for keys, name in (
            (mean.keys, _named(mean.keys, suffix)),
            ((mean.keys,), _paired(mean.keys) + suffix),
        ):
            if mean.name == name:
                return _chain(labels, (key, *keys), weighs, counted)
    return None


def _paired(keys):
    return f"mean of {' × '.join(LABELS[key] for key in keys)} means"


def _named(keys, suffix):
    return ENTRIES if suffix == INCLUDED and not keys else _name(keys) + suffix


def _ways(labels):
    """Return suffix, weight of each token, what it counts for in a mean, and how many choices."""
    valid, every = (~labels.padding).astype(float), np.ones(len(labels))
    ways = [("", valid, valid, 0)]
    if labels.padding.any():
        ways.append((COUNTED, valid, every, 1))
        ways.append((INCLUDED, every, every, 1))
    if labels.class_weight is not None:
        w = labels.class_weight
        weighted = [(", class-weighted", valid * w, valid * w, 1)]
        weighted.append((", class-weighted over the plain count", valid * w, valid, 1))
        ways += weighted
    return ways


def _chains(labels):
    keys = [key for key in KEYS if key in labels.codes]
    several = [key for key in keys if labels.codes[key].any()]
    yield ()
    yield from ((key,) for key in keys)
    for depth in range(2, min(DEEPEST, len(several)) + 1):
        yield from permutations(several, depth)


def _name(keys):
    if not keys:
        return TOKEN_MEAN
    kinds = ["sum" if key == "loss" else "mean" for key in (*keys, "")]
    words = [f"{LABELS[key]} {kind}s" for key, kind in zip(keys, kinds[1:], strict=True)]
    return f"{kinds[0]} of {' of '.join(words)}"


def _chain(labels, keys, weighs, counted):
    """Return the weights of a mean of means, the outermost group first.

    A key may be a tuple of keys, whose groups are those with the same labels in all of them.
    """
    cells = np.zeros(len(labels), int)
    weights = weighs.astype(float)
    counted = counted * labels.tokens
    for key in keys:
        inner = cells
        for part in key if isinstance(key, tuple) else (key,):
            inner = inner * (labels.codes[part].max() + 1) + labels.codes[part]
        inner = np.unique(inner, return_inverse=True)[1]
        if key != "loss":
            filled = np.flatnonzero(np.bincount(inner, counted) > 0)
            parents = np.zeros(inner.max() + 1, int)
            parents[inner] = cells
            children = np.bincount(parents[filled], minlength=cells.max() + 1)
            weights = weights / np.maximum(children, 1)[cells]
        cells = inner
    count = np.bincount(cells, counted)[cells]
    return np.divide(weights, count, out=np.zeros(len(labels)), where=count > 0)
