"""Ranks that read different tokens: other sequences along one axis, other steps along another."""

import numpy as np

from lstm_src.checks.trees import tree_map
from lstm_src.lstm import backward, forward
from lstm_src.structures import State
from lstm_src.training.losses import squared_error
from lstm_src.training.own_losses import take_step_loss
from lstm_src.training.ranks.batches import take_batch, take_scale
from lstm_src.training.ranks.grid import Ranks
from lstm_src.training.sums import Sums
from lstm_src.validation import check_like

STEPS, SEQUENCES = 0, 1
"""The axes of an array (T, B, ...)."""


def sums_on_ranks(ranks, params, x, target, mask, *, scale=1, loss=squared_error):
    """Return each rank's loss, gradients and count, after the backward pass and before a reduction.

    Parameters
    ----------
    ranks : Ranks
        Its axis "context" splits the steps; "data", "rounds" and "expert" split the sequences;
        along any other the ranks read the same.
    params : Params
        Each rank has a copy.
    x, target : ndarray, shape (T, B, D) and (T, B, H)
    mask : ndarray, shape (T, B)
        1 at a token, 0 in the padding.
    scale : number or array on the ranks, optional
        What each rank multiplies its own loss terms with, before the backward pass; an array has
        all axes of the ranks.
    loss : callable, optional
        ``loss(h, target, mask)`` returns a `StepLoss`.

    Returns
    -------
    Sums
        On the ranks; the count is that of a rank's own tokens.

    Raises
    ------
    TypeError, ValueError
        If the ranks do not divide the batch, or an argument does not fit.

    Notes
    -----
    Along "context" the state is handed on to the next rank, and its cotangent back. So a rank's
    gradient holds what its own steps did for the loss terms of later ranks; the sum over "context"
    is that of the whole sequences.
    """
    check_like("ranks", ranks, Ranks)
    splits = {name: SEQUENCES for name in ("data", "rounds", "expert") if name in ranks.names}
    if "context" in ranks.names:
        splits["context"] = STEPS
    mask, dtype = take_batch(params, x, target, mask)
    scale = take_scale(scale, dtype, ranks.shape)
    parts = [ranks.split(array, **splits) for array in (x, target, mask)]
    found = {}
    for group in _chains(ranks):
        found |= _chain(group, params, parts, scale, loss)
    ordered = [found[rank] for rank in np.ndindex(*ranks.shape)]
    return tree_map(lambda *a: np.reshape(a, (*ranks.shape, *np.shape(a[0]))), *ordered)


def _chains(ranks):
    """Yield the ranks that hand a state on to each other, in the order of the steps."""
    if "context" not in ranks.names:
        yield from ([rank] for rank in np.ndindex(*ranks.shape))
        return
    place = ranks.names.index("context")
    others = list(ranks.shape)
    others[place] = 1
    for rank in np.ndindex(*others):
        yield [(*rank[:place], k, *rank[place + 1 :]) for k in range(ranks.shape[place])]


def _chain(group, params, parts, scale, loss):
    x, target, mask = parts
    runs, state = {}, None
    for rank in group:
        runs[rank] = forward(params, x[rank], state)
        state = runs[rank].state
    found, carried = {}, None
    for rank in reversed(group):
        terms, cotangent = take_step_loss(loss, runs[rank].h, target[rank], mask[rank])
        back = backward(params, runs[rank].tape, scale[rank] * cotangent, carried)
        carried = State(*back.state)
        found[rank] = Sums(scale[rank] * terms.sum(), back.params, int(mask[rank].sum()))
    return found
