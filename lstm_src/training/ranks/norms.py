"""One norm over shards, and the clip that takes it: each parameter counts once."""

from collections.abc import Mapping

import numpy as np

from lstm_src.checks.trees import named_leaves, tree_map
from lstm_src.training.clipping import shortened
from lstm_src.training.ranks.grid import Ranks
from lstm_src.training.ranks.same import differing, held_on
from lstm_src.validation import check_above_zero, check_like, check_names


def norm_on_ranks(ranks, gradients, split):
    """Return the norm of the whole gradient, in the hands of every rank.

    Parameters
    ----------
    ranks : Ranks
    gradients : tree of floating-point ndarray
        On the ranks. ``None`` is a parameter that is left out.
    split : dict of str to tuple of str
        For each array of the gradients, by its path, the axes along which it is split. Along the
        others every rank holds a copy, which is counted once.

    Returns
    -------
    ndarray
        On the ranks.

    Raises
    ------
    TypeError, ValueError
        If an array or an axis is missing, or one too many; if an entry is no finite floating-point
        number; or if what should be copies differs.
    """
    largest, root = _norm(ranks, gradients, split)
    return largest * root


def _norm(ranks, gradients, split):
    """Return the norm as two factors: the largest entry, and a root in the hands of every rank."""
    arrays = _arrays(ranks, gradients, split)
    wide = np.result_type(np.float64, *arrays.values())
    largest = max(wide.type(abs(array).max(initial=0)) for array in arrays.values())
    largest, total = largest or wide.type(1), np.zeros(ranks.shape, wide)
    for path, array in arrays.items():
        inner = tuple(range(len(ranks.shape), array.ndim))
        squares = np.square(array / largest, dtype=wide).sum(axis=inner)
        axes = _axes(path, split)
        total = total + (ranks.all_reduce(squares, *axes) if axes else squares)
    return largest, np.sqrt(total)


def _axes(path, split):
    return sorted(check_names(f"split[{path!r}]", split[path]))


def _arrays(ranks, gradients, split):
    """Return the arrays of a tree by their paths, whose copies are copies."""
    check_like("ranks", ranks, Ranks)
    if not isinstance(split, Mapping):
        raise TypeError(f"split: expected a dict of axes by path, got {type(split).__name__}")
    leaves = named_leaves("gradients", gradients)
    arrays = {path: np.asarray(leaf) for path, leaf in leaves.items() if leaf is not None}
    if set(split) != set(arrays):
        raise ValueError(f"split: expected {', '.join(arrays)}, got {', '.join(split)}")
    for path, array in arrays.items():
        if array.dtype.kind != "f":
            raise TypeError(f"gradients: {path}: expected floating-point, got {array.dtype}")
        held_on(ranks, array, f"gradients: {path}")
        if not np.isfinite(array).all():
            bad = array[~np.isfinite(array)][0]
            raise ValueError(f"gradients: {path}: expected finite numbers, got {bad}")
        axes = _axes(path, split)
        ranks.size(*axes)  # knows them
        one = tuple(slice(None) if name in axes else slice(1) for name in ranks.names)
        if came := differing(array, array[one]):
            raise ValueError(
                f"gradients: {path}: expected copies on the ranks along the axes that split leaves "
                f"out, got {came}: is an all-reduce missing?"
            )
    return arrays


def clip_on_ranks(ranks, gradients, split, limit):
    """Shorten the gradient, all shards together, to the norm ``limit`` if it is longer.

    Parameters
    ----------
    ranks, gradients, split
        As for `norm_on_ranks`.
    limit : float
        Above 0; infinite for no clip.

    Returns
    -------
    tree of ndarray
        On the ranks, in the types of the gradients: the shards of what `clip_by_norm` makes of the
        whole gradient.

    Raises
    ------
    TypeError, ValueError
        As `norm_on_ranks`, and if the limit is not a number above 0.
    """
    limit = check_above_zero("limit", limit, infinite=True)
    largest, root = _norm(ranks, gradients, split)

    def own(array):
        array = np.asarray(array)
        by_rank = root.reshape(root.shape + (1,) * (array.ndim - root.ndim))
        return shortened(array, limit, largest, by_rank)

    return tree_map(own, gradients)
