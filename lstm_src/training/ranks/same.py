"""Whether a value lies on the ranks, and whether ranks hold the same, up to rounding."""

import numpy as np


def differing(found, wanted):
    """Return in words how two arrays differ by more than rounding; "" if they do not.

    Parameters
    ----------
    found, wanted : ndarray
        Of one type, and of shapes that broadcast. What is not finite in both alike is the same.
    """
    same = np.asarray(found == wanted, bool) | np.asarray((found != found) & (wanted != wanted))
    if same.all():
        return ""
    if found.dtype.kind not in "fcO":
        return f"{np.count_nonzero(~same)} entries that differ"
    found, wanted = np.broadcast_arrays(found, wanted)
    exact = found.dtype.hasobject
    if not exact and not (np.isfinite(found) & np.isfinite(wanted))[~same].all():
        return "entries that are not finite on some of them alone"
    rounding = 1e-12 if exact else np.finfo(found.dtype).eps ** 0.75
    finite = np.ones(wanted.shape, bool) if exact else np.isfinite(wanted)
    gap, size = abs(found - wanted)[~same].max(), abs(wanted[finite]).max()
    return f"entries {float(gap):.3g} apart" if gap > rounding * size else ""


def held_on(ranks, value, name="value"):
    """Return a value as an array, whose first axes have to be those of the ranks.

    Raises
    ------
    ValueError
        Naming the value.
    """
    array = np.asarray(value)
    if array.shape[: len(ranks.shape)] != ranks.shape:
        grid = ", ".join(f"{k} {n}" for k, n in zip(ranks.names, ranks.shape, strict=True))
        raise ValueError(
            f"{name}: expected the first axes to be those of the ranks ({grid}), got shape "
            f"{array.shape}"
        )
    return array
