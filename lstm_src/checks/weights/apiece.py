"""What the factor of each loss may be, where each has one of its own: the counts that make it."""

import numpy as np

from lstm_src.checks.factors import CLOSE, names_of
from lstm_src.checks.weights.labels import LABELS
from lstm_src.checks.weights.own import PLURALS
from lstm_src.checks.weights.told import ROOM, counted

SHARPEST = 1e-3
"""A factor that is known less well is not compared with counts."""


def each_loss(seen):
    """Say which counts make the factor of each loss, where it is not the one that was meant."""
    naming, read = seen.naming, seen.read
    if naming.free != "loss" or not naming.factors:
        return
    codes, can = read.labels.codes["loss"], counted(seen.fit, read.labels)
    for code, (label, factor) in enumerate(naming.factors.items()):
        own = codes == code
        close = _known_to(seen.fit, own, read.whole.kind)
        ratio = _ratio(seen, own, own & can, factor, naming.sizes[label])
        if not ratio > 0 or close > SHARPEST:
            continue
        if abs(ratio - 1) <= close:
            continue
        counts = _counts(read.labels, own, seen.fit.members >= 0, label)
        names = names_of(ratio, {**counts, **read.counts}, close)
        if names:
            size = max(ratio, 1 / ratio)
            turned = "" if ratio > 1 else f"1 / {size:.6g}, and "
            than = "" if read.meant is None else ", against what was meant,"
            yield (
                f"Loss {label}{than} has the factor {turned}{size:.6g} = {' = '.join(names)}. "
                "Other counts may be equal to these: change them, one at a time, to see which it "
                "follows."
            )


def _ratio(seen, own, at, factor, size):
    """Return what a factor is over the usual one, or over that of what was meant at terms (K,)."""
    if seen.read.meant is None:
        return factor / size if size else 0.0
    weights, meant = seen.naming.mean.weights, float(seen.read.meant.weights[at].sum())
    whole = float(weights[own].sum())
    return factor * float(weights[at].sum()) / whole / meant if whole and meant else 0.0


def _known_to(fit, own, kind):
    """Return to within which share the factor of a loss is known."""
    at = np.unique(fit.members[own & (fit.members >= 0)])
    shares = np.divide(fit.margins[at], abs(fit.sums[at]), where=fit.sums[at] != 0, out=at + np.inf)
    return max(CLOSE, ROOM[kind], float(shares.min(initial=np.inf)))


def _counts(labels, own, seen, name):
    """Return the counts of a loss by name: of its tokens, and of the groups that hold some."""
    tokens = labels.tokens * (own & ~labels.padding)
    found = {f"tokens of {name}": tokens.sum()}
    if labels.padding[own].any():
        found[f"entries with padding of {name}"] = labels.tokens[own].sum()
    if not seen[own & ~labels.padding].all():
        found[f"tokens with a gradient of {name}"] = tokens[seen].sum()
    for key, codes in labels.codes.items():
        if key != "loss":
            word = PLURALS.get(key, f"{LABELS[key]}s")
            found[f"{word} of {name}"] = np.count_nonzero(np.bincount(codes, tokens))
    return {name: float(count) for name, count in found.items() if count > 1}
