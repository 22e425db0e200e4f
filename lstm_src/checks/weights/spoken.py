"""What is said of a mean that was found: its factor, its other names, what was meant."""

import numpy as np

from lstm_src.checks.factors import CLOSE, clip_of, names_of
from lstm_src.checks.gradients.words import listed
from lstm_src.checks.weights.asked import SPOKEN
from lstm_src.checks.weights.labels import LABELS
from lstm_src.checks.weights.means import COUNTED, ENTRIES, INCLUDED, SUM, TOKEN_MEAN
from lstm_src.checks.weights.naming import NAMED
from lstm_src.checks.weights.verdicts import is_one

MOST = 6
"""Names that are listed in a sentence."""

SHARPEST = 1e-3
"""A factor that is known less well is not compared with counts."""


def factor(seen):
    """Say what the common factor may be, and what it does."""
    naming = seen.naming
    if naming.factor is None or is_one(naming.factor, naming.precision):
        return
    clipped = clip_of(seen.read.whole.length, seen.read.counts)
    if clipped:
        yield (
            f"The norm of the whole gradient is {seen.read.whole.length:.6g}: {clipped}. Read the "
            "gradient before the clip to know its factor."
        )
        return
    if naming.factor > 0 and naming.precision < SHARPEST:
        close = max(CLOSE, naming.precision)
        names = names_of(naming.factor, {**seen.own, **seen.read.counts}, close)
        size = max(naming.factor, 1 / naming.factor)
        if names:
            turned = "" if naming.factor > 1 else f"1 / {size:.6g}, and "
            yield f"The factor is {turned}{size:.6g} = {' = '.join(names)}.{_follow(names)}"
        else:
            yield (
                f"None of the known counts makes the factor {naming.factor:.4g}: "
                f"{listed([*seen.own, *seen.read.counts], 12)}. Pass others as counts=."
            )
    if naming.factor < 0:
        yield (
            "The sign is turned: a step against this gradient climbs. Either the loss is to be "
            "maximized, or the terms are those of its negative, or this is an update, in which "
            "the gradient is already subtracted."
        )
        return
    meant = seen.read.meant
    other = meant is not None and common(naming.mean.weights, meant.weights) is None
    yield (
        "One factor stands on every term. "
        f"{'The other mean changes the direction, it' if other else 'It'} "
        f"{'does not' if other else 'changes no direction'}. Adam hides one that is the same "
        "at every step; plain gradient descent does not, and a clip or a weight decay that comes "
        "after it acts at another strength."
    )


def _follow(names):
    """Return how to see whether a factor is what it equals: small counts are often equal."""
    counts = [name for name in names if not name.startswith("2^")]
    if not counts:
        return ""
    return f" Change {'that count' if len(counts) == 1 else 'these counts'} to see if it follows."


def same(seen):
    """Say which other means have these weights, and which data would tell them apart."""
    naming = seen.naming
    if naming.status != NAMED or not naming.alike:
        return
    yield f"The same weights, with these counts: {listed(naming.alike, MOST)}. {_telling(seen)}"


def _telling(seen):
    """Return which data would tell means apart that are alike here."""
    labels, silent = seen.read.labels, seen.fit.members < 0
    named = {seen.naming.mean.name, *seen.naming.alike}
    if (silent & ~labels.padding).any():
        return (
            "The terms whose gradient is zero count here too; without them the groups may differ "
            "in length."
        )
    if silent.any() and len({_without_padding(name) for name in named}) == 1:
        return (
            "They differ in the weight of padding alone, whose gradient is zero here: as long as "
            "it is, they are one."
        )
    keys = [key for key in labels.codes if any(LABELS[key] in name for name in named)]
    single = [key for key in keys if not labels.codes[key].any()]
    if single:
        words = listed([LABELS[key] for key in single])
        return f"There is one {words} only: to tell them apart, use data with several."
    lone = [key for key in keys if labels.codes[key].max() + 1 == len(labels)]
    if lone:
        return f"Each {LABELS[lone[0]]} has one term here: data in which some have more tell."
    if len(keys) > 1 and all(
        _same_groups(labels.codes[keys[0]], labels.codes[key]) for key in keys[1:]
    ):
        words = listed([LABELS[key] for key in keys])
        return (
            f"The groups of {words} are the same: to tell them apart, put several of one into "
            "one of another."
        )
    return (
        "To tell them apart, use data in which the groups differ in length: sequences of 3 and 17 "
        "tokens, in unequal micro-batches."
    )


def _without_padding(name):
    name = TOKEN_MEAN if name == ENTRIES else name
    return name.removesuffix(INCLUDED).removesuffix(COUNTED)


def _same_groups(one, other):
    """Tell whether two labellings make the same groups."""
    pairs = len(np.unique(np.stack([one, other]), axis=1).T)
    return pairs == one.max() + 1 == other.max() + 1


def names(seen):
    """Say what the mean is called elsewhere, and how it compares with the one that was meant."""
    naming, labels = seen.naming, seen.read.labels
    grouped = [
        key
        for key, codes in labels.codes.items()
        if key != "step" and 1 < len(codes) == codes.max() + 1
    ]
    if grouped and "tokens" not in labels.given:
        yield (
            f"Each {LABELS[grouped[0]]} has one term, which was taken for one token. If it is the "
            "sum of several, say of how many in groups['tokens']."
        )
    if naming.status != NAMED or naming.free:
        return
    name = naming.mean.name
    spoken = [SPOKEN[n] for n in (name, *naming.alike) if n in SPOKEN]
    if "sequence" in seen.read.labels.codes and spoken and is_one(naming.factor, naming.precision):
        text = f"Over the answers of a group these are the weights of {listed(spoken)}."
        if TOKEN_MEAN in (name, *naming.alike):
            text += " Those of Dr. GRPO stand in the same ratios, over a constant count."
        yield text
    meant = seen.read.meant
    if meant not in (None, naming.mean) and naming.factor is not None:
        ratio = common(naming.mean.weights, meant.weights)
        if ratio is not None and name != SUM:
            yield f"The {name} is the {meant.name} times {ratio:.4g} here."
        elif ratio is not None:
            yield (
                f"The sum is the {meant.name} times {ratio:.4g}: no count divides it, if each term "
                "was passed with the weight 1."
            )


def common(one, other):
    """Return the factor between two weightings, or None."""
    at = abs(other).argmax()
    ratio = one[at] / other[at]
    return float(ratio) if np.allclose(one, ratio * other, rtol=1e-9, atol=0) else None
