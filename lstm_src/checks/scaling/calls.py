"""Calls of a reader's code at one scale after another, and what each call returned or refused."""

from dataclasses import dataclass, field

import numpy as np

from lstm_src.checks.leaves import as_numpy, returned
from lstm_src.checks.trees import named_leaves


@dataclass(frozen=True, eq=False)
class Call:
    """One call: the ``arrays`` by name, or the ``error``; ``memory`` says where the arrays lie.

    ``leaves`` keeps what came alive, so that no later call can be given the same memory by chance.
    """

    scale: object
    arrays: dict | None = None
    error: Exception | None = None
    memory: dict = field(default_factory=dict)
    leaves: dict = field(default_factory=dict)

    @property
    def finite(self):
        """Whether there are arrays, and no NaN or infinity in them."""
        return self.arrays is not None and all(np.isfinite(a).all() for a in self.arrays.values())


def call(gradients, scale, first=None):
    """Call ``gradients(scale)`` and return the `Call`, with an error of the code in it.

    Parameters
    ----------
    gradients : callable
    scale : float or tuple of float
        A tuple for several factors.
    first : dict of str to ndarray, optional
        The arrays of the first call: names, shapes and types that every other must have.

    Raises
    ------
    TypeError, ValueError
        If names, shapes or types are others than at the first call.
    MemoryError
        As the code raises it.
    """
    scales = scale if isinstance(scale, tuple) else (scale,)
    try:
        with np.errstate(all="ignore"):  # leaving the range of numbers is part of the test
            leaves = named_leaves("gradients", returned("gradients", gradients(*scales)))
        arrays = {name: as_numpy(f"gradients: {name}", leaf) for name, leaf in leaves.items()}
    except Exception as error:
        listed = ", ".join(map(repr, scales))
        label = f"scale={listed}" if len(scales) == 1 else listed
        error.add_note(f"audit_scaling called gradients({label})")
        if isinstance(error, MemoryError):
            raise
        return Call(scale, error=error)
    if first is not None:
        _check_same(first, arrays, scale)
    memory = {name: _address(leaf) for name, leaf in leaves.items()}
    return Call(scale, arrays, None, memory, leaves)


def same_memory(calls):
    """Return the names of the arrays that lay at one place in memory at every call."""
    came = [call.memory for call in calls if call.arrays is not None]
    return {
        name
        for name, place in came[0].items()
        if place is not None and all(memory[name] == place for memory in came)
    }


def _address(leaf):
    if hasattr(leaf, "data_ptr"):  # a tensor of PyTorch; a sparse one has no place of its own
        try:
            return leaf.data_ptr() or None
        except RuntimeError:
            return None
    if isinstance(leaf, np.ndarray):
        return leaf.__array_interface__["data"][0]
    return None


def _check_same(first, arrays, scale):
    if arrays.keys() != first.keys():
        changed = ", ".join(sorted(arrays.keys() ^ first.keys()))
        raise ValueError(
            f"gradients({scale!r}): expected the names of the first call, got others: {changed}"
        )
    for name, array in arrays.items():
        if array.shape != first[name].shape or array.dtype != first[name].dtype:
            raise ValueError(
                f"gradients({scale!r}): {name}: expected {first[name].dtype} of shape "
                f"{first[name].shape} as at the first call, got {array.dtype} of {array.shape}"
            )
