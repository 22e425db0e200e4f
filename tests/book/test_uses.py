"""The uses that the drawings show, read as a program, pull cotangents back as the code does."""

from collections import Counter
from functools import reduce
from operator import add

import numpy as np
import pytest

from lstm_src import plain
from lstm_src.book.drawings.uses import PARTS, Use, merges, uses_back, uses_through
from lstm_src.proof import backward_symbols
from lstm_src.structures import GATES, SLOPES, Params, State, Tape

STEPS = (1, 2, 3)


class Noted:
    """A number that knows how it was made: by which sums and products, of what."""

    def __init__(self, made):
        self.made = made

    def __add__(self, other):
        return self if isinstance(other, int) else Noted(("+", frozenset({self.made, other.made})))

    __radd__ = __add__  # sums over time begin at 0

    def __mul__(self, other):
        return Noted(("*", frozenset({self.made, other.made})))


def noted(*names):
    """Return an array of one entry, one sequence and one unit, that knows its name."""
    array = np.empty((1, 1), object)
    array[0, 0] = Noted(names)
    return array


def pulled_back():
    """Run the plain backward pass over all steps, and return the cotangents by their values."""
    W_x, W_h = (np.concatenate([noted(name, g) for g in GATES], 1) for name in ("W_x", "W_h"))
    params = Params(W_x, W_h, noted("b").repeat(4))
    rows = np.array([np.concatenate([noted("row", t, k) for k in "hx1"], 1) for t in STEPS])
    slopes = np.array([[noted(name, t) for name in SLOPES] for t in STEPS])
    u = np.array([noted("loss", t) for t in STEPS])
    found = plain.backward(params, Tape(rows, slopes), u, State(noted("p"), noted("q")))
    inputs = {("x", t): found.x[t - 1].item() for t in STEPS}
    return inputs | {("h", 0): found.state.h.item(), ("c", 0): found.state.c.item()}


def followed(uses, value, weights="W_h"):
    """Return the cotangent of a value as the drawing has it: what its uses bring, added up."""
    if value[0] == "loss":
        return Noted(value)
    return reduce(add, (brought(uses, use, weights) for use in uses if use.start == value))


def brought(uses, use, weights):
    """Return what a use brings to the value at its start."""
    t = use.end[1]
    if t > STEPS[-1]:  # what a later step hands back
        return Noted({"h": ("p",), "c": ("q",)}[use.start[0]])
    cotangent = followed(uses, use.end, weights)
    if not use.factor:
        return cotangent
    kind, _, gate = use.factor.partition(".")
    return cotangent * Noted((weights, gate) if kind == "W" else (use.factor, t))


def differing(uses):
    """Return the values whose cotangents are others in the code."""
    drawn = {value: of_input if value[0] == "x" else followed for value in pulled_back()}
    return {v for v, true in pulled_back().items() if drawn[v](uses, v).made != true.made}


def of_input(uses, x):
    """Return the cotangent of an input, which takes W_x where a carried one takes W_h."""
    (use,) = (use for use in uses if use.start == x)
    gates = (w for w in uses if w.start == use.end)
    return reduce(add, (followed(uses, w.end) * Noted(("W_x", w.end[0])) for w in gates))


def test_the_ways_read_as_a_program_pull_back_as_the_code_does():
    assert differing(uses_through(STEPS, x=True)) == set()


@pytest.mark.parametrize(
    "fault",
    [
        lambda w: w if w != Use(("row", 2), ("i", 2), "W.i") else None,
        lambda w: w._replace(factor="dc_dz_i") if w == Use(("f", 1), ("c", 1), "dc_dz_f") else w,
        lambda w: w if w != Use(("c", 3), ("h", 3), "dh_dc") else None,
    ],
    ids=["a gate's share left out", "the slopes of f and i mixed up", "no arrow from h to c"],
)
def test_a_way_that_lacks_or_has_another_slope_is_noticed(fault):
    assert differing(tuple(filter(None, map(fault, uses_through(STEPS, x=True)))))


def test_every_step_has_each_slope_once():
    slopes = [(w.factor, w.end[1]) for w in uses_through(STEPS) if w.factor in SLOPES]
    assert Counter(slopes) == Counter([*((s, t) for s in SLOPES for t in STEPS), ("dc_dc_prev", 4)])


def test_backward_adds_where_a_value_has_several_readers_and_nowhere_else():
    assert merges(uses_through(STEPS)) == {(name, t) for name in ("h", "c", "row") for t in STEPS}


def routes(uses, start, goals):
    """Count the routes back from a value to each of the goals."""
    if start in goals:
        return Counter([start])
    return sum((routes(uses, w.start, goals) for w in uses if w.end == start), Counter())


def test_one_term_takes_as_many_routes_as_it_has_terms_in_the_code():
    _, _, dh, _ = inputs = backward_symbols(3, 1, 1, 1)
    state = plain.backward(*inputs).state
    u_3 = dh[2].item()
    goals = {("h", 0): state.h, ("c", 0): state.c}
    terms = {v: sum(t.has(u_3) for t in g.item().expand().args) for v, g in goals.items()}
    assert routes(PARTS["one term"](uses_through(STEPS)), ("loss", 3), goals) == terms
    assert routes(PARTS["cell path"](uses_through(STEPS)), ("loss", 3), goals) == {("c", 0): 1}


def test_the_parts_are_parts_and_none_is_empty():
    uses = uses_through(STEPS)
    for part in PARTS.values():
        assert 0 < len(set(part(uses))) < len(uses)
        assert set(part(uses)) <= set(uses)
    assert uses_back(uses, ("h", 0)) == ()
