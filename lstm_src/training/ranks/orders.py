"""Orders in which an all-reduce adds up: one sum in exact arithmetic, other last bits in floats.

Every partial sum is rounded to the type of the parts, as where it is sent on in that type.
"""

import numpy as np

from lstm_src.validation import check_layout


def add_in_turn(parts):
    """Add up what the ranks hold, one after the other.

    Parameters
    ----------
    parts : ndarray, shape (ranks, ...)
        One array for each rank; it may hold infinities and NaN.

    Returns
    -------
    ndarray
        Their sum, of the shape and the type of one.

    Raises
    ------
    TypeError, ValueError
        If it is no array of floating-point numbers, complex numbers or objects, or an axis is
        empty.
    """
    flat, shape = _flat(parts)
    total = flat[0].copy()
    for part in flat[1:]:
        np.add(total, part, out=total)
    return total.reshape(shape)


def add_by_ring(parts):
    """Add up what the ranks hold as a ring does: every chunk begins at another rank.

    The entries are cut into as many chunks as there are ranks. The sum of chunk k begins at rank k,
    which hands it on to the next one, and so around.

    Parameters
    ----------
    parts : ndarray, shape (ranks, ...)
        As for `add_in_turn`.

    Returns
    -------
    ndarray
        Their sum, of the shape and the type of one.

    Raises
    ------
    TypeError, ValueError
        As `add_in_turn`.

    Notes
    -----
    The reduce-scatter of Patarasuk and Yuan (2009). What follows it copies, and rounds nothing.
    """
    flat, shape = _flat(parts)
    ranks, entries = len(flat), np.arange(flat.shape[1])
    first = entries * ranks // len(entries)
    total = flat[first, entries]
    for k in range(1, ranks):
        np.add(total, flat[(first + k) % ranks, entries], out=total)
    return total.reshape(shape)


def add_by_tree(parts):
    """Add up what the ranks hold in pairs, then the pairs in pairs, and so on.

    Parameters
    ----------
    parts : ndarray, shape (ranks, ...)
        As for `add_in_turn`.

    Returns
    -------
    ndarray
        Their sum, of the shape and the type of one.

    Raises
    ------
    TypeError, ValueError
        As `add_in_turn`.

    Notes
    -----
    A number passes through log₂ W sums instead of W - 1: the pairwise summation of Higham (2002),
    section 4.1. One that is left over waits for the next round.
    """
    flat, shape = _flat(parts)
    while len(flat) > 1:
        pairs = flat[: len(flat) // 2 * 2]
        flat = np.concatenate([pairs[::2] + pairs[1::2], flat[len(pairs) :]])
    return flat[0].copy().reshape(shape)


def _flat(parts):
    """Return the parts as (ranks, entries), and the shape of one."""
    sizes = [f"n{k}" for k in range(1, getattr(parts, "ndim", 1))]
    check_layout("parts", parts, ("ranks", *sizes))
    return parts.reshape(len(parts), -1), parts.shape[1:]
