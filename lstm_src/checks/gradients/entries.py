"""Entries of a gradient, and random directions, beside what the loss says of them."""

import numpy as np

from lstm_src.checks.gradients.probes import probe_of


def at_entries(slopes, claim, indices):
    """Return the probe of some entries."""
    found = np.array([claim.gradient[index] for index in indices], float)
    room = np.array([claim.room[index] for index in indices], float)
    moves = [claim.moves(index) for index in indices]
    top = np.full(len(indices), float(np.abs(claim.gradient).max()))
    return probe_of(slopes, moves, found, top, room, claim.tolerance, together=True)


def along(slopes, claim, directions):
    """Return the probe of some directions, in which every entry has its share."""
    shares = [claim.gradient * d for d in directions]
    found = np.array([float(share.sum()) for share in shares])
    room = np.array([float(np.linalg.norm(claim.room * d)) for d in directions])
    moves = [claim.moves(d) for d in directions]
    norms = np.array([float(np.linalg.norm(share)) for share in shares])
    return probe_of(slopes, moves, found, norms, room, claim.tolerance)


def bisect(slopes, claim, rng):
    """Follow what is wrong along directions down to one entry, halving where it may stand."""
    gradient, places = claim.gradient, np.arange(claim.gradient.size)
    while len(places) > 1:
        halves, off = np.array_split(places, 2), []
        for half in halves:
            where = np.zeros(gradient.size)
            where[half] = 1
            direction = slopes.draw(claim.paths[0], rng, where.reshape(gradient.shape))
            share = gradient * direction
            slope = slopes.along(claim.moves(direction))
            norm = max(float(np.linalg.norm(share)), abs(slope.value))
            gap = abs(float(share.sum()) - slope.value)
            off.append(gap / ((claim.tolerance * norm + slope.uncertain) or 1e-300))
        places = halves[int(np.nanargmax(off)) if np.isfinite(off).any() else 0]
    return places[0]


def index_of(place, array):
    """Return the index of an entry by its place in the flat array."""
    return tuple(int(k) for k in np.unravel_index(place, array.shape))
