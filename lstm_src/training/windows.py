"""Truncated backpropagation through time: the state is carried from window to window, and no more.

A window starts in the state in which the one before it ended. The value is kept; its cotangent is
dropped. So each window's gradient is that of a loss in which its first state is a constant.
"""

import numpy as np

from lstm_src.training.losses import cross_entropy
from lstm_src.training.model import loss_and_gradients
from lstm_src.validation import check_size


def truncated_bptt(
    params,
    x,
    target,
    *,
    length,
    reduction="sum",
    loss=cross_entropy,
    mask=None,
    class_weights=None,
    scale=1,
    state=None,
    tanh=np.tanh,
):
    """Return what `loss_and_gradients` returns for each window of a batch, the state carried on.

    The windows' losses add up to that of the whole; their gradients to those of a loss in which
    each window's first state is held fixed.

    Parameters
    ----------
    params, x, target, loss, class_weights, scale, tanh
        As for `loss_and_gradients`, with all T steps of the batch.
    length : int
        Steps in a window, at least 1; the last window may be shorter.
    reduction : "sum" or ndarray of shape (T, B), optional
        "sum": add up the windows, and divide once by their counts together. An array holds the
        weights of all terms, such as `reduction_weights` makes for the whole batch: add up the
        windows, and divide no more. The name of a mean is refused: it would be a mean over each
        window alone.
    mask : ndarray, shape (T, B), optional
        1 at a token, 0 in the padding; all are tokens if omitted.
    state : State, optional
        State before the first window; zeros if omitted.

    Returns
    -------
    iterator of LossAndGradients
        A window is run when it is asked for. Its ``state`` is the one that the next window starts
        in; its ``dstate``, the cotangent of the state that it started in, is what truncation drops.

    Raises
    ------
    TypeError, ValueError
        If ``length`` is no integer of at least 1, ``reduction`` is neither "sum" nor an array, or
        an array does not have T steps. When a window is asked for, as `loss_and_gradients`.

    Notes
    -----
    All windows are run with the same parameters: this is for one update at the end. For an update
    after every window call `loss_and_gradients` on each, with ``state=result.state``.

    This is BPTT(h; h') of Williams and Peng (1990), with h = h' = ``length``. To keep the whole
    gradient and still save memory, see `backward_in_segments`.
    """
    length = check_size("length", length)
    if isinstance(reduction, str) and reduction != "sum":
        raise ValueError(
            f"reduction: expected 'sum' or an array of weights, got {reduction!r}, which would be "
            "taken over each window alone; for the whole batch's, pass reduction_weights"
        )
    whole, options = {"x": x, "target": target}, {"loss": loss, "class_weights": class_weights}
    options |= {"scale": scale, "tanh": tanh}
    if mask is not None:
        whole["mask"] = mask
    (options if isinstance(reduction, str) else whole)["reduction"] = reduction
    T = _steps(whole)
    return _windows(params, whole, options, range(0, T, length), state)


def _windows(params, whole, options, firsts, state):
    for first in firsts:
        part = {name: array[first : first + firsts.step] for name, array in whole.items()}
        result = loss_and_gradients(params, **part, **options, state=state)
        state = result.state
        yield result


def _steps(arrays):
    """Return the T that all arrays have."""
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{name}: expected a NumPy array, got {type(array).__name__}")
        wanted = len(arrays["x"]) if arrays["x"].ndim else 0
        if not wanted or not array.ndim or len(array) != wanted:
            steps = f"{wanted} steps, as x has" if wanted else "at least one step"
            raise ValueError(f"{name}: expected {steps}, got shape {array.shape}")
    return wanted
