"""Ranks that share a layer: each holds the columns of some units, and all read the same tokens."""

import numpy as np

from lstm_src.checks.trees import tree_map
from lstm_src.plain import by_gate, joined, step, step_back
from lstm_src.structures import Params, State
from lstm_src.training.losses import squared_error
from lstm_src.training.ranks.batches import take_batch, take_scale
from lstm_src.training.ranks.grid import Ranks
from lstm_src.training.ranks.same import held_on
from lstm_src.training.sums import Sums
from lstm_src.validation import check_array, check_like, check_params


def sums_over_units(ranks, params, x, target, mask, *, scale=1, op="sum"):
    """Return loss, gradients and count of an LSTM whose units are split along the axis "tensor".

    Parameters
    ----------
    ranks : Ranks
        With the axis "tensor" alone, whose ranks divide the H units.
    params : Params
        Whole: each rank takes the columns of its units.
    x, target, mask : ndarray
        As for `sums_on_ranks`; every rank reads them whole.
    scale : number, optional
        Multiplies all loss terms before the backward pass.
    op : {"sum", "mean", None}, optional
        What the all-reduce in the backward pass does: "sum" is right. Each rank pulls the
        cotangents of its own units back to *all* hidden states of the step before, and these are
        parts of one sum. None leaves it out.

    Returns
    -------
    Sums
        ``gradients`` are Params on the ranks, each rank's in the columns of its units: joined along
        their last axis, gate by gate, they are those of the layer (`joined_units`). The count is
        that of all tokens, on every rank.

    Raises
    ------
    TypeError, ValueError
        If the ranks have another axis, do not divide the units, or an argument does not fit.
    """
    check_like("ranks", ranks, Ranks)
    if ranks.names != ("tensor",):
        raise ValueError(f"ranks: expected the axis tensor alone, got {', '.join(ranks.names)}")
    H = check_params(params)[1]
    mask, dtype = take_batch(params, x, target, mask)
    (T, B), scale = mask.shape, take_scale(scale, dtype)
    check_array("target", target, (T, B, H), dtype)
    weights = tree_map(lambda a: ranks.split(a, tensor=a.ndim - 1), by_gate(params))
    own = State(*np.zeros((2, *ranks.shape, B, H // ranks.size()), dtype))
    h = np.zeros((B, H), dtype)
    before, slopes, outputs = [], [], []
    for t in range(T):
        before.append(h)
        both = [step(_of(weights, k), x[t], h, own.c[k]) for k in range(*ranks.shape)]
        own = State(*(np.stack(arrays) for arrays in zip(*(s for s, _ in both), strict=True)))
        slopes.append([slope for _, slope in both])
        h = ranks.join(own.h, tensor=1)  # the all-gather: each rank's units, side by side
        outputs.append(h)
    terms, cotangent = squared_error(np.stack(outputs), target, mask)
    total, carried = None, State(np.zeros_like(own.h), np.zeros_like(own.c))
    for t in reversed(range(T)):
        dh = ranks.split(scale * cotangent[t], tensor=1) + carried.h
        back = [
            step_back(_of(weights, k), x[t], before[t], slopes[t][k], dh[k], carried.c[k])
            for k in range(*ranks.shape)
        ]
        back = tree_map(lambda *arrays: np.stack(arrays), *back)
        total = back.params if total is None else tree_map(np.add, total, back.params)
        partial = back.state.h if op is None else ranks.all_reduce(back.state.h, "tensor", op=op)
        carried = State(_own_units(ranks, partial), back.state.c)
    ones = np.ones(ranks.shape)
    gradients = Params(*(np.concatenate(gates, axis=-1) for gates in total))
    return Sums(scale * terms.sum() * ones, gradients, int(np.sum(mask)) * ones)


def joined_units(ranks, gradients):
    """Return the layer's gradients from those of ranks that hold some of its units each.

    Parameters
    ----------
    ranks : Ranks
        With an axis "tensor".
    gradients : Params
        On the ranks, as `sums_over_units` returns them.

    Returns
    -------
    Params

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    """
    check_like("ranks", ranks, Ranks)
    for name, array in check_like("gradients", gradients, Params)._asdict().items():
        if held_on(ranks, array, f"gradients.{name}").shape[-1] % 4:
            raise ValueError(
                f"gradients.{name}: expected the columns of 4 gates, got {array.shape}"
            )
    gates = tree_map(lambda array: ranks.join(array, tensor=array.ndim - 2), by_gate(gradients))
    return joined(gates)


def _own_units(ranks, dh):
    """Return, of what each rank holds for all units, the columns of its own."""
    width = dh.shape[-1] // ranks.size()
    return np.stack([dh[k, :, k * width : (k + 1) * width] for k in range(*ranks.shape)])


def _of(weights, k):
    return tree_map(lambda array: array[k], weights)
