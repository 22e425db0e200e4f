"""What the figure shows for some marks: kinds of lines, sums, bars and words.

`where.js` says the same in a browser.
"""

from lstm_src.book.interactive.ways import arrived, followed

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def picture(ways, marks, N, step):
    """Return all that depends on the reader's choices.

    Parameters
    ----------
    ways : lstm_src.book.interactive.ways.Ways
    marks : dict of str to int
        How often each line is divided.
    N : int
        Terms in the mean.
    step : int
        The step whose sum is shown, counted from 1.

    Returns
    -------
    dict
        ``marks``, a text for each divided line; ``kinds``, of both halves of each line: "whole"
        (undivided), "once", "more" or "mixed"; ``unequal``, the sums whose parts were divided
        unequally often; ``rows``, for the terms from the last, their powers, where their bars
        start and how long they are; ``total``, ``right``, ``verdict`` and ``sum``.
    """
    T = len(ways.injected)
    found = followed(ways, marks)
    powers = {line: [sorted(side) for side in sides] for line, sides in found.items()}
    start, rows = 0.0, []
    for term, parts in reversed([*enumerate(arrived(ways, marks), 1)]):
        size = value(parts, N)
        rows.append({"term": term, "powers": range_of(sorted(parts)), "start": start, "size": size})
        start += size
    end = powers["end"][1]
    return {
        "marks": {line: "÷N" + superscript(n) for line, n in marks.items() if n},
        "kinds": {line: [kind(side) for side in sides] for line, sides in powers.items()},
        "unequal": unequal(powers, T),
        "rows": rows,
        "total": start,
        "right": end == [1],
        "verdict": verdict(end, start),
        "sum": sum_at(step, found, powers, N),
    }


def unequal(powers, T):
    """Return the sums that add what was divided unequally often: h3, c3, end."""
    found = []
    for t in range(T - 1, 0, -1):
        if powers[f"u{t}"][1] != powers[f"p{t}"][1]:
            found.append(f"h{t}")
        if powers[f"h{t}"][1] != powers[f"q{t}"][1]:
            found.append(f"c{t}")
    if any(powers[f"w{t}"][1] != powers["w1"][1] for t in range(2, T + 1)):
        found.append("end")
    return found


def value(parts, N):
    """Return what parts add up to, in lengths of the true gradient, which is divided once."""
    return sum(size * N ** (1 - k) for k, size in parts.items())


def kind(powers):
    """Say in a word how often what passes was divided."""
    if len(powers) > 1:
        return "mixed"
    return "whole" if powers == [0] else "once" if powers == [1] else "more"


def superscript(n):
    """Return an exponent as text: none for 1."""
    return "" if n == 1 else str(n).translate(SUPERSCRIPTS)


def factor(k):
    """Return a power of 1/N as text."""
    return "1/N" + superscript(k) if k else "1"


def range_of(powers):
    """Return the powers of 1/N from the lowest to the highest as text."""
    low, high = powers[0], powers[-1]
    return factor(low) if low == high else f"{factor(low)} … {factor(high)}"


def divided(name, k):
    """Return a quantity divided by a power of N as text."""
    return f"{name}/N{superscript(k)}" if k else name


def verdict(powers, total):
    """Say what arrived, compared with the true gradient."""
    if powers == [1]:
        return "✓ Right: every term meets 1/N exactly once"
    ratio = "<0.01" if total < 0.005 else f"{total:.2f}" if total < 9.995 else f"{total:.0f}"
    if len(powers) == 1:
        why = "nothing is divided" if powers == [0] else f"everything is divided {powers[0]} times"
    elif powers[0] == 0:
        why = "a part escapes undivided" + ", another is divided again" * (powers[-1] > 1)
    else:
        why = "a part is divided more than once"
    return f"✗ {ratio} × the true gradient: {why}"


def sum_at(step, found, powers, N):
    """Say what one step adds, in numbers, and whether the parts carry one factor."""
    entering = found[f"u{step}"][1]
    if f"p{step}" not in found:
        return f"Step {step} is the last: {numbers(entering, N)} enters, and nothing comes back."
    back = found[f"p{step}"][1]
    total = sum(size / N**k for part in (entering, back) for k, size in part.items())
    text = f"The hidden state of step {step} gets what enters and what comes back: "
    text += f"{numbers(entering, N)} + {numbers(back, N)} = {total:.4f}. "
    a, forty = powers[f"u{step}"][1], powers[f"p{step}"][1]
    left = f"Called a and 40, that is {divided('a', a[0])}"
    if a != forty:
        right = divided("40", forty[0]) if len(forty) == 1 else f"40 · ({range_of(forty)})"
        return f"{text}{left} + {right}: no factor after this sum can mend it."
    right = divided("40", a[0])
    later = "and both can be divided later" if a == [0] else "so the sum is divided as both are"
    return f"{text}{left} + {right}: one factor on both, {later}."


def numbers(parts, N):
    """Write a polynomial in 1/N with N put in."""
    texts = [f"{size:.4f}" + (f"/{N}{superscript(k)}" if k else "") for k, size in parts.items()]
    return texts[0] if len(texts) == 1 else f"({' + '.join(texts)})"
