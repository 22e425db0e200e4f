"""The same numbers as PyTorch, JAX, Keras and ONNX, in float64; planted faults show."""

import json

import numpy as np
import pytest

from benchmarks.agreement.__main__ import (
    FRAMEWORKS,
    STORED,
    excess,
    framework,
    measure,
    result,
    versions,
)
from benchmarks.agreement.cases import (
    BOUND,
    GRADIENTS,
    OUTPUTS,
    SHAPES,
    case_of,
    distances,
    ours,
)
from lstm_src import GATES, Params, State, lstm, plain
from lstm_src.frameworks.interop import from_keras

SHAPE = (6, 3, 4, 5)
DIFFERENTIATED = [name for name in FRAMEWORKS if name != "ONNX"]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", FRAMEWORKS)
@pytest.mark.parametrize("layer", [lstm, plain], ids=["fast", "plain"])
def test_outputs_and_gradients_agree(layer, name, shape):
    errors = distances(result(name, shape), ours(case_of(shape), layer))
    assert tuple(errors) == OUTPUTS + (GRADIENTS if name in DIFFERENTIATED else ())
    assert max(errors.values()) <= BOUND, errors


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_what_the_frameworks_return_is_in_float64(name):
    for array, found in result(name, SHAPE).items():
        assert found.dtype == np.float64, array
        assert found.any(), array


def exchanged(params, one, other):
    """Return the weights with two gates exchanged, as a wrong order would read them."""
    order = [{one: other, other: one}.get(gate, gate) for gate in GATES]
    blocks = [dict(zip(GATES, np.split(array, 4, axis=-1), strict=True)) for array in params]
    return Params(*(np.concatenate([b[gate] for gate in order], axis=-1) for b in blocks))


def without(array, index):
    array = array.copy()
    array[index] = 0
    return array


FAULTS = {
    "gates f and g exchanged": lambda c: c._replace(params=exchanged(c.params, "f", "g")),
    "gates i and o exchanged": lambda c: c._replace(params=exchanged(c.params, "i", "o")),
    "bias counted twice": lambda c: c._replace(params=c.params._replace(b=2 * c.params.b)),
    "no initial h": lambda c: c._replace(state=State(0 * c.state.h, c.state.c)),
    "no initial c": lambda c: c._replace(state=State(c.state.h, 0 * c.state.c)),
    "no cotangent of h_T": lambda c: c._replace(dstate=State(0 * c.dstate.h, c.dstate.c)),
    "no cotangent of c_T": lambda c: c._replace(dstate=State(c.dstate.h, 0 * c.dstate.c)),
    "no cotangent at step 1": lambda c: c._replace(dh=without(c.dh, 0)),
    "no cotangent at step 4": lambda c: c._replace(dh=without(c.dh, 3)),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_planted_fault_shows(name, fault):
    """The framework gets the case, the package the case with a fault."""
    errors = distances(result(name, SHAPE), ours(FAULTS[fault](case_of(SHAPE))))
    seen = {array for array, error in errors.items() if error > 1000 * BOUND}
    if "cotangent" not in fault:
        assert seen >= set(OUTPUTS)
    elif name in DIFFERENTIATED:
        assert seen >= {"W_x", "W_h", "b", "x", "h_0"}
    else:
        assert not seen  # ONNX runs forward alone


def test_keras_with_its_own_tanh_agrees_in_float32():
    keras = framework("Keras")
    case = case_of(SHAPE)
    single = case._replace(x=case.x.astype("float32"))
    start = [part.astype("float32") for part in case.state]
    h, *end = keras.layer_of(single)(single.x.swapaxes(0, 1), initial_state=start)
    found = dict(zip(OUTPUTS, (np.asarray(h).swapaxes(0, 1), *map(np.asarray, end)), strict=True))
    assert max(distances(found, ours(case)).values()) <= 1e-6


def test_live_weights_go_straight_in():
    """Tensors and variables of the frameworks need no conversion beforehand."""
    import torch

    from lstm_src.frameworks.interop import from_pytorch

    layer = torch.nn.LSTM(3, 4, num_layers=2)
    read = from_pytorch(layer.state_dict(), layer=1)
    expected = layer.weight_hh_l1.detach().numpy()[:4].T  # the input gate stands first
    np.testing.assert_array_equal(np.split(read.W_h, 4, axis=1)[GATES.index("i")], expected)
    case = case_of(SHAPE)
    back = from_keras(framework("Keras").layer_of(case).weights)
    assert all(np.array_equal(a, b) for a, b in zip(back, case.params, strict=True))


# The node tests of ONNX


def test_the_node_tests_of_onnx_pass_but_for_peepholes():
    onnx, answered = framework("ONNX"), []
    for name, attributes, inputs, outputs in onnx.node_tests():
        answer = onnx.answer(attributes, inputs)
        if answer is None:
            assert name == "test_lstm_with_peepholes"
            continue
        answered.append(name)
        assert max(distances(outputs, answer).values()) <= 1e-6, name
    assert {"test_lstm_defaults", "test_lstm_with_initial_bias"} < set(answered)
    assert {"test_lstm_batchwise", "test_lstm_reverse", "test_lstm_bidirectional"} < set(answered)


NODE_FAULTS = {
    "test_lstm_defaults": ({}, {"W": 2}),
    "test_lstm_with_initial_bias": ({}, {"B": 0}),
    "test_lstm_batchwise": ({}, {"W": 2}),
    "test_lstm_reverse": ({"direction": b"forward"}, {}),
    "test_lstm_bidirectional": ({}, {"R": 2}),
}


@pytest.mark.parametrize("name", NODE_FAULTS)
def test_a_planted_fault_fails_the_node_test(name):
    """An input is multiplied by a number, or the direction read as the other one."""
    onnx = framework("ONNX")
    ((attributes, inputs, outputs),) = [test[1:] for test in onnx.node_tests() if test[0] == name]
    other, factors = NODE_FAULTS[name]
    faulty = {key: array * np.float32(factors.get(key, 1)) for key, array in inputs.items()}
    answer = onnx.answer(attributes | other, faulty)
    assert max(distances(outputs, answer).values()) > 1e-3


# What is stored


def test_what_is_stored_still_holds():
    """A fresh measurement stays within the stored bounds, over the same arrays and shapes."""
    stored, found = json.loads(STORED.read_text(encoding="utf-8")), measure()
    assert excess(stored | {key: found[key] for key in ("errors", "node errors")}) == {}
    assert excess(stored) == {}
    for part in ("errors", "node errors"):
        assert stored[part].keys() == found[part].keys()
    for name, errors in found["errors"].items():
        assert stored["errors"][name].keys() == errors.keys()
    left_out = {name for name, error in found["node errors"].items() if error is None}
    assert left_out == {name for name, error in stored["node errors"].items() if error is None}
    assert stored["shapes"] == found["shapes"]
    assert stored["versions"] == versions()
