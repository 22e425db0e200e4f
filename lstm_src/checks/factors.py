"""A constant factor, and what number of the training code it may be."""

import math
import re
from itertools import combinations, combinations_with_replacement, permutations, product

CLOSE = 1e-6
"""How close a factor must come to a number to be named by it, if the check itself is that sharp."""

MOST_TIMES, LOSS_SCALE = 16, 16
"""The largest multiple of a count that is named; the least power of two that is a loss scale.

Where counts explain it as well, it must be the square of that.
"""

LIMITS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Norms that are often asked of a gradient."""

MOST_NAMES = 6
"""How many of what fits are said."""

CLIPS = ("clip", "limit")
"""The words in the names of bounds, in ``counts``; a last word "norm" is one as well."""


def told(number, digits=6):
    """Return a number as text, with more digits where they tell it from 1 or -1."""
    return f"{number:.{digits if abs(abs(number) - 1) >= 0.01 else 9}g}"


def names_of(ratio, counts, close=CLOSE):
    """Return what a factor may be, as texts: counts, their products and quotients, powers of two.

    Parameters
    ----------
    ratio : float
        Found / expected.
    counts : dict of str to float
        Numbers of the training code by name.
    close : float, optional
        How close it must come.
    """
    size = max(abs(ratio), 1 / abs(ratio))
    numbers = {n: v for n, v in counts.items() if v != 1 and not is_clip(n)}

    def fits(value):
        return value > 1 and abs(size - value) <= close * value

    def products(many):
        for names in combinations_with_replacement(numbers, many):
            product = math.prod(numbers[name] for name in names)
            text = " · ".join(names)
            if fits(product):
                yield text
            elif fits(1 / product):
                yield f"1 / ({text})" if many > 1 else f"1 / {text}"

    found = [*products(1), *products(2)]
    found += [f"{a} / {b}" for (a, u), (b, v) in permutations(numbers.items(), 2) if fits(u / v)]
    found = found or [*products(3), *_mixed(numbers, fits)]
    if not found:
        multiples = [
            f"{k} · {name}"
            for name, v in numbers.items()
            for k in range(2, MOST_TIMES + 1)
            if fits(k * v)
        ]
        scales = [
            f"2^{k} {sign} {name}"
            for name, v in numbers.items()
            if math.frexp(v)[0] != 0.5
            for k in range(5, 33)
            for sign, value in (("·", 2.0**k * v), ("/", 2.0**k / v))
            if fits(value)
        ]
        found = multiples[:2] or scales[:2]
    power = math.log2(size)
    if size >= (LOSS_SCALE**2 if found else LOSS_SCALE) and abs(power - round(power)) <= close:
        found.append(f"2^{round(power)}, as a loss scale is")
    return found[:MOST_NAMES]


def _mixed(numbers, fits):
    """Return the products of two counts over a third that fit, or over which it is one."""
    for (a, u), (b, v) in combinations(numbers.items(), 2):
        for c, w in numbers.items():
            if c not in (a, b) and fits(max(u * v / w, w / (u * v))):
                yield f"{a} · {b} / {c}"


def is_clip(name):
    """Tell whether a count is the bound of a clip, by the words of its name."""
    words = re.findall("[a-z]+", re.sub("([a-z])([A-Z])", r"\1_\2", name).lower())
    return bool(words) and (words[-1] == "norm" or not set(CLIPS).isdisjoint(words))


def clip_of(norm, counts, named=(), close=1e-5):
    """Return the text on a norm that is just as long as a bound, or None.

    Usual bounds are not thought of where ``named`` holds what the factor is.
    """
    for name, value in counts.items():
        if is_clip(name) and abs(norm - value) <= close * value:
            return f"it is {name} = {value:.6g}, so the norm was clipped, or set, to that"
    for bound, other in product(filter(is_clip, counts), counts):
        divided = counts[bound] / counts[other] if counts[other] > 0 and not is_clip(other) else 0
        if divided > 0 and abs(norm - divided) <= close * divided:
            return f"it is {bound} / {other}, as if {other} was divided by after the clip"
    for value in () if named else LIMITS:
        if abs(norm - value) <= close * value:
            return f"it is {value:g}, as after a clip by norm or a division by the norm"
    return None
