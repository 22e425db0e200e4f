"""The mean that was meant: by its name, by another name, or as weights."""

from lstm_src.checks.weights.arguments import take_weights
from lstm_src.checks.weights.means import GIVEN, TOKEN_MEAN, Mean, means_of

ALSO = {
    "sequence mean": "mean of sequence means",
    "micro-batch mean": "mean of micro-batch means",
    "worker mean": "mean of worker means",
    "step mean": "mean of step means",
    "window mean": "mean of window means",
    "loss mean": "sum of loss means",
    "DAPO": TOKEN_MEAN,
    "GRPO": "mean of sequence means",
}
"""Other names under which a mean may be asked for; "Dr. GRPO" is the sum over a constant count."""

SPOKEN = {TOKEN_MEAN: "DAPO", "mean of sequence means": "GRPO"}
"""Objectives of reinforcement learning that weigh the tokens of a group like this."""


def take_mean(mean, labels, counts):
    """Return all means that labels and counts can name, and the one that was meant, or None.

    Raises
    ------
    TypeError, ValueError
        If the groups and counts make no mean of that name, or the weights do not fit.
    """
    means = means_of(labels, counts)
    if mean is None:
        return means, None
    if not isinstance(mean, str):
        weights, close = take_weights("mean", mean, len(labels))
        meant = Mean(GIVEN, weights, close=close)
        return (*means, meant), meant
    by_name = {known.name.lower(): known for known in means}
    also = {other.lower(): known for other, known in ALSO.items()}
    asked = mean.strip().lower()
    found = by_name.get(also.get(asked, asked).lower())
    if found is None:
        names = [known.name for known in means]
        names += [other for other, known in ALSO.items() if known in names]
        hint = ', "max_length" among counts for Dr. GRPO' if asked == "dr. grpo" else ""
        raise ValueError(
            f"mean: expected weights, or one of {', '.join(names[:20])}, got {mean!r}: another "
            f"needs its labels in groups{hint}"
        )
    return means, found
