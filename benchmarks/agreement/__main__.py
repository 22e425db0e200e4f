"""Compare outputs and gradients with PyTorch, JAX, Keras and ONNX; store the largest errors.

    make test-frameworks                              # makes the environment, checks what is stored
    .venv-bench/bin/python -m benchmarks.agreement    # measures anew and stores it, half a minute

Weights, inputs and cotangents are random, in float64, at the shapes in ``cases.py``; the node tests
of ONNX bring their own, in float32.
"""

import argparse
import datetime
import functools
import importlib
import json
from pathlib import Path

from benchmarks.agreement.cases import BOUND, SHAPES, case_of, distances, ours
from benchmarks.environment import installed

STORED = Path(__file__).with_name("agreement.json")
NODE_BOUND = 1e-6  # the node tests are in float32
FRAMEWORKS = {
    "PyTorch": "pytorch",
    "JAX": "jax_scan",
    "Keras": "keras_layer",
    "ONNX": "onnx_reference",
}
PACKAGES = ("torch", "jax", "jaxlib", "keras", "onnx", "numpy")


def framework(name):
    """Return the module that runs a framework."""
    return importlib.import_module(f"benchmarks.agreement.{FRAMEWORKS[name]}")


@functools.cache
def result(name, shape):
    """Return what a framework makes of the case of a shape, by name."""
    return framework(name).run(case_of(shape))


def worst(name, shapes=SHAPES):
    """Return each array's largest relative error over some shapes."""
    found = [distances(result(name, shape), ours(case_of(shape))) for shape in shapes]
    return {array: max(errors[array] for errors in found) for array in found[0]}


def node_errors():
    """Return each ONNX node test's largest relative error, None where it is left out."""
    onnx = framework("ONNX")
    found = {}
    for name, attributes, inputs, outputs in onnx.node_tests():
        answer = onnx.answer(attributes, inputs)
        found[name] = answer and max(distances(outputs, answer).values())
    return found


def versions():
    """Return the frameworks' versions, without the name of a build."""
    return {package: installed(package).partition("+")[0] for package in PACKAGES}


def measure():
    """Return everything that is stored."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": versions(),
        "shapes": [" x ".join(map(str, shape)) for shape in SHAPES],
        "bound": BOUND,
        "errors": {name: worst(name) for name in FRAMEWORKS},
        "node bound": NODE_BOUND,
        "node errors": node_errors(),
    }


def excess(found):
    """Return what is above its bound, by name."""
    errors = {(f, a): e for f, errors in found["errors"].items() for a, e in errors.items()}
    nodes = {name: error for name, error in found["node errors"].items() if error is not None}
    above = {name: e for name, e in errors.items() if not e <= found["bound"]}
    return above | {name: e for name, e in nodes.items() if not e <= found["node bound"]}


def main(arguments=None):
    """Run the comparison; store it unless an error is above its bound."""
    description = __doc__.partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agreement", description=description)
    parser.parse_args(arguments)
    found = measure()
    print(json.dumps(found, indent=1))
    if excess(found):
        raise SystemExit(f"above the bound: {excess(found)}")
    STORED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
