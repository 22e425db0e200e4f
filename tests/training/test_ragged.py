"""Padding leaves no trace in a gradient; a sequence's factor may wait for the sum of the batch."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from modelled import V, apart, everything, problem, run

from lstm_src import State, backward, forward, init_params
from lstm_src.checks import compare_gradients
from lstm_src.checks.trees import tree_leaves, tree_map
from lstm_src.training import length_mask, running_minimum, squared_error

D, H = 2, 3
RAGGED = st.lists(st.integers(1, 6), min_size=2, max_size=4)
FILLS = st.floats(-1e3, 1e3)
CLEAN = ("sum", "token mean", "sequence mean", "batch mean", "token mean, padding counted")


def layer(lengths, seed, more=1):
    """Return parameters, inputs, targets and the mask of a batch with padding behind its tokens."""
    rng = np.random.default_rng(seed)
    mask = length_mask(lengths, max(lengths) + more)
    x, target = running_minimum(*mask.shape, H, rng)
    params = init_params(H, H, rng)
    return params._replace(b=rng.uniform(-1, 1, params.b.shape)), x, target, mask


def pulled(params, x, target, mask, dstate=None):
    """Return all gradients of the masked terms' mean."""
    run = forward(params, x)
    dh = squared_error(run.h, target, mask).cotangent / mask.sum()
    return backward(params, run.tape, dh, dstate)


def filled(x, mask, fill):
    return np.where(mask[..., None], x, fill)


# Padding


@settings(max_examples=20)
@given(lengths=RAGGED, seed=st.integers(0, 999), fills=st.tuples(FILLS, FILLS))
def test_what_stands_in_the_padding_changes_no_bit(lengths, seed, fills):
    params, x, target, mask = layer(lengths, seed)
    one, other = (pulled(params, filled(x, mask, f), target, mask) for f in fills)
    for a, b in zip(tree_leaves(one), tree_leaves(other), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not one.x[~mask].any()
    assert one.x[mask].any(axis=-1).all()


@settings(max_examples=20)
@given(lengths=RAGGED, seed=st.integers(0, 999), more=st.integers(1, 9))
def test_how_long_the_padding_is_changes_nothing(lengths, seed, more):
    params, x, target, mask = layer(lengths, seed)
    longer = ((0, more), (0, 0), (0, 0))
    grown = pulled(params, np.pad(x, longer), np.pad(target, longer), np.pad(mask, longer[:2]))
    found = pulled(params, x, target, mask)
    for a, b in zip(tree_leaves(found.params), tree_leaves(grown.params), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)
    assert not grown.x[~np.pad(mask, longer[:2])].any()


@pytest.mark.parametrize("reduction", CLEAN)
@settings(max_examples=6)
@given(lengths=RAGGED, seed=st.integers(0, 999))
def test_no_word_of_the_padding_is_trained(reduction, lengths, seed):
    at = problem(lengths, seed, steps=max(lengths) + 1)
    at.x[at.mask] %= V - 1
    at.x[~at.mask] = V - 1  # stands in the padding alone
    found = run(at, reduction)
    assert not found.gradients.embedding[V - 1].any()
    trained = run(at, "mean over all entries, padding included").gradients
    assert trained.embedding[V - 1].any()


@settings(max_examples=10)
@given(lengths=RAGGED, seed=st.integers(0, 999))
def test_a_cotangent_that_lacks_the_mask_is_noticed(lengths, seed):
    params, x, target, mask = layer(lengths, seed)
    everywhere = np.ones_like(mask)
    found = pulled(params, filled(x, mask, 0.0), target, everywhere)
    assert found.x[~mask].any()
    report = compare_gradients(
        lambda fill: pulled(params, filled(x, mask, fill), target, everywhere).params, [0.0, 1.0]
    )
    assert not report.same


@settings(max_examples=10)
@given(lengths=RAGGED, seed=st.integers(0, 999))
def test_a_cotangent_of_the_final_state_enters_the_padding(lengths, seed):
    params, x, target, mask = layer(lengths, seed)
    B = mask.shape[1]
    later = State(np.ones((B, H)), np.zeros((B, H)))
    assert pulled(params, x, target, mask, later).x[~mask].any()


@settings(max_examples=10)
@given(lengths=RAGGED, seed=st.integers(0, 999))
def test_padding_before_the_tokens_is_read(lengths, seed):
    params, x, target, mask = layer(lengths, seed)
    turned = [a[::-1].copy() for a in (x, target, mask)]
    report = compare_gradients(
        lambda fill: pulled(params, filled(turned[0], turned[2], fill), *turned[1:]).params,
        [0.0, 1.0],
    )
    assert not report.same


@pytest.mark.parametrize("state", [None, "drawn"])
def test_other_sequences_and_their_order_change_nothing(state):
    at = problem((3, 7, 5))
    given = {} if state else {"state": None}
    whole = run(at, "sum", **given)
    order = [2, 0, 1]
    at.x, at.labels, at.mask = at.x[:, order], at.labels[:, order], at.mask[:, order]
    at.state = State(*(s[order] for s in at.state))
    turned = run(at, "sum", **{} if state else {"state": None})
    assert apart(turned.gradients, whole.gradients) <= 1e-14
    np.testing.assert_allclose(turned.dstate.h, whole.dstate.h[order], rtol=1e-12)
    assert everything(whole)["state"].h.any()


# A factor for each sequence


@st.composite
def factors(draw):
    lengths = draw(RAGGED)
    factor = draw(st.lists(st.floats(0.1, 9), min_size=len(lengths), max_size=len(lengths)))
    return lengths, np.array(factor), draw(st.integers(0, 999))


def by_sequence(lengths, factor, seed, change=None):
    """Return gradients with a factor for each sequence: on entry, on the rows, on each one's own.

    ``change`` is called with the tape that has the factors on its rows.
    """
    params, x, target, mask = layer(lengths, seed)
    run = forward(params, x)
    dh = squared_error(run.h, target, mask).cotangent
    phi = factor[:, None]
    rows = run.tape._replace(inputs=run.tape.inputs * phi)
    rows = rows if change is None else change(rows, phi)
    own = [
        backward(params, run.tape, dh * (np.arange(len(lengths)) == b)[:, None]).params
        for b in range(len(lengths))
    ]
    added = tree_map(lambda *g: sum(f * a for f, a in zip(factor, g, strict=True)), *own)
    entered = backward(params, run.tape, dh * phi)
    return entered, backward(params, rows, dh), added, backward(params, run.tape, dh)


@settings(max_examples=20)
@given(case=factors())
def test_a_factor_of_a_sequence_may_stand_anywhere_before_the_batch_is_added_up(case):
    entered, on_rows, added, _ = by_sequence(*case)
    assert apart(entered.params, added) <= 1e-13
    assert apart(on_rows.params, added) <= 1e-13


@settings(max_examples=20)
@given(case=factors())
def test_what_keeps_the_batch_s_axis_is_divided_row_by_row_at_the_end(case):
    entered, _, _, plain = by_sequence(*case)
    phi = case[1][:, None]
    late = {"x": plain.x * phi, "h": plain.state.h * phi, "c": plain.state.c * phi}
    assert apart({"x": entered.x, "h": entered.state.h, "c": entered.state.c}, late) <= 1e-13


@settings(max_examples=20)
@given(case=factors())
def test_after_the_sum_no_number_does_it(case):
    assume(case[1].max() > 1.2 * case[1].min())
    entered, _, _, plain = by_sequence(*case)
    found, total = (np.concatenate([a.ravel() for a in g.params]) for g in (entered, plain))
    best = found @ total / (total @ total)
    assert np.linalg.norm(found - best * total) > 1e-4 * np.linalg.norm(found)


@settings(max_examples=10)
@given(case=factors())
def test_a_factor_that_stands_twice_on_a_way_is_noticed(case):
    assume(abs(case[1] - 1).max() > 0.1)

    def on_slopes_too(rows, phi):
        return rows._replace(slopes=rows.slopes * phi)

    _, twice, added, _ = by_sequence(*case, change=on_slopes_too)
    assert apart(twice.params, added) > 1e-3
