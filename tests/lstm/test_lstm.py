"""The forward pass against the textbook, and the backward pass against it."""

import numpy as np
import pytest
from examples import SHAPES, assert_same_bits, example

from lstm_src import (
    GATES,
    SLOPES,
    Gradients,
    Params,
    State,
    Tape,
    backward,
    forward,
    init_params,
)
from lstm_src.checks import adjoint_gap, complex_step_gradient, relative_errors
from lstm_src.checks.trees import tree_leaves, tree_map


def textbook_forward(params, x, state):
    """One step, one sequence and one gate at a time, with the logistic function written out."""
    H = state.h.shape[1]
    h, c, outputs = state.h, state.c, []
    for x_t in x:
        z = x_t @ params.W_x + h @ params.W_h + params.b
        z = {gate: z[:, k * H : (k + 1) * H] for k, gate in enumerate(GATES)}
        f, o, i = (1 / (1 + np.exp(-z[gate])) for gate in "foi")
        c = f * c + i * np.tanh(z["g"])
        h = o * np.tanh(c)
        outputs.append(h)
    return np.array(outputs), State(h, c)


@pytest.mark.parametrize("shape", SHAPES)
def test_forward_is_the_textbook_lstm(shape):
    case = example(*shape)
    h, state, _ = case.forward()
    expected_h, expected_state = textbook_forward(*case.inputs)
    np.testing.assert_allclose(h, expected_h, rtol=0, atol=1e-14)
    np.testing.assert_allclose(state, expected_state, rtol=0, atol=1e-14)


def weighted_outputs(case):
    """Return a loss that reads every step's h and the final state, weighted by the cotangents."""

    def loss(inputs):
        h, state, _ = forward(*inputs)
        return sum((w * y).sum() for w, y in zip((case.dh, *case.dstate), (h, *state), strict=True))

    return loss


@pytest.mark.parametrize("shape", [*SHAPES, (50, 2, 3, 4), (16, 1, 8, 16)])
def test_backward_is_the_complex_step_gradient(shape):
    case = example(*shape)
    expected = Gradients(*complex_step_gradient(weighted_outputs(case), case.inputs))
    errors = relative_errors(case.gradients(), expected)
    assert set(errors) == {"params.W_x", "params.W_h", "params.b", "x", "state.h", "state.c"}
    assert max(errors.values()) <= 1e-14, errors


@pytest.mark.parametrize("shape", [*SHAPES, (50, 16, 32, 64), (100, 32, 64, 128)])
def test_backward_is_the_adjoint_of_the_forward_derivative(shape):
    case = example(*shape)

    def outputs(inputs):
        return forward(*inputs)[:2]

    assert adjoint_gap(outputs, case.pullback(), case.inputs, np.random.default_rng(1)) <= 1e-15


def test_two_halves_give_the_gradients_of_the_whole():
    case = example(7, 2, 3, 4)
    first = forward(case.params, case.x[:3], case.state)
    second = forward(case.params, case.x[3:], first.state)
    late = backward(case.params, second.tape, case.dh[3:], case.dstate)
    early = backward(case.params, first.tape, case.dh[:3], late.state)
    joined = Gradients(
        Params(*(a + b for a, b in zip(early.params, late.params, strict=True))),
        np.concatenate([early.x, late.x]),
        early.state,
    )
    assert max(relative_errors(joined, case.gradients()).values()) <= 1e-14


def test_a_missing_state_and_a_missing_cotangent_are_zeros():
    case = example(3, 2, 4, 5)
    zeros = State(*np.zeros((2, 2, 5)))
    assert_same_bits(forward(case.params, case.x), forward(case.params, case.x, zeros))
    tape = case.forward().tape
    assert_same_bits(
        backward(case.params, tape, case.dh), backward(case.params, tape, case.dh, zeros)
    )


def test_sequences_of_a_batch_do_not_touch_each_other():
    case = example(4, 3, 2, 5)
    whole = case.forward().h
    for b in range(3):
        alone = forward(
            case.params, case.x[:, b : b + 1], State(*(s[b : b + 1] for s in case.state))
        )
        np.testing.assert_allclose(whole[:, b], alone.h[:, 0], rtol=0, atol=1e-15)


def test_no_argument_is_changed_and_no_result_shares_its_memory():
    case = example(4, 2, 3, 5)
    before = tree_map(np.copy, case)
    run = case.forward()
    gradients = case.pullback(run.tape)(case.cotangents)
    assert_same_bits(case, before)
    kept = tree_map(np.copy, run.tape)
    for given in tree_leaves(case):
        for result in tree_leaves((run, gradients)):
            assert not np.shares_memory(given, result)
    run.h[...] = 0
    assert_same_bits(run.tape, kept)


def test_init_params_is_reproducible_bounded_and_opens_the_forget_gate():
    params = init_params(3, 16, np.random.default_rng(5), dtype=np.float32, forget_bias=2)
    assert_same_bits(
        params, init_params(3, 16, np.random.default_rng(5), dtype=np.float32, forget_bias=2)
    )
    assert [array.shape for array in params] == [(3, 64), (16, 64), (64,)]
    assert abs(np.concatenate(params[:2])).max() <= 1 / 4
    blocks = dict(zip(GATES, params.b.reshape(4, 16), strict=True))
    assert (blocks.pop("f") == 2).all()
    assert not any(block.any() for block in blocks.values())


def test_a_seed_keeps_its_weights_row_by_row_first_those_of_the_inputs():
    rng, bound = np.random.default_rng(5), 1 / 2
    expected = [rng.uniform(-bound, bound, (rows, 16)) for rows in (3, 4)]
    params = init_params(3, 4, np.random.default_rng(5))
    for found, drawn in zip(params[:2], expected, strict=True):
        np.testing.assert_array_equal(found, drawn)


def test_init_params_has_the_spread_and_the_defaults_it_says():
    params = init_params(40, 25, np.random.default_rng(0))
    for W in params[:2]:
        assert W.dtype == np.float64
        assert 0.99 / 5 < abs(W).max() <= 1 / 5
        np.testing.assert_allclose([W.mean(), W.std()], [0, 1 / 5 / np.sqrt(3)], rtol=0, atol=4e-3)
    assert not np.shares_memory(*params[:2])
    assert dict(zip(GATES, params.b.reshape(4, 25)[:, 0], strict=True)) == {
        "g": 0,
        "o": 0,
        "f": 1,
        "i": 0,
    }


def test_each_slope_on_the_tape_is_the_derivative_that_its_name_says():
    case = example(1, 1, 1, 1)
    (slopes,) = case.forward().tape.slopes
    slopes = dict(zip(SLOPES, slopes.ravel(), strict=True))
    z = (case.x[0] @ case.params.W_x + case.state.h @ case.params.W_h + case.params.b).ravel()

    def step(at):
        z = dict(zip(GATES, at["z"], strict=True))
        f, o, i = (1 / (1 + np.exp(-z[gate])) for gate in "foi")
        return f * at["c_prev"][0] + i * np.tanh(z["g"]), o

    at = {"z": z, "c_prev": case.state.c.ravel()}
    dc = complex_step_gradient(lambda at: step(at)[0], at)
    c, o = step(at)
    dh = complex_step_gradient(lambda at: step(at)[1] * np.tanh(c), at)
    expected = {"dc_dc_prev": dc["c_prev"][0], "dh_dc": o * (1 - np.tanh(c) ** 2)}
    expected |= {f"dc_dz_{gate}": dc["z"][GATES.index(gate)] for gate in "gfi"}
    expected["dh_dz_o"] = dh["z"][GATES.index("o")]
    assert expected.keys() == slopes.keys()
    assert {name: slopes[name] for name in expected} == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("entries", [1, 8, 16, 24, 40, 1000])
def test_the_forward_pass_does_not_depend_on_how_many_steps_share_a_block(entries, monkeypatch):
    case = example(7, 2, 3, 4)
    whole = case.forward()
    monkeypatch.setattr("lstm_src.lstm.ENTRIES", entries)
    assert_same_bits(case.forward(), whole)


@pytest.mark.parametrize("rows", [1, 3, 4, 9])
def test_the_weights_gradients_do_not_depend_on_how_many_steps_share_a_product(rows, monkeypatch):
    case = example(7, 2, 3, 4)
    whole = case.gradients()
    monkeypatch.setattr("lstm_src.lstm.ROWS", rows)
    assert max(relative_errors(case.gradients(), whole).values()) <= 1e-14


def test_a_tape_that_is_handed_back_is_overwritten_in_full():
    case, other = example(4, 2, 3, 5), example(4, 2, 3, 5, seed=1)
    expected = tree_map(np.copy, case.forward())
    used = other.forward().tape
    for array in used:
        array[...] = np.nan
    run = forward(*case.inputs, out=used)
    assert run.tape is used
    assert_same_bits(run, expected)
    for field in Tape._fields:
        locked = getattr(used, field).view()
        locked.flags.writeable = False
        with pytest.raises(ValueError, match=rf"out\.{field}: expected a writeable, C-contiguous"):
            forward(*case.inputs, out=used._replace(**{field: locked}))
    with pytest.raises(
        ValueError, match=r"out\.inputs: expected shape \(4, 2, 9\), got \(3, 2, 9\)"
    ):
        forward(*case.inputs, out=Tape(*(array[1:] for array in used)))


def test_changing_one_result_leaves_the_others_as_they_were():
    case = example(3, 2, 3, 4)
    run = case.forward()
    everything = (run, case.pullback(run.tape)(case.cotangents))
    leaves = tree_leaves(everything)
    for k, changed in enumerate(leaves):
        before = [leaf.copy() for leaf in leaves]
        changed += 1
        for j, (leaf, kept) in enumerate(zip(leaves, before, strict=True)):
            assert j == k or (leaf == kept).all()


def test_saturated_gates_over_a_hundred_steps_keep_their_gradients():
    case = example(100, 1, 2, 3)
    open_and_shut = case.params._replace(b=np.repeat([0.0, 9.0, 9.0, -9.0], 3))
    case = case._replace(params=open_and_shut)
    expected = Gradients(*complex_step_gradient(weighted_outputs(case), case.inputs))
    errors = relative_errors(case.gradients(), expected)
    assert max(errors.values()) <= 1e-11, errors  # the gates are exact to the rounding of 1
