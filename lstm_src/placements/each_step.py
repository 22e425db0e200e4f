"""A clip inside the backward pass, at every step: by itself no mistake, and not linear."""

from lstm_src.lstm import backward
from lstm_src.placements.rewriting import Variant
from lstm_src.validation import check_above_zero

LAST_GATE = "np.multiply(dh_t, dh_dz_o, out=dz_t[3])"


def clip_each_step(limit):
    """Return the shipped `backward` with the cotangents of all pre-activations clipped by value.

    Parameters
    ----------
    limit : float
        Above 0. At every step each entry of z̄ is moved into the range from ``-limit`` to
        ``limit``, before it is used and handed on. What the cell carries is not clipped.

    Returns
    -------
    Variant
        To be called as `lstm_src.lstm.backward`.

    Raises
    ------
    TypeError, ValueError
        If the limit is not a finite number above 0.

    Notes
    -----
    Graves (2013), section 2.1: the derivatives with respect to what enters the gates' and the
    cell's nonlinearities.
    """
    limit = check_above_zero("limit", limit)
    clip = f"np.clip(dz_t, -{limit!r}, {limit!r}, out=dz_t)"
    return Variant(backward, ((LAST_GATE, f"{LAST_GATE}\n{clip}"),))
