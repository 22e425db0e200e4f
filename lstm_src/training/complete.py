"""A complete training step: windows, micro-batches, workers, two counts, a loss scale, clip, step.

Everything before the clip is linear, so the two sums are kept apart and divided at the end. The
clip and the optimizer are not, so they come after.
"""

from typing import NamedTuple

import numpy as np

from lstm_src.checks.trees import tree_leaves, tree_map
from lstm_src.training.clipping import clip_by_norm, norm_of
from lstm_src.training.losses import cross_entropy, squared_error
from lstm_src.training.masks import check_labels, length_mask
from lstm_src.training.optimizers import Optimizer
from lstm_src.training.sums import Sums, add_up_here, divide_once, take_parts
from lstm_src.training.windows import truncated_bptt
from lstm_src.validation import check_above_zero, check_at_least_zero, check_like, check_number


class Batch(NamedTuple):
    """A micro-batch: ``x`` as for `loss_and_gradients`, ``labels`` (T, B), ``lengths`` (B,).

    Sequence b has ``lengths[b]`` tokens, and then padding. The label -100 has no cross-entropy.
    """

    x: np.ndarray
    labels: np.ndarray
    lengths: object


class Means(NamedTuple):
    """The ``loss``, its ``gradients``, and the two ``counts`` that it was divided by."""

    loss: object
    gradients: object
    counts: tuple


class CompleteStep(NamedTuple):
    """What `complete_step` returns.

    ``params`` and ``state`` are those after the step, ``loss`` and ``gradients`` what the step was
    made from: unscaled, divided and not yet clipped. ``norm`` is theirs, ``counts`` are N and M.
    ``moved`` is False if the update was left out.
    """

    params: object
    state: object
    loss: object
    gradients: object
    norm: float
    counts: tuple
    moved: bool


def complete_step(
    params, state, workers, *, optimizer, length, alpha, limit, loss_scale=1.0, eps=1e-6
):
    """Make one step on the mean cross-entropy and ``alpha`` times the mean penalty.

    Parameters
    ----------
    params : ModelParams
    state : OptimizerState
    workers, length, alpha, loss_scale
        As for `mean_gradients`.
    optimizer : Optimizer
        Such as `AdamW`.
    limit : float
        Above 0: a gradient whose norm, over all arrays, is larger is shortened to it. Infinite for
        no clip.
    eps : float, optional
        At least 0; added to the norm, as in PyTorch: the clipped gradient is a little shorter than
        ``limit``.

    Returns
    -------
    CompleteStep
        With nothing moved if no worker has a term, or if the norm is not finite, as where a loss
        scale is too large for the type.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    """
    if not isinstance(optimizer, Optimizer):
        came = type(optimizer).__name__
        raise TypeError(f"optimizer: expected an Optimizer, such as AdamW(0.001), got {came}")
    limit, eps = check_above_zero("limit", limit, infinite=True), check_at_least_zero("eps", eps)
    means = mean_gradients(params, workers, length=length, alpha=alpha, loss_scale=loss_scale)
    with np.errstate(all="ignore"):  # told by ``moved``
        norm = float(np.prod(norm_of(tree_leaves(means.gradients))))
    moved = bool(any(means.counts) and np.isfinite(norm))
    if moved:
        # PyTorch's factor is limit / (norm + eps).
        clipped = clip_by_norm(means.gradients, limit * (norm / (norm + eps)) if norm else limit)
        params, state = optimizer.step(params, clipped, state)
    return CompleteStep(params, state, means.loss, means.gradients, norm, means.counts, moved)


def mean_gradients(params, workers, *, length, alpha, loss_scale=1.0):
    """Return the gradient that a step begins with: summed over all parts, each loss divided once.

    Parameters
    ----------
    params : ModelParams
    workers : sequence of sequence of Batch
        The micro-batches of each worker.
    length : int
        Steps in a window. The state is carried from window to window, its gradient is not.
    alpha : float
        Of the penalty: half the square of the logits, on every token that is no padding, the mean
        over all M of them.
    loss_scale : float, optional
        Above 0; multiplies both losses, and is divided out of the gradients of all parts together.

    Returns
    -------
    Means
        Of the loss Σ cross-entropy / N + alpha · Σ penalty / M, where N are the labels that count.
        A loss without terms is 0.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.

    Notes
    -----
    Every window is run twice, once for each sum: a step to be read, and not a fast one. One pass
    would do with both factors on the losses, as the PyTorch step of the cheat sheet has them.
    """
    scale, alpha = check_above_zero("loss_scale", loss_scale), check_number("alpha", alpha)
    workers = [
        [_check_batch(batch) for batch in take_parts(own, f"workers[{k}]")]
        for k, own in enumerate(take_parts(workers, "workers"))
    ]
    main, penalty = (
        _total(windows, params, workers, length, scale) for windows in (_entropies, _penalties)
    )
    (loss, gradients), (added, more) = (divide_once(_unscaled(s, scale)) for s in (main, penalty))
    loss, whole = tree_map(lambda a, b: _with(a, alpha, b), (loss, gradients), (added, more))
    return Means(loss, whole, (main.count, penalty.count))


def _total(windows, params, workers, length, scale):
    """Return the `Sums` of one loss over all windows, micro-batches and workers."""

    def on_batch(params, batch):
        return add_up_here(_as_sums, params, windows(params, batch, length, scale))

    def on_worker(params, batches):
        return add_up_here(on_batch, params, batches)

    return add_up_here(on_worker, params, workers)


def _as_sums(_, window):
    return Sums(window.loss, window.gradients, window.count)


def _unscaled(sums, scale):
    """Take the loss scale off; a loss without terms is 0, and not 0/0."""
    gradients = tree_map(lambda a: a / scale, sums.gradients)
    return Sums(sums.loss / scale, gradients, max(1, sums.count))


def _with(one, alpha, other):
    """Return a sum in the type of the first; float16 may not hold ``alpha``, but the product."""
    wide = np.result_type(one, np.float32)
    return (one + wide.type(alpha) * other).astype(one.dtype)


def _entropies(params, batch, length, scale):
    options = {"length": length, "scale": scale, "mask": _mask(batch)}
    return truncated_bptt(params, batch.x, batch.labels, loss=cross_entropy, **options)


def _penalties(params, batch, length, scale):
    options = {"length": length, "scale": scale, "mask": _mask(batch)}
    zeros = np.zeros((*batch.labels.shape, len(params.b_y)), params.b_y.dtype)
    return truncated_bptt(params, batch.x, zeros, loss=squared_error, **options)


def _mask(batch):
    return length_mask(batch.lengths, len(batch.labels))


def _check_batch(batch):
    check_like("workers", batch, Batch)
    check_labels("labels", batch.labels)
    B = batch.labels.shape[1]
    if np.shape(batch.lengths) != (B,):
        raise ValueError(
            f"lengths: expected one for each of {B} sequences, got shape {np.shape(batch.lengths)}"
        )
    return batch
