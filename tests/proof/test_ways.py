"""The ways of the LSTM's graph are the terms of the shipped gradients, and tell where s may stand.

The graph is written down by hand, from the equations of a step. The gradients come from the code.
"""

import random
from collections import Counter

import pytest
import sympy

from lstm_src import backward, plain
from lstm_src.placements import PLACEMENTS
from lstm_src.placements.mistakes import MISTAKES
from lstm_src.proof import (
    SCALE,
    backward_symbols,
    crossings,
    in_ring,
    lstm_arrows,
    terms_of_gradients,
    terms_of_ways,
    ways_by_end,
)

SIZES = [(1, 1, 1, 1), (2, 2, 1, 2), (3, 1, 2, 1), (3, 1, 1, 2)]
ENDS = ("params.", "state.", "x")


def graph(sizes):
    """Return the arrows, and what the shipped code computes on the same symbols."""
    inputs = backward_symbols(*sizes)
    return lstm_arrows(*inputs), terms_of_gradients(backward(*in_ring(inputs)))


def sums(arrows, terms, scaled=None):
    """Return the terms of the ways to each entry of the gradients."""
    ways = ways_by_end(arrows)
    return {end: terms_of_ways(ways.get(end, []), scaled) for end in terms}


def once_more(terms):
    """Return the terms times s."""
    return {
        end: Counter(
            {tuple(sorted((*t, SCALE), key=lambda s: s.name)): n for t, n in found.items()}
        )
        for end, found in terms.items()
    }


@pytest.fixture(scope="module")
def small():
    return graph((2, 1, 1, 2))


@pytest.mark.parametrize("sizes", SIZES)
def test_the_ways_are_the_terms_of_the_gradients_and_no_two_have_one_product(sizes):
    arrows, terms = graph(sizes)
    assert sums(arrows, terms) == terms
    assert {n for found in terms.values() for n in found.values()} == {1}
    ends = {end for end in ways_by_end(arrows) if end[0].startswith(ENDS)}
    assert ends == set(terms)
    if sizes == (3, 1, 1, 2):
        assert sum(len(found) for end, found in terms.items() if end[0] == "params.b") == 2004


def test_the_plain_code_has_the_same_terms():
    arrows, _ = graph((2, 1, 2, 1))
    terms = terms_of_gradients(plain.backward(*in_ring(backward_symbols(2, 1, 2, 1))))
    assert sums(arrows, terms) == terms


def test_every_arrow_is_needed(small):
    arrows, terms = small
    for missing in random.Random(0).sample(range(len(arrows)), 25):
        assert sums(arrows[:missing] + arrows[missing + 1 :], terms) != terms


def test_an_arrow_too_many_and_another_factor_are_noticed(small):
    arrows, terms = small
    into_bias = next(a for a in arrows if a.kind == ("z", "params.b"))
    assert sums((*arrows, into_bias), terms) != terms
    k = next(k for k, a in enumerate(arrows) if a.kind == ("c", "c"))
    other = arrows[k]._replace(factor=sympy.Symbol("f", real=True))
    assert sums((*arrows[:k], other, *arrows[k + 1 :]), terms) != terms


def test_an_arrow_out_of_order_is_refused(small):
    arrows, _ = small
    with pytest.raises(ValueError, match=r"\('z', 1, 0, 'o', 1\) was read before"):
        ways_by_end([*reversed(arrows)][1:])


def into(name):
    return lambda arrow: arrow.end[0] == name


def enters(arrow):
    return arrow.start[0].startswith("u")


def leaves(arrow):
    return arrow.end[0].startswith(ENDS)


@pytest.mark.parametrize(
    ("entry", "scaled"),
    [
        (PLACEMENTS["on_entry"], enters),
        (PLACEMENTS["on_each_share"], leaves),
        (PLACEMENTS["at_the_end"], leaves),
        (MISTAKES["every_step"], into("h")),
        (MISTAKES["carried_unscaled"], lambda arrow: arrow.start[0] == "u"),
        (MISTAKES["cell_path_only"], lambda arrow: arrow.kind == ("h", "c")),
        (MISTAKES["never"], lambda arrow: False),
        (MISTAKES["bias_unscaled"], lambda a: leaves(a) and a.end[0] != "params.b"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_factor_in_the_code_is_a_factor_on_arrows(small, entry, scaled):
    arrows, terms = small
    found, s = in_ring((backward_symbols(2, 1, 1, 2), SCALE))
    params, tape, dh, dstate = found
    code = terms_of_gradients(entry(params, tape, dh, dstate, scale=s))
    assert sums(arrows, terms, scaled) == code
    assert (code == once_more(terms)) == (entry.kind == "right")


def test_scaled_again_at_every_step_leaves_out_the_rail_of_c():
    arrows, _ = graph((4, 1, 1, 1))
    ways = ways_by_end(arrows)["params.b", 0]
    last = [way for way in ways if way[0].start[:2] == ("u", 4)]
    assert {crossings(way, into("h")) for way in last} == {1, 2, 3, 4}


def chosen_arrows(arrows, rng):
    """Draw arrows: any, those that cross a line, or those that do but for one."""
    if rng.random() < 0.2:
        return {a for a in arrows if rng.random() < 0.3}
    late = set()  # the values behind the line, where s has been applied
    for arrow in arrows:
        if arrow.start in late or arrow.end[0].startswith(ENDS) or rng.random() < 0.15:
            late.add(arrow.end)
    found = {a for a in arrows if a.start not in late and a.end in late}
    backwards = {a for a in arrows if a.start in late and a.end not in late}
    assert not backwards
    return found - {min(found, key=str)} if rng.random() < 0.4 else found


def test_a_place_is_right_if_and_only_if_every_way_meets_it_once(small):
    arrows, terms = small
    wanted, ways, rng = once_more(terms), ways_by_end(arrows), random.Random(1)
    seen = Counter()
    for _ in range(60):
        chosen = chosen_arrows(arrows, rng)
        met = {crossings(way, chosen.__contains__) for end in terms for way in ways[end]}
        right = sums(arrows, terms, chosen.__contains__) == wanted
        assert right == (met == {1})
        seen[right] += 1
    assert min(seen[True], seen[False]) >= 15


def test_an_entry_that_is_zero_has_no_terms():
    inputs = in_ring(backward_symbols(1, 1, 1, 1))
    inputs.dh[:] = 0 * inputs.dh
    cut = terms_of_gradients(backward(*inputs[:3]))
    assert set(map(len, cut.values())) == {0}


def test_with_one_unit_the_ways_grow_as_the_recursion_says():
    p = q = 1
    for T in range(1, 5):
        p, q = 4 + 4 * p + 3 * q, 1 + p + q
        ways = ways_by_end(lstm_arrows(*backward_symbols(T, 1, 1, 1)))
        assert (len(ways["state.h", 0, 0]), len(ways["state.c", 0, 0])) == (p, q)
    assert (p, q) == (1331, 351)


def test_what_is_no_pass_and_no_arrow_is_named():
    params, tape, dh, dstate = backward_symbols(2, 1, 1, 1)
    given = {"params": params, "tape": tape, "dh": dh, "dstate": dstate}
    for name in given:
        with pytest.raises((TypeError, ValueError), match=f"^{name}"):
            lstm_arrows(**{**given, name: None})
    with pytest.raises(ValueError, match=r"^dh: expected shape \(T, B, 1\), got \(1,\)"):
        lstm_arrows(params, tape, dh[0, 0], dstate)
    with pytest.raises(TypeError, match=r"^arrows: expected Arrow\(start, end, factor\), got str"):
        ways_by_end("ab")
    with pytest.raises(TypeError, match=r"^chosen: expected a callable, got int"):
        crossings((), 3)
