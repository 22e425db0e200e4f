"""Read off how much each token weighs in a gradient: one parameter row a token, in a model's place.

Two micro-batches, or two workers, have 3 and 17 tokens. A loop trains a table of logits, a row a
token. Then row k of its gradient is the weight of token k times `slopes()[k]`, the derivative of
that token's own loss. NumPy alone.
"""

from fractions import Fraction

import numpy as np

COUNTS, CLASSES = (3, 17), 4
N = sum(COUNTS)
PART = np.repeat((0, 1), COUNTS)
"""The micro-batch, or worker, of each token."""

TABLE = np.random.default_rng(0).standard_normal((N, CLASSES)).round(2).astype(np.float32)
LABELS = np.arange(N) % CLASSES

MEANS = {"token mean": np.full(N, 1 / N), "mean of means": 1 / (2 * np.array(COUNTS)[PART])}


def parallel(a, b):
    """Say whether a factor makes two arrays equal, to rounding."""
    a, b = np.ravel(a), np.ravel(b)
    return abs(a @ b) > (1 - 1e-9) * np.sqrt((a @ a) * (b @ b))


def slopes(table=TABLE, labels=LABELS):
    """Return the derivative of each token's cross-entropy by its logits, (N, CLASSES)."""
    raised = np.exp(table - table.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True) - np.eye(table.shape[1])[labels]


def weights(gradient, terms=None, tolerance=1e-5):
    """Return the weight of each token in a gradient.

    Parameters
    ----------
    gradient : array_like, (M, CLASSES)
        By the table; rows after those of the terms belong to padding.
    terms : ndarray, (K, CLASSES), optional
        The derivative of each token's own loss; `slopes()` if omitted.

    Returns
    -------
    ndarray, (K,)

    Raises
    ------
    ValueError
        If a row is no multiple of its term, or padding has a gradient.
    """
    gradient = np.asarray(gradient, dtype=float)
    terms = slopes() if terms is None else terms
    found = (gradient[: len(terms)] * terms).sum(axis=1) / (terms * terms).sum(axis=1)
    left = gradient.copy()
    left[: len(terms)] -= found[:, None] * terms
    if not abs(left).max() <= tolerance * abs(found).max():
        raise ValueError(f"gradient: expected multiples of the terms, got rest {abs(left).max()}")
    return found


def named(found, tolerance=1e-4):
    """Return the mean whose weights these are, with the factor that stands on it.

    Returns
    -------
    str
        Such as "token mean" or "1/2 of the mean of means".

    Raises
    ------
    ValueError
        If they are those of neither mean.
    """
    for name, mean in MEANS.items():
        ratios = found / mean
        factor = Fraction(float(ratios.mean())).limit_denominator(100)
        if factor and np.allclose(ratios, float(factor), rtol=tolerance, atol=0):
            return name if factor == 1 else f"{factor} of the {name}"
    raise ValueError(f"found: expected the weights of a mean, got {found.tolist()}")
