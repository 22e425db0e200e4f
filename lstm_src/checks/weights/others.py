"""What is said of weights that are not those of the mean that was meant, or of none."""

import numpy as np

from lstm_src.checks.factors import told as number
from lstm_src.checks.gradients.words import listed, share
from lstm_src.checks.weights.labels import LABELS
from lstm_src.checks.weights.means import TOKEN_MEAN
from lstm_src.checks.weights.naming import NONE, UNKNOWN
from lstm_src.checks.weights.nearest import hidden
from lstm_src.checks.weights.rows import term_name
from lstm_src.checks.weights.spoken import common
from lstm_src.checks.weights.told import counted
from lstm_src.checks.weights.verdicts import is_one, weigh

MOST = 6
"""Terms or names that are listed in a sentence."""

CLOSE = 1e-6
"""Weights that are no farther from those of a mean are its weights."""

NOTHING = 1e-9
"""What is this much smaller than the largest weight is nothing."""

LABEL = (
    "Which groups are these? With their labels in groups, as of sequences, micro-batches or "
    "workers, a mean over them has a name."
)

OWN = (
    "Terms with the same {} weigh alike, and no mean over these groups does that: look for a "
    "mean that each takes by itself, for a factor that it gets besides, as its share of the "
    "sequences, or for a count that no label tells."
)


def against(seen):
    """Say how the groups weigh beside each other, where they differ from what was meant."""
    naming = seen.naming
    if naming.status == UNKNOWN and naming.told is None:
        return
    if naming.mean is not None and common(naming.mean.weights, seen.base) is not None:
        return
    told = np.isfinite(seen.ratios)
    if seen.key is None or not told.any():
        return
    ratios = np.where(told, seen.ratios, 0.0)
    zero = told & (abs(ratios) <= NOTHING * abs(ratios).max())
    names = seen.read.labels.groups(seen.key)[1]
    weighing = np.flatnonzero(told & ~zero)
    meant = TOKEN_MEAN if seen.read.meant is None else seen.read.meant.name
    compared = f"Against the {meant}, a" if seen.read.meant is not None else "A"
    if len(weighing) > 1:
        high = weighing[abs(ratios[weighing]).argmax()]
        low = weighing[abs(ratios[weighing]).argmin()]
        ratio = ratios[high] / ratios[low]
        if abs(ratio) > 1.001:
            yield (
                f"{compared} term of {names[high]} weighs {ratio:.4g} times one of {names[low]}."
            )
    if zero.any() and len(weighing) and not naming.gone:
        gone = [names[k] for k in np.flatnonzero(zero)]
        if isinstance(seen.key, str):  # the word once
            word = f"{LABELS[seen.key]} "
            gone = [word + gone[0].removeprefix(word), *[g.removeprefix(word) for g in gone[1:]]]
        yield f"The terms of {listed(gone, MOST)} weigh nothing."


def exceptions(seen):
    """Say which terms are exceptions from the mean that comes nearest, and what they may be."""
    naming = seen.naming
    if naming.status != NONE or naming.nearest is None:
        return
    weights, _ = seen.fit.weights()
    shown = f"{naming.times:.4g}"
    times = "" if shown == "1" or is_one(naming.times, 1e-4) else f", times {shown}"
    few = np.flatnonzero(naming.exceptions)
    if naming.gone:
        yield (
            f"{_upper(_listed_terms(seen, few))} {weigh(len(few))} nothing. The others have the "
            f"weights of the {naming.nearest.name} over them alone{times}. A term that weighs "
            "nothing was left out, masked or ignored; where that is meant, as with a prompt, say "
            "so in groups['padding']."
        )
        return
    others = "other terms" if (naming.told | _silent(seen)).all() else "others that are told"
    all_others = f"All {others} have the weights of the {naming.nearest.name}{times}"
    if seen.key is not None:
        yield f"{all_others}."
        return
    told = []
    for k in few[:MOST]:
        expected = naming.times * naming.nearest.weights[k]
        ratio = number(weights[k] / expected, 4) if expected else ""
        much = f"{ratio} times that" if expected else f"{weights[k]:.4g}, not 0"
        gone = expected and abs(weights[k]) <= NOTHING * abs(expected)
        told.append(f"{term_name(seen.read.labels, k)} weighs {'nothing' if gone else much}")
    more = f"; and {len(few) - MOST} more" if len(few) > MOST else ""
    text = "; ".join(told)
    yield (
        f"{all_others}. {_upper(text)}{more}. A term that weighs nothing was left "
        "out, or masked; one that weighs 2 times as much was counted twice."
    )


def values(seen):
    """Say which weights there are, and which means they come near, where no mean has them."""
    naming = seen.naming
    if naming.told is None or naming.mean is not None or naming.nearest is not None:
        return
    if naming.status == UNKNOWN and naming.rivals:
        return
    if naming.about and naming.off <= CLOSE and hidden(seen.fit, naming.told).any():
        yield (
            f"The weights that are known of single terms are those of the "
            f"{' or the '.join(naming.about[:MOST])}. What the others weigh together is not."
        )
    elif naming.about:
        yield (
            f"The weights come within {share(naming.off)} of those of the "
            f"{' or the '.join(naming.about[:MOST])}, and no nearer. A narrower type inside the "
            "code would do that, as autocast has one, or rounding of an update that the gradient "
            "was taken from."
        )
    elif isinstance(seen.key, tuple):
        words = " and ".join(LABELS[key] for key in seen.key)
        yield OWN.format(words)
    elif seen.key is None:
        weights, margins = seen.fit.weights()
        groups = _clusters(weights, margins)
        if 1 < len(groups) <= MOST:
            told = "; ".join(f"{weights[at].mean():.4g} for {_ranges(at)}" for at in groups)
            yield f"The terms have {len(groups)} weights: {told}. {LABEL}"
        elif not seen.read.labels.codes:
            yield LABEL


def _silent(seen):
    """Return the terms (K,) that cannot weigh: padding whose gradient is zero."""
    return ~counted(seen.read.first, seen.read.labels)


def _clusters(weights, margins):
    """Return the places of terms that weigh the same, by their weight."""
    known = np.flatnonzero(np.isfinite(weights))
    order = known[np.argsort(weights[known], kind="stable")]
    steps = np.diff(weights[order])
    room = margins[order][1:] + margins[order][:-1] + 1e-3 * abs(weights[order][1:])
    return [np.sort(part) for part in np.split(order, np.flatnonzero(steps > room) + 1)]


def _ranges(places):
    """Return places as text, those that follow each other as a range."""
    parts = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    texts = [f"{part[0]} to {part[-1]}" if len(part) > 1 else f"{part[0]}" for part in parts]
    return f"term{'s' * (len(places) > 1)} {listed(texts, MOST)}"


def _listed_terms(seen, few):
    """Return what terms are called: by their groups, if these hold no others, or by numbers."""
    for key, codes in seen.read.labels.codes.items():
        within = np.unique(codes[few])
        if len(within) <= MOST and np.isin(codes, within).sum() == len(few):
            names = listed([seen.read.labels.names[key][c] for c in within], MOST)
            return f"the terms of {LABELS[key]} {names}"
    return _ranges(few)


def _upper(text):
    return text[:1].upper() + text[1:]
