"""The ways of the LSTM's backward pass, listed: a term each, and their sum is the gradient.

A value here is one entry of a cotangent, a tuple of a name and indices: ("h", t, b, k) and
("c", t, b, k) with steps from 1; ("z", t, b, gate, k); ("u", t, b, k), ("u^h", b, k) and
("u^c", b, k), where cotangents are injected; and each entry of the gradients by its path and its
place, such as ("params.b", k). An arrow multiplies one value by a factor and adds it to another.

There are exponentially many ways in T. What is listed for a few steps holds for all their values.
"""

from collections import Counter
from itertools import product
from typing import NamedTuple

import numpy as np

from lstm_src.proof.polynomials import SCALE, entries_by_path
from lstm_src.structures import GATES, Slopes, State
from lstm_src.validation import (
    check_array,
    check_callable,
    check_like,
    check_params,
    check_state,
    check_tape,
)


class Arrow(NamedTuple):
    """A product that the program adds to the value at ``end``: ``factor`` times ``start``."""

    start: tuple
    end: tuple
    factor: object  # what is injected, for an arrow that starts at a "u"

    @property
    def kind(self):
        """The names of both values, such as ("c", "z")."""
        return self.start[0], self.end[0]


def lstm_arrows(params, tape, dh, dstate):
    """List the arrows of the LSTM's backward pass, in the order in which it computes.

    Parameters
    ----------
    params, tape, dh, dstate
        Symbols, as `backward_symbols` returns them.

    Returns
    -------
    tuple of Arrow
        All arrows into a value stand before those out of it.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    """
    D, H, _ = check_params(params)
    T, B, _ = check_array("dh", dh, ("T", "B", H)).shape
    check_tape("tape", tape, (T, B, D, H), dh.dtype)
    check_state("dstate", check_like("dstate", dstate, State), B, H, dh.dtype)
    entries = list(product(range(B), range(H)))
    found = [
        Arrow((f"u^{name}", b, k), (name, T, b, k), u[b, k])
        for name, u in zip("hc", dstate, strict=True)
        for b, k in entries
    ]
    for t in reversed(range(T)):
        found += [Arrow(("u", t + 1, *e), ("h", t + 1, *e), dh[t][e]) for e in entries]
        slopes = Slopes(*tape.slopes[t])
        found += [Arrow(("h", t + 1, *e), ("c", t + 1, *e), slopes.dh_dc[e]) for e in entries]
        for (b, k), (n, gate) in product(entries, enumerate(GATES)):
            name = "dh_dz_o" if gate == "o" else f"dc_dz_{gate}"
            z, column = ("z", t + 1, b, gate, k), n * H + k
            into = (name[1], t + 1, b, k), z, getattr(slopes, name)[b, k]
            found.append(Arrow(*into))
            for j in range(H):
                earlier = ("h", t, b, j) if t else ("state.h", b, j)
                found.append(Arrow(z, earlier, params.W_h[j, column]))
                found.append(Arrow(z, ("params.W_h", j, column), tape.inputs[t, b, j]))
            for d in range(D):
                found.append(Arrow(z, ("x", t, b, d), params.W_x[d, column]))
                found.append(Arrow(z, ("params.W_x", d, column), tape.inputs[t, b, H + d]))
            found.append(Arrow(z, ("params.b", column), tape.inputs[t, b, -1]))
        for e in entries:
            earlier = ("c", t, *e) if t else ("state.c", *e)
            found.append(Arrow(("c", t + 1, *e), earlier, slopes.dc_dc_prev[e]))
    return tuple(found)


def ways_by_end(arrows):
    """List, for every value that an arrow leads to, the ways that end there.

    Parameters
    ----------
    arrows : iterable of Arrow
        All arrows into a value stand before those out of it.

    Returns
    -------
    dict of tuple to list of tuple of Arrow
        A way is the arrows that it takes, from one that starts at a "u".

    Raises
    ------
    TypeError
        If one is no `Arrow`.
    ValueError
        If an arrow leads into a value that an arrow before it left.
    """
    found, left = {}, set()
    for arrow in arrows:
        if check_like("arrows", arrow, Arrow).end in left:
            raise ValueError(f"arrows: {arrow.end} was read before all that leads to it was added")
        left.add(arrow.start)
        injects = arrow.start[0].startswith("u")
        before = [()] if injects else found.get(arrow.start, [])
        found.setdefault(arrow.end, []).extend((*way, arrow) for way in before)
    return found


def crossings(way, chosen):
    """Count how often a way takes one of the chosen arrows.

    Parameters
    ----------
    way : tuple of Arrow
    chosen : callable
        ``chosen(arrow)`` tells which.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If ``chosen`` cannot be called.
    """
    check_callable("chosen", chosen)
    return sum(map(bool, map(chosen, way)))


def terms_of_ways(ways, scaled=None):
    """Multiply each way's factors, and count how often each product is there.

    Parameters
    ----------
    ways : list of tuple of Arrow
        The ways that end at one value.
    scaled : callable, optional
        ``scaled(arrow)`` tells which arrows have a factor `SCALE` besides.

    Returns
    -------
    Counter of tuple to int
        A product is its symbols, sorted by name.
    """
    found = Counter()
    for way in ways:
        factors = [arrow.factor for arrow in way if arrow.factor != 1]
        factors += [SCALE] * crossings(way, scaled or (lambda _: False))
        found[_sorted(factors)] += 1
    return found


def terms_of_gradients(gradients):
    """Take the gradients of a run on symbols apart, to be compared with the terms of ways.

    Parameters
    ----------
    gradients : tree of ndarray
        Polynomials, as ``backward(*in_ring(backward_symbols(T, B, D, H)))`` returns them.

    Returns
    -------
    dict of tuple to Counter
        For each entry, named as the values where ways end, the coefficient of each product.
    """
    found = {}
    for path, array in entries_by_path("gradients", gradients).items():
        for place in np.ndindex(array.shape):
            terms = array[place].terms() if array[place] else ()
            symbols = array[place].ring.symbols if terms else ()
            found[path, *place] = Counter(
                {
                    _sorted(s for s, n in zip(symbols, powers, strict=True) for _ in range(n)): c
                    for powers, c in terms
                }
            )
    return found


def _sorted(symbols):
    return tuple(sorted(symbols, key=lambda symbol: symbol.name))
