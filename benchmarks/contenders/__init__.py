"""The contenders, by name. Each module's ``prepare(problem)`` returns a `Work`.

``limit`` is no contender but a bound: it does the arithmetic that nobody can leave out, and its
``gradients`` is None.
"""

import importlib
import importlib.util

MODULES = {
    "ours": "ours",
    "ours, out=": "ours_reusing",
    "PyTorch": "pytorch",
    "JAX": "jax_scan",
    "plain": "plain",
    "limit": "limit",
    "ours, segments": "ours_in_segments",
}
"""Where each contender is."""

FOR_SPEED = ("ours", "ours, out=", "PyTorch", "JAX", "plain", "limit")
FOR_MEMORY = ("ours", "ours, segments", "PyTorch", "JAX", "plain")

NEEDS = {"PyTorch": "torch", "JAX": "jax"}
"""What each peer must have installed."""

REFERENCES = ("PyTorch", "plain")
"""Whose gradients the others must have: the first of these that is installed."""


def missing():
    """Return the contenders that can't run here, each with the package that it lacks."""
    return {
        name: package
        for name, package in NEEDS.items()
        if importlib.util.find_spec(package) is None
    }


def present():
    """Return the contenders that can run here."""
    return [name for name in MODULES if name not in missing()]


def prepare(name, problem):
    """Return the contender's `Work` on a problem."""
    return importlib.import_module(f"{__name__}.{MODULES[name]}").prepare(problem)
