"""Ranks that hold the layers of one stack: micro-batches pass through all of them."""

import numpy as np

from lstm_src.checks.trees import tree_map
from lstm_src.lstm import backward, forward
from lstm_src.structures import Params
from lstm_src.training.losses import squared_error
from lstm_src.training.ranks.batches import take_batch, take_scale
from lstm_src.training.ranks.grid import Ranks
from lstm_src.training.sums import Sums, take_parts
from lstm_src.validation import check_like, check_size


def sums_over_stages(ranks, layers, x, target, mask, *, micro_batches, scale=1):
    """Return loss, gradients and count of stacked LSTMs, a layer on each rank along "pipeline".

    Parameters
    ----------
    ranks : Ranks
        With the axis "pipeline" alone.
    layers : sequence of Params
        From the first to the last, all of one shape: D = H.
    x, target, mask : ndarray
        As for `sums_on_ranks`.
    micro_batches : int
        Into how many the sequences are cut. Every one goes through all stages and back.
    scale : number, optional
        Multiplies the loss of each micro-batch on the last stage, before its backward pass begins.

    Returns
    -------
    Sums
        On the ranks. Each stage has the gradients of its own layer, added up over the
        micro-batches. The loss is known to the last stage alone; the others hold 0.

    Raises
    ------
    TypeError, ValueError
        If there is not one layer to a rank, or an argument does not fit.
    """
    check_like("ranks", ranks, Ranks)
    layers = take_parts(layers, "layers")
    for k, layer in enumerate(layers):
        check_like(f"layers[{k}]", layer, Params)
    if ranks.names != ("pipeline",) or len(layers) != ranks.size():
        raise ValueError(
            f"layers: expected one for each rank along pipeline alone, got {len(layers)} for "
            f"{ranks.names} of {ranks.shape}"
        )
    mask, dtype = take_batch(layers[0], x, target, mask)
    scale, sequences = take_scale(scale, dtype), x.shape[1]
    if sequences % check_size("micro_batches", micro_batches):
        raise ValueError(
            f"micro_batches: expected a divisor of {sequences} sequences, got {micro_batches}"
        )
    loss, total = np.zeros(ranks.shape), None
    for columns in np.split(np.arange(sequences), micro_batches):
        runs, values = [], x[:, columns]
        for layer in layers:
            runs.append(forward(layer, values))
            values = runs[-1].h
        terms, cotangent = squared_error(values, target[:, columns], mask[:, columns])
        loss[-1] += scale * terms.sum()
        cotangent, found = scale * cotangent, []
        for layer, run in zip(reversed(layers), reversed(runs), strict=True):
            back = backward(layer, run.tape, cotangent)
            found, cotangent = [back.params, *found], back.x
        stages = tree_map(lambda *arrays: np.stack(arrays), *found)
        total = stages if total is None else tree_map(np.add, total, stages)
    return Sums(loss, total, np.full(ranks.shape, int(np.sum(mask))))
