"""The weights of a whole training loop, read off a probe in the place of its model."""

import numpy as np

from lstm_src.checks.gradients.arguments import check_entries, take_counts
from lstm_src.checks.gradients.evaluation import precision
from lstm_src.checks.gradients.noise import PRECISIONS
from lstm_src.checks.leaves import as_numpy
from lstm_src.checks.weights.asked import take_mean
from lstm_src.checks.weights.columns import check_range, length_of
from lstm_src.checks.weights.fits import Fit
from lstm_src.checks.weights.judging import report_of
from lstm_src.checks.weights.labels import take_groups
from lstm_src.checks.weights.seen import Read, Whole
from lstm_src.checks.weights.solve import ALLOWED, FEW, FLOOR, SIGMAS


def audit_probe(gradient, slopes, groups=None, mean=None, *, counts=None):
    """Read off how a training loop weighs its loss terms, from a probe in its model's place.

    The probe is a table with one row for each token: the data hold the numbers of the tokens, and
    the model looks its predictions or logits up. So each loss term has parameters of its own, and
    row k of the gradient that the loop leaves is the weight of term k times the slope of that term.
    Nothing else of the loop is changed: not its accumulation, its workers or its trainer.

    Parameters
    ----------
    gradient : array of shape (K, ...)
        What the loop left on the table: its gradient, or ``before - after`` of a step of plain
        gradient descent, over the learning rate. Such a difference is sharp only from a table of
        zeros: from larger numbers its rounding is divided by the learning rate as well.
    slopes : array of shape (K, ...)
        The derivative of each loss term, with the weight 1, by its row: ``2 * (p - y)`` for the
        square of ``p - y``; the softmax of a row minus the one-hot target for the cross-entropy,
        which is ``1 / C - one_hot`` where all C logits are 0. Where a label is ignored, as -100
        is, the row is 0; "padding" among the groups says so.
    groups, mean, counts
        As for `audit_weights`.

    Returns
    -------
    WeightReport
        Its ``condition`` is 1: each weight is read by itself.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here, or an entry is not finite.

    Notes
    -----
    In NumPy, with squared errors and targets of 1::

        table = np.zeros(K)  # the loop predicts table[tokens]
        audit_probe(gradient(table), np.full(K, -2.0), groups, "token mean")

    In PyTorch, with C classes::

        model = torch.nn.Embedding(K, C)
        torch.nn.init.zeros_(model.weight)
        ...  # the loop, up to the step of the optimizer
        audit_probe(model.weight.grad, 1 / C - np.eye(C)[labels], groups, "token mean")

    In JAX, where the loop ends with an update of plain gradient descent::

        apply = lambda table, tokens: table[tokens]
        before = jnp.zeros((K, C))
        ...  # the loop, with the learning rate 1
        audit_probe(before - after, 1 / C - np.eye(C)[labels], groups, "token mean")

    In Keras, with ``keras.optimizers.SGD(1.0)``::

        table = keras.layers.Embedding(K, C, embeddings_initializer="zeros")
        ...  # the model holds the table alone; fit it for one update
        after = np.asarray(table.embeddings.value)
        audit_probe(-after, 1 / C - np.eye(C)[labels], groups, "token mean")

    An update by Adam does not show its gradient. A table of logits that are 0 has no weight decay,
    and there label smoothing by s is the factor 1 - s. In a table of one number a row, any other
    part of the gradient looks like a weight.
    Use sequences of unequal lengths, such as 3 and 17, in unequal micro-batches: with equal ones
    all means are the same. Give padding rows of its own as well, and label it as padding.
    """
    g, s = as_numpy("gradient", gradient), as_numpy("slopes", slopes)
    check_entries("gradient", g)
    check_entries("slopes", s)
    if g.shape != s.shape or not g.ndim:
        raise ValueError(
            f"slopes: expected the shape of the gradient, (K, ...), got {s.shape} for {g.shape}"
        )
    largest, steepest = (float(np.abs(array).max()) for array in (g, s))
    check_range(largest, steepest, "slopes")
    kind = max(precision(gradient), precision(slopes), key=PRECISIONS.__getitem__)
    labels = take_groups(groups, len(g))
    counts = take_counts(counts)
    means, meant = take_mean(mean, labels, counts)
    whole = Whole(kind, length_of([g]), g.size, probe=True)
    first = _fit(_rows(g, steepest), _rows(s, steepest), kind)
    return report_of(Read(first, None, whole, labels, means, meant, counts))


def _rows(array, top):
    """Return rows in float64, so small that their squares are numbers of it."""
    return array.reshape(len(array), -1).astype(float) / (top or 1.0)


def _fit(gradient, slopes, kind):
    """Return the `Fit`: each row is projected on its own slope."""
    lengths = np.sqrt(np.einsum("ij,ij->i", slopes, slopes))
    seen = lengths > 0
    members = np.where(seen, np.cumsum(seen) - 1, -1)
    sums = np.einsum("ij,ij->i", gradient[seen], slopes[seen]) / lengths[seen]
    rest = gradient.copy()
    rest[seen] -= sums[:, None] * slopes[seen] / lengths[seen, None]
    left = np.sqrt(np.einsum("ij,ij->i", rest, rest))
    whole = float(np.linalg.norm(gradient))
    residual = float(np.linalg.norm(left)) / whole if whole else 0.0
    typical = np.sqrt(np.mean(sums**2)) if len(sums) else 0.0
    margins = FLOOR * PRECISIONS[kind] * np.maximum(abs(sums), 0.1 * typical)
    margins += SIGMAS * left[seen] / np.sqrt(max(gradient.shape[1] - 1, 1))
    unexplained = ("probe",) if residual > ALLOWED[kind] else ()
    return Fit(
        members,
        lengths,
        sums,
        margins,
        None,
        1.0,
        residual,
        {"probe": residual},
        unexplained,
        max(gradient.size, FEW),  # each row is read by itself
        len(sums),
    )
