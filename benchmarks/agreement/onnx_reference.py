"""ONNX: its reference evaluator, and the node tests of its standard. Forward passes alone."""

import functools
import warnings

import numpy as np
from onnx import helper
from onnx.reference import ReferenceEvaluator

from benchmarks.agreement.cases import OUTPUTS
from lstm_src import State, forward
from lstm_src.frameworks.interop import from_onnx, to_onnx


def run(case):
    """Return outputs by name."""
    inputs = {"X": case.x, **to_onnx(case.params)}
    inputs |= {"initial_h": case.state.h[None], "initial_c": case.state.c[None]}
    names = ["X", "W", "R", "B", "", "initial_h", "initial_c"]  # "" is sequence_lens
    outputs = ["Y", "Y_h", "Y_c"]
    node = helper.make_node("LSTM", names, outputs, hidden_size=len(case.params.W_h))
    Y, Y_h, Y_c = ReferenceEvaluator(node).run(None, inputs)
    return dict(zip(OUTPUTS, (Y[:, 0], Y_h[0], Y_c[0]), strict=True))


@functools.cache
def node_tests():
    """Return the standard's tests of its node: name, attributes, inputs and outputs by name."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other nodes overflow on purpose
        collected = collect_testcases("LSTM")
    found = []
    for test in collected:
        (node,), ((inputs, outputs),) = test.model.graph.node, test.data_sets
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        inputs = dict(zip(node.input, inputs, strict=True))
        outputs = dict(zip(filter(None, node.output), outputs, strict=True))
        found.append((test.name, attributes, inputs, outputs))
    return found


def answer(attributes, inputs):
    """Return what the package computes for a node test, or None if it has peepholes.

    The two directions are two layers, one of them over the reversed sequence.
    """
    if "P" in inputs:
        return None
    batch_first = attributes.get("layout", 0) == 1
    x = inputs["X"].swapaxes(0, 1) if batch_first else inputs["X"]
    ways = {"bidirectional": ("forward", "reverse")}
    direction = attributes.get("direction", b"forward").decode()
    runs = []
    for k, way in enumerate(ways.get(direction, (direction,))):
        tensors = {name: inputs[name][k : k + 1] for name in "WRB" if name in inputs}
        params = from_onnx(tensors, bias="B" in tensors)
        step = -1 if way == "reverse" else 1
        h, state, _ = forward(params, np.ascontiguousarray(x[::step]))
        runs.append((h[::step], State(*state)))
    Y = np.stack([h for h, _ in runs], axis=1)
    Y_h, Y_c = (np.stack([getattr(state, part) for _, state in runs]) for part in "hc")
    if batch_first:
        Y, Y_h, Y_c = Y.transpose(2, 0, 1, 3), Y_h.swapaxes(0, 1), Y_c.swapaxes(0, 1)
    return {"Y": Y, "Y_h": Y_h, "Y_c": Y_c}
