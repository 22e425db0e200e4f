"""Gradients got back from an update, (before − after) / lr: how much their numbers can tell."""

import numpy as np

RATES = tuple(digit * 10.0**-k for k in range(12, -1, -1) for digit in (1, 2, 3, 5))
"""Learning rates that are tried, the smallest first: multiples of the right one fit, too."""

ENOUGH, MOST, SAMPLE = 8, 0.9, 4096
"""How many entries must be there, which share must fit, and how many are looked at."""

ODD = 0.2
"""Which share of an update's whole numbers are odd, at least. Numbers of few digits, as of
bfloat16, are whole multiples as well, and hardly ever odd ones."""


def update_grid(arrays, found, rates=()):
    """Return the learning rate of an update that a gradient was got back from, or None.

    What is stored after an update is rounded to the parameter's last digit, so the differences are
    whole numbers of those digits. A gradient that was never an update fits that at no rate.

    Parameters
    ----------
    arrays, found : dict of str to ndarray
        The parameters, in the dtype in which they were updated, and the gradient under test.
    rates : tuple of float, optional
        Rates to try besides `RATES`.
    """
    digits = np.concatenate([np.spacing(np.abs(a)).ravel()[:SAMPLE] for a in arrays.values()])
    numbers = np.concatenate([g.astype(float).ravel()[:SAMPLE] for g in found.values()])
    eps = max(float(np.finfo(g.dtype).eps) for g in found.values())
    read = (numbers != 0) & (digits > 1e-300)
    digits, numbers = digits[read].astype(float), numbers[read]
    for rate in sorted({*rates, *RATES}):
        counts = numbers * rate / digits
        room = 4 * eps * np.abs(counts)
        telling = room < 0.02
        off = np.abs(counts - np.round(counts))[telling]
        fits = (off <= room[telling] + 1e-9) & (np.abs(counts[telling]) > 0.5)
        # After an update across a power of two there are half digits.
        odd = np.round(counts[telling]) % 2 == 1
        many = len(off) >= ENOUGH and telling.mean() > 0.5
        if many and fits.mean() > MOST and odd.mean() > ODD:
            return float(rate)
    return None


def update_room(array, rate):
    """Return how far each entry of a gradient may be off that was got back from an update."""
    return np.spacing(np.abs(array)).astype(float) / rate
