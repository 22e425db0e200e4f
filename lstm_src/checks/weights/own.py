"""The counts that labels hold: what a common factor is compared with."""

import numpy as np

from lstm_src.checks.weights.labels import LABELS

PLURALS = {"micro_batch": "micro-batches", "loss": "losses", "class": "classes"}


def own_counts(labels, seen):
    """Return counts by name, without those of 1.

    Parameters
    ----------
    labels : Labels
    seen : ndarray of bool, shape (K,)
        The terms whose gradient is not zero.

    Returns
    -------
    dict of str to float
    """
    tokens = labels.tokens * ~labels.padding
    found = {"tokens": tokens.sum()}
    if labels.padding.any():
        found["entries with padding"] = labels.tokens.sum()
    if not seen[~labels.padding].all():
        found["tokens with a gradient"] = tokens[seen].sum()
    for key, codes in labels.codes.items():
        word = PLURALS.get(key, f"{LABELS[key]}s")
        found[word] = codes.max() + 1
        filled = np.count_nonzero(np.bincount(codes, tokens))
        if filled <= codes.max():
            found[f"{word} with tokens"] = filled
    for key, word in (("sequence", "longest sequence"), ("window", "largest window")):
        if key in labels.codes:
            found[word] = np.bincount(labels.codes[key], tokens).max()
    return {name: float(value) for name, value in found.items() if value > 1}
