"""Values that training code holds fixed, held fixed in the loss of a check as well."""

import numpy as np

from lstm_src.checks.gradients.arguments import take_params
from lstm_src.checks.trees import named_leaves, tree_map
from lstm_src.validation import check_callable


def held_fixed(loss, params):
    """Return a loss of the parameters alone, in which marked values stay as they are at ``params``.

    Code that detaches a value (``detach``, ``stop_gradient``, ``no_grad``: a truncated window's
    state, a target, the old policy of a ratio) computes the gradient of a loss in which that value
    is a constant. A difference of the plain loss moves it all the same, and calls a right gradient
    wrong.

    Parameters
    ----------
    loss : callable
        ``loss(params, hold)``. It wraps each value that the code holds fixed, an array or a tree of
        arrays, as ``hold(value)``: the same ones in the same order at every call.
    params : tree of arrays
        Where the gradient is checked. The loss is called with NumPy arrays, as `check_gradients`
        does.

    Returns
    -------
    callable
        The function of the parameters, for `check_gradients`.

    Raises
    ------
    TypeError
        If ``loss`` is no function, or never holds anything.
    ValueError
        When it is called, if it holds other values than at first: more, fewer, or of other shapes.

    Examples
    --------
    >>> import numpy as np
    >>> from lstm_src.checks import check_gradients, held_fixed
    >>> def ratio(p, hold):
    ...     return np.exp(p - hold(p)).sum()
    >>> point = np.array([0.3, -1.0])
    >>> check_gradients(held_fixed(ratio, point), point, np.ones(2)).right
    True
    """
    check_callable("loss", loss)
    kept = []
    arrays, rebuild = take_params(params)

    def keep(value):
        kept.append(tree_map(_copied, value))
        return value

    loss(rebuild(arrays), keep)
    if not kept:
        raise TypeError("loss: expected it to hold a value, as hold(value), got none")

    def frozen(at):
        left = iter(kept)

        def recall(value):
            held = next(left, None)
            if held is None or _shapes(value) != _shapes(held):
                came = "one more" if held is None else f"shapes {_shapes(value)}"
                wanted = f"{len(kept)} values" if held is None else f"shapes {_shapes(held)}"
                raise ValueError(f"hold: expected {wanted}, as at first, got {came}")
            return tree_map(_copied, held)

        value = loss(at, recall)
        if (unused := sum(1 for _ in left)) > 0:
            raise ValueError(
                f"hold: expected {len(kept)} values, as at first, got {len(kept) - unused}"
            )
        return value

    return frozen


def _copied(value):
    return value.clone() if hasattr(value, "clone") else np.array(value)


def _shapes(tree):
    return [tuple(np.shape(leaf)) for leaf in named_leaves("hold", tree).values()]
