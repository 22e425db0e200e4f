"""Sum, count, divide once: what micro-batches, windows and workers add up."""

import operator
from collections.abc import Iterable
from typing import NamedTuple

from lstm_src.checks.trees import named_leaves, tree_map
from lstm_src.training.counts import over, take_count
from lstm_src.validation import check_callable, check_like

UNDIVIDED = "sum"
"""The reduction that leaves the division to `divide_once`."""


class Sums(NamedTuple):
    """A part's ``loss`` and ``gradients``, summed and not divided, and the ``count`` it brings.

    The count is what the whole sum is divided by: tokens for a token mean, class weights for a
    weighted one, sequences for a mean of sequence means.
    """

    loss: object
    gradients: object
    count: object


def sums_of(result):
    """Return the `Sums` of what has a ``loss``, ``gradients`` and a ``count``.

    Parameters
    ----------
    result : LossAndGradients, Sums or the like
        Summed, and not divided: of a `LossAndGradients` that is known.

    Returns
    -------
    Sums

    Raises
    ------
    TypeError
        If it lacks one of them.
    ValueError
        If it says that its terms were weighed already, by a mean or a scale: `divide_once` would
        divide a second time. For weights of your own, make `Sums` of it, with the count that they
        are still to be divided by.
    """
    return take_sums("result", result)


def take_sums(name, result):
    """Return `sums_of` a result; ``name`` is for errors."""
    missing = [field for field in Sums._fields if not hasattr(result, field)]
    if missing:
        raise TypeError(
            f"{name}: expected something with loss, gradients and count, got "
            f"{type(result).__name__}, without {' and '.join(missing)}"
        )
    weighed_by = getattr(result, "weighed_by", UNDIVIDED)
    if weighed_by != UNDIVIDED:
        raise ValueError(
            f"{name}: expected the reduction {UNDIVIDED!r} with the scale 1, got terms weighed by "
            f"{weighed_by!r}: divide_once would divide a second time. To add up terms weighed "
            "otherwise, return Sums(loss, gradients, count) of your own"
        )
    return Sums(*(getattr(result, field) for field in Sums._fields))


def add_sums(one, other):
    """Return two `Sums` added, array by array.

    Parameters
    ----------
    one, other : Sums

    Returns
    -------
    Sums

    Raises
    ------
    TypeError
        If one is no `Sums`.
    ValueError
        If one has an array that the other lacks, or has as None, or in another shape.
    """
    check_like("one", one, Sums)
    check_like("other", other, Sums)
    shapes, others = map(_shapes, (one, other))
    for path in [*shapes, *others]:
        shape, came = (_told(path, each) for each in (shapes, others))
        if shape != came:
            raise ValueError(
                f"parts: expected arrays of one form from every part, got {path} of {shape} and of "
                f"{came}: a part that adds nothing to an array returns zeros"
            )
    return tree_map(operator.add, one, other)


def _shapes(sums):
    """Return the shapes of all leaves by path, None for None."""
    leaves = named_leaves("parts", sums).items()
    return {p: None if a is None else tuple(getattr(a, "shape", ())) for p, a in leaves}


def _told(path, shapes):
    """Return what an array is, as text."""
    shape = shapes.get(path, "")
    return {None: "None", "": "no array"}.get(shape, f"shape {shape}")


def own_sums(result):
    """Return the `Sums` of a step, in memory of its own: the next part may reuse its arrays."""
    return tree_map(_copied, take_sums("step", result))


def _copied(leaf):
    copy = getattr(leaf, "copy", None) or getattr(leaf, "clone", None)
    return leaf if copy is None else copy()


def add_in_pairs(add, parts):
    """Add neighbours, then neighbouring sums, to the last, in an order that only their number sets.

    Parameters
    ----------
    add : callable
        Takes two of them.
    parts : sequence
        At least one.
    """
    parts = list(parts)
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        parts = [add(*pair) for pair in pairs] + parts[len(parts) // 2 * 2 :]
    return parts[0]


def add_up_here(step, params, parts):
    """Return the `Sums` of all parts, one after the other, in this process.

    Parameters
    ----------
    step : callable
        ``step(params, part)`` returns what `sums_of` takes, such as `loss_and_gradients` does with
        the reduction "sum".
    params : tree
    parts : iterable
        Micro-batches, windows, shares of a batch; at least one.

    Returns
    -------
    Sums
        Added in the order of `add_in_pairs`.

    Raises
    ------
    TypeError, ValueError
        If there is no part, or a step returns something else, or what `sums_of` refuses.
    """
    check_callable("step", step)
    parts = take_parts(parts)
    return add_in_pairs(add_sums, [own_sums(step(params, part)) for part in parts])


def divide_once(sums):
    """Return the mean loss and its gradients: the sums over the count.

    Parameters
    ----------
    sums : Sums
        Of all parts together.

    Returns
    -------
    loss : number
    gradients : tree

    Raises
    ------
    TypeError, ValueError
        If the count is no finite number above 0; or as `sums_of`.
    """
    loss, gradients, count = take_sums("sums", sums)
    count = take_count(count)
    return over(loss, count), tree_map(lambda array: over(array, count), gradients)


def take_parts(parts, name="parts"):
    """Return the parts as a list, of at least one."""
    if not isinstance(parts, Iterable):
        raise TypeError(f"{name}: expected several, as in a list, got {type(parts).__name__}")
    parts = list(parts)
    if not parts:
        raise ValueError(f"{name}: expected at least one, got none")
    return parts
