"""What each loss term's part of the weights' gradient is, and in which powers of the factor."""

import numpy as np

from lstm_src.lstm import forward, init_params
from lstm_src.placements.mistakes import MISTAKES
from lstm_src.placements.right import PLACEMENTS
from lstm_src.structures import tape_between
from lstm_src.training.losses import squared_error
from lstm_src.training.tasks import running_minimum

CHOICES = {
    "on the loss": PLACEMENTS["on_the_loss"],
    "on each gradient that enters": PLACEMENTS["on_entry"],
    "at the end": PLACEMENTS["at_the_end"],
    "again at every step": MISTAKES["every_step"],
    "on all terms but the last": MISTAKES["last_term_unscaled"],
}
"""The places for the factor among which a reader chooses, by the words of the choice."""

STEPS = range(2, 7)
"""The lengths among which a reader chooses."""

ROUNDING = 1e-13
"""A part no longer than this is none: the true gradient has length 1."""


def parts_by_power(place, params, tape, dh):
    """Split the weights' gradient by the loss term it came from, and by the factors that it met.

    Parameters
    ----------
    place : callable
        ``place(params, tape, dh, scale=s)`` returns Gradients, such as the entries of
        `lstm_src.placements.right.PLACEMENTS` and `lstm_src.placements.mistakes.MISTAKES`.
    params, tape, dh
        As for `lstm_src.lstm.backward`, in a real dtype; ``dh`` are the undivided cotangents.

    Returns
    -------
    ndarray, shape (T, T + 1)
        Entry ``[t, m]`` is what the loss term of step t adds to the gradient after it met the
        factor m times: the length of that part along the true gradient, which has length 1. All
        entries add up to 1 if no term is lost.

    Raises
    ------
    TypeError, ValueError
        As ``place``.

    Notes
    -----
    For one loss term, every gradient is a polynomial in the factor, of a degree of at most T. Its
    values at T + 1 points of the unit circle are the discrete Fourier transform of its
    coefficients, so the inverse transform returns them, exactly but for rounding.
    """
    T = len(dh)
    params, tape = (type(tree)(*(leaf.astype(complex) for leaf in tree)) for tree in (params, tape))
    circle = np.exp(2j * np.pi * np.arange(T + 1) / (T + 1))

    def gradient(u, scale):
        return np.concatenate([leaf.ravel() for leaf in place(params, tape, u, scale=scale).params])

    terms = np.eye(T)[:, :, None, None] * dh.astype(complex)  # the cotangents of one term each
    values = np.array([[gradient(u, s) for s in circle] for u in terms])
    found = np.fft.fft(values, axis=1).real / (T + 1)
    true = PLACEMENTS["at_the_end"](params, tape, dh.astype(complex))
    true = np.concatenate([leaf.ravel() for leaf in true.params]).real
    return found @ true / (true @ true)


def parts_table(choices=None, *, digits=6):
    """Tell every part of every choice, for one LSTM and its first T steps.

    Parameters
    ----------
    choices : mapping of str to callable, optional
        Places for the factor by the words of the choice; `CHOICES` if omitted.
    digits : int, optional
        Digits after the point.

    Returns
    -------
    list of dict
        ``choice``, ``T``, ``term`` (counted from 1), ``power`` and ``size``, for the parts of
        `parts_by_power` that are not zero.
    """
    choices = CHOICES if choices is None else choices
    params, tape, dh = _example()
    rows = []
    for choice, place in choices.items():
        for T in STEPS:
            sizes = parts_by_power(place, params, tape_between(tape, 0, T), dh[:T])
            for t, power in np.argwhere(abs(sizes) > ROUNDING).tolist():
                row = {"choice": choice, "T": T, "term": t + 1, "power": power}
                rows.append(row | {"size": round(float(sizes[t, power]), digits)})
    return rows


def _example():
    """Return the figure's run of the LSTM on one sequence.

    With most seeds some part is negative, and its bar would run backwards over the others. With
    this one, and 7 more of the first 100, none is; the powers are the same with all.
    """
    rng = np.random.default_rng(43)
    x, target = running_minimum(STEPS[-1], 1, 3, rng)
    params = init_params(3, 3, rng)
    run = forward(params, x)
    return params, run.tape, squared_error(run.h, target).cotangent
