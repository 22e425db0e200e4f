"""Two ways to solve least squares, each with how errors of the equations reach the solution.

Both take columns of length 1, (m, C), the right side (m,) and the precision of the columns. They
return the solution, a function that gives the spread of its entries for errors of the equations
(``None``: errors of the size 1), the projector on what is told (``None``: all), the condition, the
rank, and what is left over.
"""

import numpy as np


def by_singular_values(unit, y, eps):
    """Solve by singular values; errors of the equations may differ in size."""
    if not unit.shape[1]:
        return np.zeros(0), lambda rest: np.zeros(0), None, np.inf, 0, y
    _, values, right = np.linalg.svd(np.linalg.qr(unit, mode="r"), full_matrices=False)
    kept = values > min(0.1, 8 * eps * np.sqrt(unit.shape[1])) * values[0]
    rank = int(kept.sum())
    back = right[kept] / values[kept, None]  # (r, C)
    U = unit @ back.T
    sums = back.T @ (U.T @ y)
    for _ in range(2):
        sums = sums + back.T @ (U.T @ (y - unit @ sums))
    rest = y - unit @ sums
    levers = np.clip(np.einsum("ij,ij->i", U, U), 0, 1 - 1e-3)

    def spread(rest):
        if rest is None:
            return np.sqrt(np.einsum("ij,ij->j", back, back))
        felt = (U * (rest / (1 - levers))[:, None]) @ back  # (m, C)
        return np.sqrt(np.einsum("ij,ij->j", felt, felt))

    projector = right[kept].T @ right[kept] if rank < unit.shape[1] else None
    condition = float(values[0] / values[kept][-1])
    return sums, spread, projector, condition, rank, rest


def by_normal_equations(unit, y, eps):
    """Solve by the normal equations, improved three times, where the other way takes too long."""
    gram = unit.T @ unit
    count = len(gram)
    try:
        np.linalg.cholesky(gram)
        inverse = np.linalg.inv(gram)
    except np.linalg.LinAlgError:
        inverse = np.full((1, 1), np.inf)
    condition = float(np.sqrt(_one_norm(gram) * _one_norm(inverse)))
    if not condition < 0.1 / np.sqrt(np.finfo(float).eps):
        values, vectors = np.linalg.eigh(gram)
        kept = values > max(1e-12, min(0.01, (8 * eps) ** 2 * count)) * values[-1]
        inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
        projector, rank = vectors[:, kept] @ vectors[:, kept].T, int(kept.sum())
        projector = None if rank == count else projector
        condition = float(np.sqrt(values[-1] / values[kept][0]))
    else:
        projector, rank = None, count
    sums = inverse @ (unit.T @ y)
    for _ in range(3):
        sums = sums + inverse @ (unit.T @ (y - unit @ sums))
    rest = y - unit @ sums
    base = np.sqrt(np.maximum(np.diag(inverse), 0))

    def spread(rest):
        if rest is None:
            return base
        return 2 * base * np.sqrt(rest @ rest / max(len(rest) - rank, 1))

    return sums, spread, projector, condition, rank, rest


def _one_norm(matrix):
    return float(abs(matrix).sum(axis=0).max())
