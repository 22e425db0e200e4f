"""Terms whose gradients are parallel: the data tell only what they weigh together."""

from collections import deque

import numpy as np


def directions_of(A, norms, eps):
    """Return which direction each column has, with which sign, and the first column of each."""
    close = max(1e-14, 0.5 * (8 * eps) ** 2)
    members, signs, firsts = np.full(len(norms), -1), np.ones(len(norms)), []
    least = eps * norms.max(initial=0.0)
    alive = np.flatnonzero(norms > least)
    if not len(alive):
        return members, signs, np.array([], int)
    # Parallel columns are found among those that a random vector meets at one angle.
    probe = np.random.default_rng(0).standard_normal(len(A)) / np.sqrt(len(A))
    angles = abs(probe @ A[:, alive]) / norms[alive]
    order = alive[np.argsort(angles)]
    angles = np.sort(angles)
    room = 8 * np.sqrt(2 * close / len(A))
    recent = deque()  # the first of each direction, at angles that may be the same
    for place, k in enumerate(order):
        members[k] = k
        while recent and angles[place] - angles[recent[0]] > room:
            recent.popleft()
        for back in reversed(recent):
            other = order[back]
            cosine = float(A[:, k] @ A[:, other] / (norms[k] * norms[other]))
            if 1 - abs(cosine) <= close:
                members[k], signs[k] = other, np.sign(cosine)
                break
        else:
            recent.append(place)
    firsts = np.flatnonzero(members == np.arange(len(members)))
    renamed = np.full(len(members) + 1, -1)
    renamed[firsts] = np.arange(len(firsts))
    return renamed[members], signs, firsts
