"""Check both backward passes once more, by code that shares nothing with the package.

    python scripts/recheck.py            # 1,000 steps, half a minute
    python scripts/recheck.py 50         # another number of steps

Is a pass linear in the cotangents, over the integers modulo a prime, where nothing is rounded? Does
a factor on every cotangent reach every term of every gradient once? Is it the derivative of an LSTM
that is written here once more, by the complex step? A pass that is broken on purpose must fail.
"""

import random
import sys

import numpy as np

from lstm_src import Params, State, Tape
from lstm_src.lstm import backward as fast
from lstm_src.plain import backward as plain

B, D, H, PRIME = 2, 2, 2, 2**61 - 1
SHAPES = (D, 4 * H), (H, 4 * H), (4 * H,)


class Residue:
    """A whole number modulo the prime."""

    def __init__(self, number):
        self.number = number % PRIME

    def __add__(self, other):
        return Residue(self.number + getattr(other, "number", other))

    def __mul__(self, other):
        return Residue(self.number * getattr(other, "number", other))

    def __eq__(self, other):
        return self.number == other.number

    __radd__, __rmul__, __hash__ = __add__, __mul__, None


class Powers(frozenset):
    """The powers of a factor in which the terms of a sum are."""

    def __add__(self, other):
        return Powers(self | (other if isinstance(other, Powers) else {0} if other else set()))

    def __mul__(self, other):
        return Powers(a + b for a in self for b in other)

    __radd__ = __add__


def leaves(tree):
    if isinstance(tree, np.ndarray):
        return [tree]
    return [leaf for part in tree for leaf in leaves(part)]


def filled(entry, *shape):
    return np.frompyfunc(lambda _: entry(), 1, 1)(np.empty(shape))


def fixed(entry, one, T):
    """Return weights and a tape of what `entry` returns."""
    inputs = filled(entry, T, B, H + D + 1)
    inputs[:, :, -1] = filled(lambda: one, T, B)
    return Params(*(filled(entry, *s) for s in SHAPES)), Tape(inputs, filled(entry, T, 6, B, H))


def cotangents(entry, T):
    return filled(entry, T, B, H), State(filled(entry, B, H), filled(entry, B, H))


def is_linear(backward, T):
    draw = random.Random(0)
    entry = lambda: Residue(draw.randrange(PRIME))  # noqa: E731
    weights, a, b = fixed(entry, Residue(1), T), entry(), entry()
    u, v = cotangents(entry, T), cotangents(entry, T)
    dh, *ends = (x * a + y * b for x, y in zip(leaves(u), leaves(v), strict=True))
    runs = (leaves(backward(*weights, *one)) for one in ((dh, State(*ends)), u, v))
    return all((both == x * a + y * b).all() for both, x, y in zip(*runs, strict=True))


def scales_once(backward, T):
    weights = fixed(lambda: Powers({0}), Powers({0}), T)
    found = leaves(backward(*weights, *cotangents(lambda: Powers({1}), T)))
    return {entry for leaf in found for entry in leaf.flat} == {Powers({1})}


def lstm(params, x, h, c):
    """Run an LSTM forward: h of all steps, the last state, and the tape of slopes."""
    hidden, inputs, slopes, weights = [], [], [], np.concatenate([params.W_h, params.W_x])
    for x_t in x:
        row = np.concatenate([h, x_t, np.ones((B, 1))], axis=1)
        z_g, *z = np.split(row[:, :-1] @ weights + params.b, 4, axis=1)
        g, (f, i, o) = np.tanh(z_g), (1 / (1 + np.exp(-z_gate)) for z_gate in z)
        old, c = c, f * c + i * g
        r = np.tanh(c)
        of_c = [f, i * (1 - g**2), old * f * (1 - f), g * i * (1 - i)]
        slopes.append([*of_c, r * o * (1 - o), o * (1 - r**2)])
        inputs.append(row)
        h = o * r
        hidden.append(h)
    return np.array(hidden), State(h, c), Tape(np.array(inputs), np.array(slopes))


def is_the_derivative(backward, T, step=1e-30):
    """Compare along each weight, and along random directions of all inputs together."""
    rng = np.random.default_rng(0)
    shapes = (*SHAPES, (T, B, D), (B, H), (B, H))
    cuts = np.cumsum([np.prod(shape) for shape in shapes])

    def run(flat):
        parts = zip(np.split(flat, cuts[:-1]), shapes, strict=True)
        *params, x, h, c = (part.reshape(shape) for part, shape in parts)
        return Params(*params), lstm(Params(*params), x, h, c)

    flat = rng.standard_normal(cuts[-1]) / 2
    dh, ends = rng.standard_normal((T, B, H)), State(*rng.standard_normal((2, B, H)))
    params, (_, _, tape) = run(flat)
    gradient = np.concatenate([g.ravel() for g in leaves(backward(params, tape, dh, ends))])
    for direction in (*np.eye(cuts[-1])[: cuts[2]], *rng.standard_normal((3, cuts[-1]))):
        hidden, state, _ = run(flat + step * 1j * direction)[1]
        loss = (dh * hidden).sum() + (np.array(ends) * np.array(state)).sum()
        if abs(loss.imag / step - gradient @ direction) > 1e-12 * abs(gradient * direction).sum():
            return False
    return True


BROKEN = {  # the questions, and for each a pass that it must reject, made of a right one
    is_linear: lambda right: lambda params, tape, dh, ends: right(params, tape, dh * dh, ends),
    scales_once: lambda right: lambda params, tape, dh, ends: right(params, tape, dh + 40, ends),
    is_the_derivative: lambda right: lambda params, tape, dh, ends: right(params, tape, dh),
}


def main(T=1000):
    for name, backward in (("lstm.py", fast), ("plain.py", plain)):
        for question, broken in BROKEN.items():
            if not question(backward, T):
                sys.exit(f"{name}, T = {T}: not {question.__name__}")
            if question(broken(backward), T):
                sys.exit(f"{name}, T = {T}: {question.__name__} does not notice a broken pass")
        print(f"{name}: linear, scaled once, and the derivative, at T = {T:,}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
