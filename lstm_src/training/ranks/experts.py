"""Ranks that hold an expert each: a token travels to the rank of its expert, and its way back."""

from typing import NamedTuple

import numpy as np

from lstm_src.checks.trees import tree_map
from lstm_src.lstm import backward, forward
from lstm_src.structures import Params
from lstm_src.training.losses import squared_error
from lstm_src.training.masks import check_labels
from lstm_src.training.ranks.batches import take_batch, take_scale
from lstm_src.training.ranks.grid import Ranks
from lstm_src.training.ranks.tokens import SEQUENCES
from lstm_src.training.sums import Sums
from lstm_src.validation import check_array, check_like


class Experts(NamedTuple):
    """The ``shared`` LSTM, which every rank holds, and the ``experts`` (E, H, H), one on each."""

    shared: Params
    experts: np.ndarray


def sums_over_experts(ranks, params, x, target, mask, route, *, scale=1):
    """Return each rank's loss, gradients and count where an expert reads the LSTM's output.

    Parameters
    ----------
    ranks : Ranks
        With the axis "expert" alone, which splits the sequences as "data" does.
    params : Experts
        The output of a token is its hidden state times the matrix of its expert.
    x, target, mask : ndarray
        As for `sums_on_ranks`.
    route : ndarray of int, shape (T, B)
        The expert of each token, from 0 to E - 1.
    scale : number, optional
        Multiplies all loss terms before the backward pass.

    Returns
    -------
    Sums
        On the ranks. ``gradients`` are Experts: of the shared LSTM for the rank's own sequences
        alone, and of the rank's expert for the tokens of *all* ranks that were sent to it.

    Raises
    ------
    TypeError, ValueError
        If there is not one expert to a rank, or an argument does not fit.
    """
    check_like("ranks", ranks, Ranks)
    check_like("params", params, Experts)
    mask, dtype = take_batch(params.shared, x, target, mask)
    scale = take_scale(scale, dtype)
    if ranks.names != ("expert",) or len(params.experts) != ranks.size():
        raise ValueError(
            f"params.experts: expected one for each rank along expert alone, got "
            f"{len(params.experts)} for {ranks.names} of {ranks.shape}"
        )
    H = len(params.shared.W_h)
    check_array("params.experts", params.experts, (ranks.size(), H, H), dtype)
    check_labels("route", route, mask.shape)
    wrong = mask & ((route < 0) | (route >= ranks.size()))
    if wrong.any():
        raise ValueError(
            f"route: expected an expert from 0 to {ranks.size() - 1} at every token, got "
            f"{route[wrong][0]}"
        )
    split = {"expert": SEQUENCES}
    own_x, own_mask = ranks.split(x, **split), ranks.split(mask, **split)
    runs = [forward(params.shared, part) for part in own_x]
    h = ranks.join(np.stack([run.h for run in runs]), **split)  # the tokens travel
    here = [route == e for e in range(ranks.size())]
    y = sum(h @ W * at[..., None] for W, at in zip(params.experts, here, strict=True))
    terms, cotangent = squared_error(y, target, mask)
    cotangent = scale * cotangent
    of_experts = np.stack([np.einsum("tbi,tbj->ij", h * at[..., None], cotangent) for at in here])
    dh = sum(cotangent @ W.T * at[..., None] for W, at in zip(params.experts, here, strict=True))
    back = [
        backward(params.shared, run.tape, part).params
        for run, part in zip(runs, ranks.split(dh, **split), strict=True)  # and their way back
    ]
    shared = tree_map(lambda *arrays: np.stack(arrays), *back)
    loss = scale * ranks.split(terms, **split).sum(axis=(1, 2))
    return Sums(loss, Experts(shared, of_experts), own_mask.sum(axis=(1, 2)).astype(int))
