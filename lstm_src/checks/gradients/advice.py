"""What a comparison of gradients says in words."""

from dataclasses import replace

import numpy as np

from lstm_src.checks.gradients.comparison import RIGHT, UNKNOWN, WRONG, ZERO
from lstm_src.checks.gradients.slopes import CENTRAL, PRECISIONS

ENOUGH_STEPS = 3
"""Fewer time steps can hide mistakes in what is carried from step to step."""

TELLING = 0.01
"""A bound above this one is named in the verdict: whatever is smaller passes."""

ONE_OF_EACH = (
    "If that is right, it is in a sum, a mean, a mask or a count over these; if it is still wrong, "
    "it is within a step, in the loss, or in what is done to the gradient afterwards."
)
"""What the last experiment tells: it is true of mistakes of every kind."""

HEADERS = ("array", "relative error", "allowed", "entries checked", "verdict")


def verdict(checked, repeatable, steps):
    """Return whether the gradient is right, and that in one line."""
    where = "" if steps is None else f" at T = {steps}"
    wrong = [path for path, c in checked.items() if c.verdict == WRONG]
    unknown = [path for path, c in checked.items() if c.verdict == UNKNOWN]
    if not repeatable:
        return False, "Not repeatable: the loss returns another number when it is called again."
    if wrong:
        return False, f"Wrong{where}: {_list(wrong)}."
    if unknown:
        return False, f"Not known{where}: the noise of the loss hides {_list(unknown)}."
    if steps is not None and steps < ENOUGH_STEPS:
        hides = "hides" if steps == 1 else "can hide"
        return True, (
            f"Right{where}, which {hides} mistakes in what is carried: run again with T ≥ 3."
        )
    loosest = max(c.tolerance for c in checked.values())
    within = f", to within {loosest:.0%}" if loosest > TELLING else ""
    return True, f"Right{where}{within}."


def rows(checked):
    """Return a row of the table for each array."""
    return tuple(
        (
            path,
            # What is below the bound is rounding: it would differ from machine to machine.
            f"{c.error:.1e}" if c.error > c.tolerance else f"below {c.tolerance:.0e}",
            f"{c.tolerance:.0e}",
            f"{len(c.indices)} of {int(np.prod(c.shape))}"
            + (f", {c.directions} directions" if c.directions else ""),
            c.verdict,
        )
        for path, c in checked.items()
    )


def advice(checked, slopes, repeatable, steps, worst):
    """Return what to know and what to do, a paragraph each."""
    method = f"Method: {slopes.method}, {slopes.loss.evaluations()} evaluations of the loss."
    found = [" ".join([method, *slopes.notes])]
    if slopes.method == CENTRAL and PRECISIONS[slopes.kind] > PRECISIONS["float64"]:
        found.append(
            "In this precision central differences allow much, and near kinks, as of abs or max, "
            "they may call a right gradient wrong. Let the loss compute in float64."
        )
    if worst and any(c.verdict in {WRONG, UNKNOWN} for c in checked.values()):
        found.append(_worst(*worst))
    if not repeatable:
        found.append(
            "Switch off dropout, seed the random numbers inside the loss, let it keep no state "
            "from call to call, and ask the framework for deterministic algorithms."
        )
    elif any(c.verdict == WRONG for c in checked.values()):
        found += _what_is_wrong(checked, steps)
    if any(c.verdict == UNKNOWN for c in checked.values()):
        found.append(
            "Not known: rounding hides what there is to see. Let the loss compute in float64 "
            "and take complex numbers, or give it cotangents that reach these arrays."
        )
    found += _what_was_seen(checked)
    if steps is None:
        found.append(
            "How many time steps the loss runs over is not known here. Run it over at least 3, "
            "and pass steps= to have that in the report."
        )
    if repeatable and all(c.verdict in {RIGHT, ZERO} for c in checked.values()):
        found.append(
            "A check sees only what it is shown: all parameters, at least 2 sequences and 3 time "
            "steps, and a different cotangent at every step."
        )
    return tuple(found)


def _worst(path, index, found, expected):
    text = f"Worst entry: {path}{list(index) if index else ''}, found {found:.6g}, "
    text += f"expected {expected:.6g}"
    if expected and np.isfinite(expected):
        text += f"; found / expected = {found / expected:.4g}"
    return text + "."


def _what_is_wrong(checked, steps):
    wrong = {path: c for path, c in checked.items() if c.verdict == WRONG}
    right = [path for path, c in checked.items() if c.verdict == RIGHT]
    common = None if right else _ratio(wrong.values())
    if common is not None and sum(len(c.indices) for c in wrong.values()) > 1:
        yield f"Every entry of every array is off by one constant factor: {_times(common)}."
        if common == 0:
            yield "Nothing is written into these arrays, or a detach cuts them off."
        elif abs(common + 1) < 1e-3:
            yield "The sign is turned: the update may already be subtracted in it."
        else:
            yield (
                "A reduction (a sum, a mean, a 1/N) stands in the loss and not in the gradient, or "
                "the other way round. audit_scaling says how often the factor is applied."
            )
        return
    for path, c in wrong.items():
        ratio = _ratio([c]) if len(c.indices) > 1 else None
        if ratio is not None:
            yield f"{path} is off by a constant factor throughout: {_times(ratio)}."
        elif _is_transposed(c):
            yield f"{path} is transposed: found[i, j] is expected[j, i]."
        elif _some_right(c):
            yield _where_off(path, c)
    if right:
        yield (
            f"{_list(right)} {'is' if len(right) == 1 else 'are'} right. What "
            f"{'it shares' if len(right) == 1 else 'they share'} with {_list(wrong)} is right too, "
            f"so look at what belongs to {_list(wrong)} alone."
        )
    if steps == 1:
        yield (
            "Nothing is carried over a single step. Run it again over one sequence, one "
            f"micro-batch and one worker. {ONE_OF_EACH}"
        )
    else:
        yield (
            "Run it again over one time step. If that is right, the mistake is in what is carried "
            "from step to step, in what a step makes of it, or in a sum, a mean, a mask or a count "
            "over steps. If it is wrong, go on with one sequence, one micro-batch and one worker. "
            f"{ONE_OF_EACH}"
        )


def _what_was_seen(checked):
    if any(c.directions for c in checked.values()):
        yield (
            "Not all entries were checked one by one. Along the random directions a mistake shows "
            "if it is larger than what is allowed times the norm of its array's gradient. Raise "
            "most_evaluations to check more."
        )
    kinks = {path: c.kinks for path, c in checked.items() if c.kinks}
    if kinks:
        yield (
            f"The loss has kinks at or beside {sum(kinks.values())} entries of {_list(kinks)}, as "
            "of abs or max. There a shorter step was taken, and at a kink any slope between those "
            "to the left and to the right counts as right."
        )
    zeros = [path for path, c in checked.items() if c.verdict == ZERO]
    if zeros:
        yield f"Zero but for rounding, found and expected: {_list(zeros)}."


def _ratio(comparisons):
    """Return found / expected if it is the same for all entries, to within what is allowed."""
    found = np.concatenate([c.found for c in comparisons])
    expected = np.concatenate([c.expected for c in comparisons])
    norm, top = expected @ expected, np.abs(expected).max()
    if not (np.isfinite(norm) and norm):
        return None
    ratio = found @ expected / norm
    allowed = 2 * max(c.tolerance for c in comparisons) * max(1, abs(ratio)) * top
    constant = np.abs(found - ratio * expected).max() <= allowed < abs(ratio - 1) * top
    return float(ratio) if constant else None


def _times(ratio):
    if not ratio:
        return "found is 0"
    if abs(ratio) >= 1:
        return f"found = {ratio:.4g} × expected"
    return f"found = expected / {1 / ratio:.4g}"


def _is_transposed(c):
    n = c.shape[0] if c.shape else 0
    if c.shape != (n, n) or len(c.indices) != n * n:
        return False
    found, expected = c.found.reshape(n, n), c.expected.reshape(n, n)
    return np.abs(found.T - expected).max() <= c.tolerance * np.abs(expected).max()


def _off(c):
    return ~(np.abs(c.found - c.expected) <= c.tolerance * np.abs(c.expected).max())


def _some_right(c):
    return 0 < np.count_nonzero(_off(c)) < len(c.indices)


def _where_off(path, c):
    """Say which entries are off, along which axis they stand together, and by what factor."""
    off = _off(c)
    text = f"In {path}, {np.count_nonzero(off)} of {len(off)} entries are off"
    for axis, length in enumerate(c.shape):
        at = np.array([index[axis] for index in c.indices])
        among = sorted(set(at[off].tolist()))
        if len(among) < length and not set(among) & set(at[~off].tolist()):
            span = range(among[0], among[-1] + 1)
            if among == list(span):
                text += f", all those from {span[0]} to {span[-1]} along axis {axis}"
    ratio = _ratio([replace(c, found=c.found[off], expected=c.expected[off])])
    return text + (f": {_times(ratio)}." if ratio is not None else ".")


def _list(names):
    names = list(names)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
