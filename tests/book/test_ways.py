"""The ways that the drawings show, read as a program, pull cotangents back as the code does."""

from collections import Counter
from functools import reduce
from operator import add

import numpy as np
import pytest

from lstm_src import plain
from lstm_src.book.drawings.ways import PARTS, Way, merges, ways_back, ways_through
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


def followed(ways, value, weights="W_h"):
    """Return the cotangent of a value as the drawing has it: what its ways bring, added up."""
    if value[0] == "loss":
        return Noted(value)
    return reduce(add, (brought(ways, way, weights) for way in ways if way.start == value))


def brought(ways, way, weights):
    """Return what a way brings to the value at its start."""
    t = way.end[1]
    if t > STEPS[-1]:  # what a later step hands back
        return Noted({"h": ("p",), "c": ("q",)}[way.start[0]])
    cotangent = followed(ways, way.end, weights)
    if not way.factor:
        return cotangent
    kind, _, gate = way.factor.partition(".")
    return cotangent * Noted((weights, gate) if kind == "W" else (way.factor, t))


def differing(ways):
    """Return the values whose cotangents are others in the code."""
    drawn = {value: of_input if value[0] == "x" else followed for value in pulled_back()}
    return {v for v, true in pulled_back().items() if drawn[v](ways, v).made != true.made}


def of_input(ways, x):
    """Return the cotangent of an input, which takes W_x where a carried one takes W_h."""
    (way,) = (way for way in ways if way.start == x)
    gates = (w for w in ways if w.start == way.end)
    return reduce(add, (followed(ways, w.end) * Noted(("W_x", w.end[0])) for w in gates))


def test_the_ways_read_as_a_program_pull_back_as_the_code_does():
    assert differing(ways_through(STEPS, x=True)) == set()


@pytest.mark.parametrize(
    "fault",
    [
        lambda w: w if w != Way(("row", 2), ("i", 2), "W.i") else None,
        lambda w: w._replace(factor="dc_dz_i") if w == Way(("f", 1), ("c", 1), "dc_dz_f") else w,
        lambda w: w if w != Way(("c", 3), ("h", 3), "dh_dc") else None,
    ],
    ids=["a gate's share left out", "the slopes of f and i mixed up", "no way from h to c"],
)
def test_a_way_that_lacks_or_has_another_slope_is_noticed(fault):
    assert differing(tuple(filter(None, map(fault, ways_through(STEPS, x=True)))))


def test_every_step_has_each_slope_once():
    slopes = [(w.factor, w.end[1]) for w in ways_through(STEPS) if w.factor in SLOPES]
    assert Counter(slopes) == Counter([*((s, t) for s in SLOPES for t in STEPS), ("dc_dc_prev", 4)])


def test_backward_adds_where_a_value_has_several_readers_and_nowhere_else():
    assert merges(ways_through(STEPS)) == {(name, t) for name in ("h", "c", "row") for t in STEPS}


def routes(ways, start, goals):
    """Count the routes back from a value to each of the goals."""
    if start in goals:
        return Counter([start])
    return sum((routes(ways, w.start, goals) for w in ways if w.end == start), Counter())


def test_one_term_takes_as_many_routes_as_it_has_terms_in_the_code():
    _, _, dh, _ = inputs = backward_symbols(3, 1, 1, 1)
    state = plain.backward(*inputs).state
    u_3 = dh[2].item()
    goals = {("h", 0): state.h, ("c", 0): state.c}
    terms = {v: sum(t.has(u_3) for t in g.item().expand().args) for v, g in goals.items()}
    assert routes(PARTS["one term"](ways_through(STEPS)), ("loss", 3), goals) == terms
    assert routes(PARTS["cell path"](ways_through(STEPS)), ("loss", 3), goals) == {("c", 0): 1}


def test_the_parts_are_parts_and_none_is_empty():
    ways = ways_through(STEPS)
    for part in PARTS.values():
        assert 0 < len(set(part(ways))) < len(ways)
        assert set(part(ways)) <= set(ways)
    assert ways_back(ways, ("h", 0)) == ()
