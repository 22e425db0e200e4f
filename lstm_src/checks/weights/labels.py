"""What is known of the terms: what they are grouped by, which are padding, what they count."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

LABELS = {
    "sequence": "sequence",
    "micro_batch": "micro-batch",
    "worker": "worker",
    "step": "step",
    "window": "window",
    "loss": "loss",
    "class": "class",
}
"""What terms may be grouped by, and its word."""

NUMBERS = ("padding", "tokens", "class_weight")
"""What else may be said of each term: whether it is padding, how many tokens it sums, its weight"""


@dataclass(frozen=True, eq=False)
class Labels:
    """What is known of the K terms.

    ``codes`` holds integers (K,) by key, ``names`` what they stand for; ``padding`` booleans,
    ``tokens`` and ``class_weight`` (None if not given) numbers of shape (K,).
    """

    padding: np.ndarray
    tokens: np.ndarray
    class_weight: np.ndarray | None = None
    codes: dict = field(default_factory=dict)
    names: dict = field(default_factory=dict)
    given: tuple = ()

    def __len__(self):
        """Return the number of terms."""
        return len(self.padding)

    def groups(self, key):
        """Return codes (K,) and what the groups are called, of a key or of several at once."""
        keys = (key,) if isinstance(key, str) else key
        found, codes = np.unique([self.codes[k] for k in keys], axis=1, return_inverse=True)
        words = [
            ", ".join(f"{LABELS[k]} {self.names[k][c]}" for k, c in zip(keys, at, strict=True))
            for at in found.T
        ]
        return codes.ravel(), words


def check_groups(groups):
    """Return groups as a dict whose values can be counted; `take_groups` says what may be wrong."""
    if groups is None:
        return {}
    if not isinstance(groups, Mapping):
        raise TypeError(f"groups: expected a dict of labels, got {type(groups).__name__}")
    found = {}
    for key, values in groups.items():
        if key not in (*LABELS, *NUMBERS):
            known = ", ".join((*LABELS, *NUMBERS))
            raise ValueError(f"groups: expected keys among {known}, got {key!r}")
        found[key] = _array(key, values)
    return found


def take_groups(groups, count):
    """Return `Labels` of ``count`` terms.

    Raises
    ------
    TypeError, ValueError
        If a key is none of `LABELS` and `NUMBERS`, or there is not one entry for each term.
    """
    groups = check_groups(groups)
    codes, names, numbers = {}, {}, {}
    for key, values in groups.items():
        if values.shape != (count,):
            raise ValueError(
                f"groups[{key!r}]: expected one entry for each of {count} terms, got shape "
                f"{values.shape}"
            )
        if key in LABELS:
            names[key], codes[key] = _codes(key, values)
        else:
            numbers[key] = _numbers(key, values)
    padding = numbers.get("padding", np.zeros(count)).astype(bool)
    if padding.all():
        raise ValueError("groups['padding']: expected at least one term besides, got padding alone")
    if "class_weight" in numbers and not (numbers["class_weight"] * ~padding).any():
        raise ValueError("groups['class_weight']: expected one above 0 at least, got 0 alone")
    tokens = numbers.get("tokens", np.ones(count))
    return Labels(padding, tokens, numbers.get("class_weight"), codes, names, tuple(groups))


def _array(key, values):
    """Return labels as an array, whatever holds them."""
    if hasattr(values, "detach"):  # a tensor of PyTorch, perhaps on another device
        values = values.detach().cpu()
    elif isinstance(values, Iterator):
        values = list(values)
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"groups[{key!r}]: expected one entry for each term: {error}") from error


def _codes(key, values):
    """Return the names of the labels, sorted, and for each term which one it has."""
    try:
        found, codes = np.unique(values, return_inverse=True)
    except TypeError as error:
        raise TypeError(
            f"groups[{key!r}]: expected numbers or names, got "
            f"{', '.join(sorted({type(value).__name__ for value in values.tolist()}))}"
        ) from error
    if values.dtype.kind in "fc" and not np.isfinite(values).all():
        raise ValueError(f"groups[{key!r}]: expected finite numbers or names, got {found[-1]}")
    return tuple(str(name) for name in found), codes


def _numbers(key, values):
    if values.dtype.kind not in "biuf":
        raise TypeError(f"groups[{key!r}]: expected numbers, got {values.dtype}")
    values = values.astype(float)
    if key == "padding" and not np.isin(values, (0, 1)).all():
        raise ValueError("groups['padding']: expected 0 and 1 alone")
    least = 0 if key == "class_weight" else 1
    if key != "padding" and not (np.isfinite(values) & (values >= least)).all():
        hint = ": leave a term of no tokens out" if key == "tokens" else ""
        raise ValueError(f"groups[{key!r}]: expected finite numbers of at least {least}{hint}")
    return values
