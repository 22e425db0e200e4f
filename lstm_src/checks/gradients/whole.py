"""All arrays of a gradient beside their loss: by which method, and what is to be said besides."""

import numpy as np

from lstm_src.checks.gradients.comparison import Claim
from lstm_src.checks.gradients.groups import compare_all
from lstm_src.checks.gradients.method import choose_slopes, without_complex_step
from lstm_src.checks.gradients.probes import NotAnalytic
from lstm_src.checks.gradients.report import TOLERANCES
from lstm_src.checks.gradients.slopes import (
    COMPLEX,
)
from lstm_src.checks.gradients.ties import as_one, shared
from lstm_src.checks.gradients.updates import update_grid, update_room
from lstm_src.checks.gradients.words import (
    are,
    listed,
)
from lstm_src.checks.gradients.zeros import without_slope
from lstm_src.checks.precision import PRECISIONS


def compare_gradient(point, leaves, found, kinds, counts, most, rng):
    """Compare all arrays.

    Parameters
    ----------
    point : Point
    leaves : dict of str to array
        The parameters as the caller gave them.
    found : dict of str to ndarray
        The gradient under test.
    kinds : dict of str to str
        The precision of each of its arrays.
    counts : dict of str to float
    most : int
        How many evaluations may be taken, but for closer looks.
    rng : numpy.random.Generator

    Returns
    -------
    slopes : Slopes
    checked : dict of str to Comparison
    unread : tuple of str
        The arrays that the loss does not read, though they have a gradient.
    remarks : list of str
    """
    arrays = point.arrays
    slopes = choose_slopes(point, found, rng)
    remarks = []
    rates = tuple(v for name, v in counts.items() if "lr" in name.lower() or "rate" in name.lower())
    rate = update_grid(arrays, found, rates)
    if rate is not None:
        remarks.append(
            f"These numbers are whole multiples of the parameters' last digits over {rate:g}: they "
            "were got back from an update with that learning rate, and tell no more than its "
            "rounding left. Take the gradient itself, or an update with a learning rate of 1."
        )

    def claims(slopes):
        kind = slopes.kind
        if slopes.method == COMPLEX and PRECISIONS[kind] > PRECISIONS["float32"]:
            kind = "float32"  # there are no narrower complex numbers
        own = {
            p: max(TOLERANCES[COMPLEX][kinds[p]], TOLERANCES[slopes.method][kind]) for p in found
        }
        rooms = {p: _room(arrays[p], g, kinds[p], rate) for p, g in found.items()}
        return {p: Claim((p,), g, own[p], rooms[p], PRECISIONS[kinds[p]]) for p, g in found.items()}

    try:
        checked = compare_all(slopes, claims(slopes), most, rng)
    except NotAnalytic as doubt:
        slopes = without_complex_step(slopes, f"{doubt}, the loss is not smooth, or not analytic")
        checked = compare_all(slopes, claims(slopes), most, rng)
    for group in shared(leaves):
        text, joined = as_one(slopes, claims(slopes), checked, group, rng)
        checked |= joined
        remarks.append(text)
    names, stairs = without_slope(slopes, checked, found, rng)
    if stairs:
        remarks.append(
            f"The loss changes when {listed(stairs)} {are(stairs)} moved far, and has no slope "
            "here: it is a staircase (a round, a floor, an argmax). A straight-through estimator "
            "gives it the gradient of another function, which no difference can confirm."
        )
    if names:
        remarks.append(
            f"The loss stays the same, to the last bit, wherever {listed(names)} "
            f"{are(names)} moved: it reads another array than it is given, or holds fixed what "
            "this one enters (detach: see held_fixed)."
        )
    return slopes, checked, names, remarks


def _room(array, gradient, kind, rate):
    """Return how far each entry may be off because its numbers can hold no more."""
    room = np.zeros(gradient.shape)
    if kind == "float16":  # smaller numbers do not exist in it
        room += np.finfo(kind).smallest_subnormal
    return room if rate is None else room + update_room(array, rate)
