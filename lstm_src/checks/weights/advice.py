"""What a reading of weights says in words: what was seen, what it can mean, what would tell."""

from lstm_src.checks.weights.apiece import each_loss
from lstm_src.checks.weights.doubts import apart, untold
from lstm_src.checks.weights.grouped import factors
from lstm_src.checks.weights.left import left_over
from lstm_src.checks.weights.others import against, exceptions, values
from lstm_src.checks.weights.spoken import factor, names, same

PROBED = (
    "This is what the loop does with any model on data of these lengths and labels, unless the "
    "model itself mixes sequences or drops tokens."
)

TRUST = (
    "This holds for the terms that were passed, at these parameters, if their gradients are right: "
    "check_gradients says whether they are."
)


def advice(seen):
    """Return the paragraphs under the table, as a tuple of str."""
    parts = [
        factors,
        factor,
        each_loss,
        same,
        names,
        apart,
        against,
        exceptions,
        values,
        left_over,
        untold,
    ]
    said = [text for part in parts for text in part(seen)]
    whole = seen.read.whole
    if whole.absent:
        said.append(
            f"Left out, for it is None in the gradient and in all terms: {', '.join(whole.absent)}."
        )
    if whole.sums:
        said.append(
            f"The {whole.parameters:,} parameters were projected at random to {whole.sums:,} sums."
        )
    return (*said, PROBED if whole.probe else TRUST)
