"""How the weights are told: by the group that explains them, or term by term."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from lstm_src.checks.weights.labels import LABELS

FEW = 3
"""So many terms whose weight is not known have a row each; more stand in one."""

LONG = 40
"""Rows beyond which a table is cut."""


@dataclass(frozen=True)
class Row:
    """Terms that stand in one row: their weight each, what was meant, and how many they are.

    ``ratio`` is the weight over what it is compared with; NaN where nothing is told. ``least`` and
    ``most`` are the ends of the weights in this row.
    """

    label: str
    count: int
    weight: float
    least: float
    most: float
    meant: float
    ratio: float


def explaining(labels, weights, margins, base):
    """Return the key in whose groups the weights stand in one ratio to ``base``, with the ratios.

    Parameters
    ----------
    labels : Labels
    weights, margins : ndarray, shape (K,)
        NaN and infinity where nothing is told.
    base : ndarray, shape (K,)
        What they are compared with.

    Returns
    -------
    key : str, tuple of str or None
        Two keys at once, where none does it alone; None if no key explains them.
    ratios : ndarray, shape (G,)
        By label; NaN where nothing is told.
    """
    told = np.isfinite(weights) & (base != 0)
    ratios = np.divide(weights, base, out=np.full(len(weights), np.nan), where=told)
    room = np.divide(margins, abs(base), out=np.full(len(base), np.inf), where=told)
    for some, least in ((labels.codes, 1), (combinations(labels.codes, 2), 2)):
        each = {key: _by_label(labels.groups(key)[0], ratios, room, told, least) for key in some}
        fitting = {key: by_label for key, by_label in each.items() if by_label is not None}
        if fitting:
            return min(fitting.items(), key=lambda found: len(found[1]))
    return None, ratios


def _by_label(codes, ratios, room, told, least):
    """Return the ratio of each label, NaN where nothing is told; None where terms differ.

    None as well where labels have not more than one term each, or not ``least``, on average.
    """
    by_label = np.full(codes.max() + 1, np.nan)
    if len(by_label) >= told.sum() or least * len(by_label) > told.sum():
        return None
    for label in range(len(by_label)):
        here = told & (codes == label)
        if here.any():
            by_label[label] = value = np.median(ratios[here])
            if (abs(ratios[here] - value) > 2 * room[here] + 1e-6 * abs(value)).any():
                return None
    return by_label


def are_groups(codes, terms, known):
    """Tell whether terms are all that is known of some groups, or none."""
    chosen = np.isin(np.arange(len(codes)), terms)
    return not np.isin(codes[known & ~chosen], codes[chosen]).any()


def rows_of(labels, weights, base, key, first=()):
    """Return a `Row` for each group of ``key``, or for each term.

    Parameters
    ----------
    labels : Labels
    weights, base : ndarray, shape (K,)
    key : str, tuple of str or None
    first : sequence of int
        Terms that are exceptions: all others stand in one row.

    Returns
    -------
    list of Row
    """
    if key is not None:
        codes, heads = labels.groups(key)
        places = [np.flatnonzero(codes == c) for c in range(len(heads))]
    else:
        unknown = np.flatnonzero(~np.isfinite(weights))
        grouped = unknown if len(unknown) > FEW and not len(first) else []
        single = first if len(first) else np.setdiff1d(np.arange(len(weights)), grouped)
        places = [np.array([k]) for k in single]
        heads = [term_name(labels, k) for k in single]
        if len(grouped):
            places.append(grouped)
            heads.append("all other terms" if len(single) else "all terms")
        if len(first):
            known = np.setdiff1d(np.flatnonzero(np.isfinite(weights)), first)
            left = np.setdiff1d(unknown, first)
            places = [known, *places] + [left] * bool(len(left))
            heads = ["all other terms" if not len(left) else "all others that are known", *heads]
            heads += ["terms that are not known"] * bool(len(left))
    return [_row(head, weights[at], base[at]) for head, at in zip(heads, places, strict=True)]


def term_name(labels, k):
    """Return what a term is called: its number, and its labels."""
    told = [f"{LABELS[key]} {labels.names[key][codes[k]]}" for key, codes in labels.codes.items()]
    told += ["padding"] * bool(labels.padding[k])
    return f"term {k}" + f" ({', '.join(told)})" * bool(told)


def _row(label, weights, base):
    known = np.isfinite(weights)
    found, meant = weights[known], base[known]
    if not known.any():
        return Row(label, len(weights), np.nan, np.nan, np.nan, float(base.mean()), np.nan)
    total = float(meant.sum())  # of the terms whose weight is known, as in all columns
    return Row(
        label,
        len(weights),
        float(found.mean()),
        float(found.min()),
        float(found.max()),
        float(meant.mean()),
        float(found.sum()) / total if total else np.nan,
    )
