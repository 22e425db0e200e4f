"""The gradients of the terms as columns of one matrix, projected at random where they are long."""

from dataclasses import dataclass, replace

import numpy as np

from lstm_src.checks.gradients.noise import PRECISIONS

ENTRIES = 20_000_000
"""How many numbers the matrix may hold before parameters are projected."""

LARGEST = 200_000_000
"""How many it may hold at all: 1.6 GB, three times over while weights are solved for."""

RANGE = 1e150
"""How much larger than the terms a gradient may be, so that its square is a number of float64."""

LEAST = 1e-120
"""How small beside the terms it may be, so that the square of its rounding is one."""

DUST = 64
"""Last places of the largest array below which another array is nothing but rounding."""


@dataclass(frozen=True, eq=False)
class Columns:
    """The terms as columns.

    ``matrix`` (m, K) and ``target`` (m,) are in float64, each array divided by its own size,
    ``scales``, so that all count alike; ``slices`` are their rows by path. ``kind`` names the
    coarsest precision of all, ``terms_kind`` that of the terms, ``parameters`` is their number,
    ``projected`` says whether rows are random sums of them, ``length`` is that of the gradient.
    """

    matrix: np.ndarray
    target: np.ndarray
    slices: dict
    scales: dict
    kind: str
    terms_kind: str
    parameters: int
    projected: bool
    length: float

    @property
    def eps(self):
        """Machine epsilon of the coarsest array."""
        return PRECISIONS[self.kind]

    @property
    def terms_eps(self):
        """Machine epsilon of the coarsest array of the terms."""
        return PRECISIONS[self.terms_kind]

    def only(self, paths):
        """Return the same of some arrays."""
        rows = np.concatenate([np.arange(*self.slices[p].indices(len(self.target))) for p in paths])
        slices, start = {}, 0
        for path in paths:
            size = self.slices[path].stop - self.slices[path].start
            slices[path] = slice(start, start + size)
            start += size
        return replace(self, matrix=self.matrix[rows], target=self.target[rows], slices=slices)


def columns_of(gradient, kind, count, term, rng):
    """Return the `Columns` of all terms; one term at a time is in memory.

    Parameters
    ----------
    gradient : dict of str to ndarray
    kind : str
        Its precision.
    count : int
        K.
    term : callable
        Returns the arrays of term k, and their precision.
    rng : numpy.random.Generator
        Draws the signs with which parameters are added, where there are too many.
    """
    sizes = {path: array.size for path, array in gradient.items()}
    total = sum(sizes.values())
    most = _most(count)
    rows = {p: n if total <= most else min(n, max(64, most * n // total)) for p, n in sizes.items()}
    signs = {p: _signs(rng, n) for p, n in sizes.items() if rows[p] < n}
    slices, start = {}, 0
    for path, size in rows.items():
        slices[path] = slice(start, start + size)
        start += size

    def column(arrays):
        return np.concatenate([_short(a, rows[p], signs.get(p)) for p, a in arrays.items()])

    matrix = np.empty((count, start))
    kinds = set()
    for k in range(count):
        arrays, found = term(k)
        kinds.add(found)
        matrix[k] = column({path: arrays[path] for path in gradient})
    target = column(gradient)
    top = float(max(matrix.max(), -matrix.min())) or 1.0
    check_range(float(abs(target).max()), top)
    terms_kind = max(kinds, key=PRECISIONS.__getitem__)
    coarsest = max((kind, terms_kind), key=PRECISIONS.__getitem__)
    matrix /= top  # squares stay within the range of numbers
    target /= top
    scales = _scales(matrix, slices, PRECISIONS[coarsest])
    for path, rows_of in slices.items():
        matrix[:, rows_of] /= scales[path]
        target[rows_of] /= scales[path]
    scales = {path: size * top for path, size in scales.items()}
    length = length_of(gradient.values())
    return Columns(
        matrix.T, target, slices, scales, coarsest, terms_kind, total, bool(signs), length
    )


def check_count(gradient, count):
    """Refuse more terms than memory has room for, before anything of their number is made.

    Parameters
    ----------
    gradient : dict of str to ndarray
    count : int
        K.
    """
    if count * min(sum(array.size for array in gradient.values()), _most(count)) > LARGEST:
        raise ValueError(
            f"terms: expected fewer, got {count:,}, for which least squares takes too much memory: "
            "add the terms of a group up, pass these sums, and say in groups['tokens'] how many "
            "tokens each holds"
        )


def _most(count):
    """Return the number of rows beyond which parameters are projected."""
    return max(2 * count + 2000, ENTRIES // count)


def check_range(largest, top, terms="terms"):
    """Refuse numbers that cannot be held against each other in float64.

    Parameters
    ----------
    largest, top : float
        The largest numbers of the gradient, and of the terms or slopes.
    terms : str, optional
        What these are called.
    """
    if not np.isfinite(top):
        raise ValueError(f"{terms}: expected numbers that float64 can hold, got larger ones")
    if not np.isfinite(largest) or largest > RANGE * (top or 1.0):
        raise ValueError(
            f"gradient: expected numbers of at most {RANGE:.0e} times those of the {terms}, "
            f"{top:.0e}, got {largest:.0e}"
        )
    if 0 < largest < LEAST * top:
        raise ValueError(
            f"gradient: expected 0, or numbers of at least {LEAST:.0e} times those of the {terms}, "
            f"{top:.0e}, got {largest:.0e}"
        )


def length_of(arrays):
    """Return the norm of several arrays together."""
    top = max(float(np.abs(a).max()) for a in arrays) or 1.0
    return top * float(np.sqrt(sum(((a.astype(float) / top) ** 2).sum() for a in arrays)))


def _scales(matrix, slices, eps):
    """Return the root mean square of each array over all terms, not below what is rounding."""
    sizes = {}
    for path, rows in slices.items():
        block = matrix[:, rows]
        sizes[path] = float(np.sqrt(np.mean([np.mean(line * line) for line in block])))
    largest = max(sizes.values())
    return {path: max(size, DUST * eps * largest) or 1.0 for path, size in sizes.items()}


def _signs(rng, size):
    return rng.integers(0, 2, size, dtype=np.int8) * np.int8(2) - np.int8(1)


def _short(array, rows, signs):
    """Return an array as ``rows`` numbers: each the sum of every so many entries, with signs."""
    flat = array.ravel()
    if signs is None:
        with np.errstate(over="ignore"):  # infinity is refused later
            return flat.astype(float)
    whole = len(flat) // rows * rows
    signed = flat * signs
    short = signed[:whole].reshape(-1, rows).sum(axis=0, dtype=float)
    short[: len(flat) - whole] += signed[whole:]
    return short
