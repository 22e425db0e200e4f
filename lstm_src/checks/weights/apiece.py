"""What the factor of each loss may be, where each has one of its own: the counts that make it."""

import numpy as np

from lstm_src.checks.factors import CLOSE, names_of
from lstm_src.checks.weights.labels import LABELS
from lstm_src.checks.weights.own import PLURALS
from lstm_src.checks.weights.told import ROOM

SHARPEST = 1e-3
"""A factor that is known less well is not compared with counts."""


def each_loss(seen):
    """Say which counts make the factor of each loss, where it is not the one that was meant."""
    naming, read = seen.naming, seen.read
    if naming.free != "loss":
        return
    codes = read.labels.codes["loss"]
    for code, (label, factor) in enumerate(naming.factors.items()):
        own = codes == code
        meant = 1.0 if read.meant is None else float(read.meant.weights[own].sum())
        close = _known_to(seen.fit, own, read.whole.kind)
        if not meant or not factor / meant > 0 or close > SHARPEST:
            continue
        ratio = factor / meant
        if abs(ratio - 1) <= close:
            continue
        names = names_of(ratio, {**_counts(read.labels, own, label), **read.counts}, close)
        if names:
            size = max(ratio, 1 / ratio)
            turned = "" if ratio > 1 else f"1 / {size:.6g}, and "
            than = "" if read.meant is None else ", against what was meant,"
            yield (
                f"Loss {label}{than} has the factor {turned}{size:.6g} = {' = '.join(names)}. "
                "Other counts may be equal to these: change them, one at a time, to see which it "
                "follows."
            )


def _known_to(fit, own, kind):
    """Return to within which share the factor of a loss is known."""
    at = np.unique(fit.members[own & (fit.members >= 0)])
    shares = np.divide(fit.margins[at], abs(fit.sums[at]), where=fit.sums[at] != 0, out=at + np.inf)
    return max(CLOSE, ROOM[kind], float(shares.min(initial=np.inf)))


def _counts(labels, own, name):
    """Return the counts of a loss by name: of its tokens, and of the groups that hold some."""
    tokens = labels.tokens * (own & ~labels.padding)
    found = {f"tokens of {name}": tokens.sum()}
    for key, codes in labels.codes.items():
        if key != "loss":
            word = PLURALS.get(key, f"{LABELS[key]}s")
            found[f"{word} of {name}"] = np.count_nonzero(np.bincount(codes, tokens))
    return {name: float(count) for name, count in found.items() if count > 1}
