"""How a loss rounds: how far its value may be off, and whether a cast inside is coarser.

The noise is read from differences of third order over steps so short that nothing else
is left in them (Hamming 1962; Moré and Wild 2011). A cast shows as steps too short to be noticed.
"""

import numpy as np

from lstm_src.checks.precision import PRECISIONS

FLOOR, SIGMAS = 2.0, 4.0
"""The least noise, in last places of the loss, and how many standard deviations count."""

GRIDS = {"float32": 2.0**-30, "bfloat16": 2.0**-13}
"""A step of this relative length that is not noticed tells of a cast to that type, or a coarser."""

DIGITS = {"float32": 24, "float16": 11, "bfloat16": 8}
"""Numbers of a type are apart by about a half to the power of this, relative to their size."""

FAR_GRIDS, PLACES, TRIMMED = 32, 8, 3
"""A step of so many numbers of a type is long for it; how many short ones are taken within it; all
but the last two of them, sorted, tell how far they differ."""

LONGEST = 0.02
"""The longest step that is tried."""

POINTS, SEEN = 4, 6
"""Values on each side of a line, and how many of the changes between them must not be 0."""


def measure(lines, here, kind):
    """Measure the noise along some lines.

    Parameters
    ----------
    lines : list of tuples of callable
        Each maps a distance, relative to the size of what is moved, to the loss; those of a tuple
        move the same arrays.
    here : float
        The loss at 0.
    kind : str
        The precision that the loss claims.

    Returns
    -------
    noise : float
    kind : str
        The precision that it shows.
    """
    shown = "float32" if kind == "float64" and _of_few_digits(lines, here) else kind
    noise, coarsest = FLOOR * PRECISIONS[shown] * abs(here), 0.0
    for alike in lines:
        seen = [_first_seen(line, here, PRECISIONS[kind]) for line in alike]
        coarsest = max(coarsest, min(unseen for _, unseen in seen))
        for line, (step, _) in zip(alike, seen, strict=True):
            if step is None:
                noise = max(noise, FLOOR * PRECISIONS[kind] * _far(line, here))
                continue
            own = SIGMAS * _deviation(_values(line, here, step))
            own = max(own, FLOOR * PRECISIONS[kind] * abs(here))
            noise = max(noise, own)
            if step < GRIDS["float32"]:  # a part of the loss may round more than the rest
                noise = max(noise, SIGMAS * _rough(line, here, step))
            if line is alike[0] or len(lines) == 1:
                name, jump = _hidden_part(line, step, own) or (shown, 0.0)
                noise, shown = max(noise, SIGMAS * jump), max(name, shown, key=PRECISIONS.get)
    for name, grid in GRIDS.items():
        if coarsest >= grid and PRECISIONS[name] > PRECISIONS[shown]:
            shown = name
    return max(noise, PRECISIONS[shown] * abs(here) * FLOOR), shown


def _first_seen(line, here, eps):
    """Return the shortest step that changes the loss, and the longest that should and does not.

    A step that is smaller than the grid of a cast changes some values and not others, so the
    changes along the line are of all sizes. At a kink they are of two.
    """
    slope = (line(LONGEST) - line(-LONGEST)) / (2 * LONGEST)
    slope = abs(slope) if np.isfinite(slope) else 0.0
    step, seen, unseen = 64 * eps, None, 0.0
    while step <= LONGEST:
        quiet = seen is None and line(POINTS * step) == here == line(-POINTS * step)
        moves = np.zeros(2 * POINTS) if quiet else np.diff(_values(line, here, step))
        if seen is None and np.count_nonzero(moves) >= SEEN:
            seen = step
        if seen is not None and _smooth(moves, slope * step):
            break
        if slope * step > 64 * eps * abs(here):
            unseen = step
        elif seen is not None and slope * LONGEST <= 64 * eps * abs(here):
            break  # all that moves is rounding
        step *= 8
    if unseen:
        short = min(unseen, max(64 * eps, 1024 * eps * abs(here) / slope))
        if _smooth(np.diff(_values(line, None, short, LONGEST / 2)), slope * short):
            unseen = 0.0  # the loss is flat here, and beside it not: that is no cast
    return seen, unseen


def _smooth(moves, usual):
    """Tell whether the loss moves evenly from step to step, not by a few small entries alone."""
    jumps = np.abs(np.diff(moves)) > np.abs(moves).max() / 4
    return np.count_nonzero(jumps) <= 1 and abs(moves.mean()) >= usual / 16


def _values(line, here, step, start=0.0):
    steps = range(-POINTS, POINTS + 1)
    return np.array([line(start + k * step) if k or start else here for k in steps], float)


def _deviation(values):
    """Return the standard deviation of the noise, from the smaller half of the differences.

    A kink spoils three of six.
    """
    third = np.sort(np.abs(np.diff(values, 3)))[POINTS - 2]
    return float(third / np.sqrt(20) / 0.5) if np.isfinite(third) else 0.0


def _hidden_part(line, least, noise):
    """Return the type to which a part of the loss is cast, and its jumps, or None.

    Between two numbers of that type the part stands still, and only the rest moves. So the slopes
    of short steps do not add up to that of long ones, and somewhere in between the loss jumps.
    """
    short = max(least, 2.0**-34)
    for name, digits in DIGITS.items():
        far = FAR_GRIDS * 2.0**-digits
        if short > 2.0 ** -(digits + 4):
            continue
        whole = [(line(t) - line(-t)) / (2 * t) for t in (far, 2 * far)]
        places = np.linspace(-far, far, PLACES)
        local = np.array([(line(t + short) - line(t - short)) / (2 * short) for t in places])
        if not (np.isfinite(whole).all() and np.isfinite(local).all()):
            continue
        error = abs(whole[1] - whole[0]) + 4 * noise / short
        near = float(np.median(local))
        if abs(whole[0] - near) > error + np.sort(np.abs(local - near))[-TRIMMED] / 4:
            jump = _jump(line, near, far, short)
            if jump > 16 * noise + 64 * short * np.abs([*whole, near]).max():
                return name, jump
    return None


def _jump(line, near, far, short):
    """Return by how much the loss jumps where it leaves the slope of short steps most."""
    ends = [(-far, line(-far)), (far, line(far))]
    while ends[1][0] - ends[0][0] > short:
        middle = (ends[0][0] + ends[1][0]) / 2
        middle = middle, line(middle)
        halves = (ends[0], middle), (middle, ends[1])
        off = [abs(b[1] - a[1] - near * (b[0] - a[0])) for a, b in halves]
        ends = halves[int(off[1] > off[0])]
    return abs(ends[1][1] - ends[0][1])


def _of_few_digits(lines, here):
    """Tell whether all values of a loss are numbers of float32, and none of them round ones."""
    values = {here} | {alike[0](t) for alike in lines for t in (-1.0, -0.25, 0.25, 1.0)}
    values = np.array([v for v in values if np.isfinite(v) and abs(v) < 1e38])
    fits = values == values.astype(np.float32)
    round_ones = np.frexp(values)[0] * 2.0**16 % 1 == 0
    return bool(fits.all()) and not round_ones.any()


def _far(line, here):
    """Return the largest size of the loss some way off: it may be made of numbers of that size."""
    found = [abs(here), *(abs(line(t)) for t in (-1.0, -0.25, 0.25, 1.0))]
    return max((value for value in found if np.isfinite(value)), default=0.0)


def _rough(line, here, least):
    """Return the deviation over steps as long as the digits of float32, as far as it is noise.

    What shrinks with the step is no noise but the loss itself, as near a pole or an edge.
    """
    step = 64 * GRIDS["float32"]
    found = _deviation(_values(line, here, step))
    while found and step > 64 * least:
        step /= 8
        values = _values(line, here, step)
        nearer = float(np.abs(np.diff(values, 3)).max() / np.sqrt(20))
        if np.isfinite(nearer) and nearer >= found / 4:
            break
        found = _deviation(values) if np.isfinite(nearer) else found
    return found
