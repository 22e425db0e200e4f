"""A grid of ranks with named axes, and what travels between them: parts, copies, all-reduces.

A value *on the ranks* is an array whose first axes are those of the grid: rank (0, 1) holds
``value[0, 1]``. So an all-reduce over an axis of the grid is a sum over an axis of an array.
"""

from dataclasses import dataclass
from math import prod

import numpy as np

from lstm_src.checks.trees import tree_map
from lstm_src.training.ranks.same import differing, held_on
from lstm_src.validation import check_callable, check_size

OPERATIONS = {"sum": np.sum, "mean": np.mean}
"""What an all-reduce may do, by its name."""


@dataclass(frozen=True, init=False)
class Ranks:
    """A grid of ranks, such as ``Ranks(data=2, context=2)``.

    Parameters
    ----------
    **sizes : int
        How many ranks stand along each axis, by its name, in the order of the arrays' first axes.

    Attributes
    ----------
    names : tuple of str
    shape : tuple of int

    Raises
    ------
    TypeError, ValueError
        If there is no axis, or a size is not an integer of at least 1.
    """

    names: tuple
    shape: tuple

    def __init__(self, **sizes):
        if not sizes:
            raise ValueError("sizes: expected at least one axis, such as data=2, got none")
        object.__setattr__(self, "names", tuple(sizes))
        object.__setattr__(self, "shape", tuple(check_size(k, n) for k, n in sizes.items()))

    def size(self, *axes):
        """Return how many ranks differ in these axes alone; in any, if none is named.

        Parameters
        ----------
        *axes : str

        Returns
        -------
        int

        Raises
        ------
        ValueError
            If an axis is unknown, or named twice.
        """
        return prod(self.shape[k] for k in self._places(axes or self.names))

    def split(self, array, **axes):
        """Return what each rank holds of an array: a part along the axes named, else a copy.

        Parameters
        ----------
        array : ndarray
        **axes : int
            Which axis of the array an axis of the ranks splits. Two may split one: the first of
            the grid cuts it into blocks, the second cuts each block.

        Returns
        -------
        ndarray
            On the ranks.

        Raises
        ------
        TypeError, ValueError
            If an axis is unknown, or the ranks along it do not divide the length.
        """
        array = np.asarray(array)
        parts = self._parts(axes, array.shape)
        held = np.stack([array[part] for part in parts])
        return held.reshape(*self.shape, *held.shape[1:])

    def join(self, value, **axes):
        """Return the array whose parts the ranks hold: the inverse of `split`.

        Parameters
        ----------
        value : array or tree of arrays
            On the ranks.
        **axes : int
            As for `split`. Along the other axes the ranks have to hold the same, up to rounding.

        Returns
        -------
        ndarray or tree of ndarray

        Raises
        ------
        TypeError, ValueError
            If an axis is unknown, or ranks differ that should not: an all-reduce is missing.
        """
        return tree_map(lambda array: self._joined(self._on(array), axes), value)

    def all_reduce(self, value, *axes, op="sum"):
        """Return the sum, or the mean, over some axes, in the hands of every rank.

        Parameters
        ----------
        value : array or tree of arrays
            On the ranks.
        *axes : str
            Ranks that differ in these alone share a sum.
        op : {"sum", "mean"}, optional

        Returns
        -------
        ndarray or tree of ndarray
            On the ranks, in memory of its own.

        Raises
        ------
        ValueError
            If an axis or the operation is unknown, an axis is named twice or none is, or the value
            is not on the ranks.
        """
        if not isinstance(op, str) or op not in OPERATIONS:
            raise ValueError(f"op: expected one of {', '.join(OPERATIONS)}, got {op!r}")
        if not axes:
            raise ValueError(f"axes: expected at least one of {', '.join(self.names)}, got none")
        places = tuple(self._places(axes))

        def reduced(array):
            whole = OPERATIONS[op](self._on(array), axis=places, keepdims=True)
            return np.broadcast_to(whole, np.shape(array)).copy()

        return tree_map(reduced, value)

    def on_each(self, function, *values):
        """Return, on the ranks, what a function makes of what each of them holds.

        Parameters
        ----------
        function : callable
            Takes a rank's share of each value, returns an array or a tree of arrays.
        *values : array or tree of arrays
            On the ranks.

        Returns
        -------
        ndarray or tree of ndarray
            On the ranks.

        Raises
        ------
        TypeError, ValueError
            If the function is none, or a value is not on the ranks.
        """
        check_callable("function", function)
        values = [tree_map(self._on, value) for value in values]
        found = [
            function(*(tree_map(lambda a, k=k: a[k], value) for value in values))
            for k in np.ndindex(*self.shape)
        ]
        return tree_map(
            lambda *arrays: np.reshape(arrays, (*self.shape, *np.shape(arrays[0]))), *found
        )

    def _places(self, axes):
        for name in axes:
            if name not in self.names:
                raise ValueError(f"axes: expected some of {', '.join(self.names)}, got {name!r}")
        if len(set(axes)) < len(axes):
            raise ValueError(f"axes: expected each once, got {', '.join(axes)}")
        return [self.names.index(name) for name in axes]

    def _parts(self, axes, shape):
        """Return, for each rank, the slices of its part of an array of this shape."""
        places, blocks = self._places(axes), {}
        for name, place in sorted(zip(axes, places, strict=True), key=lambda pair: pair[1]):
            axis = check_size(name, axes[name], least=0)
            if axis >= len(shape):
                raise ValueError(f"{name}: expected an axis below {len(shape)}, got {axis}")
            blocks.setdefault(axis, []).append(place)
        for axis, cut in blocks.items():
            count = prod(self.shape[place] for place in cut)
            if shape[axis] % count:
                names = " and ".join(self.names[place] for place in cut)
                raise ValueError(
                    f"array: expected a multiple of {count} ({names}) along axis {axis}, got "
                    f"{shape[axis]}"
                )
        return [self._part(rank, blocks, shape) for rank in np.ndindex(*self.shape)]

    def _part(self, rank, blocks, shape):
        part = [slice(None)] * len(shape)
        for axis, cut in blocks.items():
            sizes = [self.shape[place] for place in cut]
            block = int(np.ravel_multi_index([rank[place] for place in cut], sizes))
            length = shape[axis] // prod(sizes)
            part[axis] = slice(block * length, (block + 1) * length)
        return (*part, ...)  # an array, even where no axis is left

    def _joined(self, value, axes):
        shape = list(value.shape[len(self.shape) :])
        for name, place in zip(axes, self._places(axes), strict=True):
            axis = check_size(name, axes[name], least=0)
            if axis >= len(shape):
                raise ValueError(f"{name}: expected an axis below {len(shape)}, got {axis}")
            shape[axis] *= self.shape[place]
        whole = np.empty(shape, value.dtype)
        held = value.reshape(prod(self.shape), *value.shape[len(self.shape) :])
        for part, own in zip(self._parts(axes, shape), held, strict=True):
            whole[part] = own
        if came := differing(value, self.split(whole, **axes)):
            raise ValueError(
                f"value: expected ranks to hold the same where none of their axes "
                f"({', '.join(axes) or 'none named'}) splits it, got {came}: is an all-reduce "
                "missing?"
            )
        return whole

    def _on(self, value):
        return held_on(self, value)
