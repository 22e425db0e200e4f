"""Every verdict of every check has a chip, and the chip says what the verdict says."""

import ast
import inspect
import sys
import textwrap
from itertools import count

import numpy as np
import pytest

from lstm_src import audit_scaling, check_gradients
from lstm_src.book.shown import CHIPS, verdict_chip
from lstm_src.checks import InvarianceReport, ScalingReport, audit_weights, compare_gradients
from lstm_src.checks.gradients import verdicts as of_gradients
from lstm_src.checks.weights import verdicts as of_weights

W = np.array([1.0, 2.0, 3.0])
TERMS = np.random.default_rng(0).standard_normal((12, 40))
LOSSES = {"loss": [0] * 5 + [1] * 7}
ONE, SQUARES = np.full(12, 1 / 12), np.arange(1, 13) ** 2
BUT_ONE = ONE * ([1] * 11 + [3])
MANY = np.random.default_rng(0).standard_normal((99, 396)).astype(np.float16)
HALVES = {"sequence": [0] * 50 + [1] * 49}  # too much alike for float16
calls = count()


def squares(values):
    return (values**2).sum() / 2


def weighed(weights, groups=None, mean=None, *, terms=TERMS, more=0, clip=None):
    gradient = weights @ terms + more
    counts = None if clip is None else {"max_norm": clip * np.linalg.norm(gradient)}
    return audit_weights(gradient, terms, groups, mean, counts=counts)


def weighed_apart():
    """Each array has a factor of its own, as after a clip of each."""
    parts = {
        name: np.random.default_rng(k).standard_normal((12, 50)) for k, name in enumerate("abcd")
    }
    whole = {name: ONE @ part for name, part in parts.items()}
    clipped = {name: g / np.linalg.norm(g) for name, g in whole.items()}
    return audit_weights(clipped, parts, {"sequence": [0] * 5 + [1] * 7}, "token mean")


OTHERS = [
    (lambda: audit_scaling(lambda s: s * W), "✓ once"),
    (lambda: audit_scaling(lambda s: s**2 * W), "✗ not once"),
    (lambda: audit_scaling(lambda s: next(calls) * W), "? not repeatable"),
    (lambda: audit_scaling(lambda s: 0 * W), "? nothing to see"),
    (lambda: check_gradients(squares, W, W), "✓ right"),
    (lambda: check_gradients(squares, W, 2 * W), "✗ wrong"),
    (lambda: check_gradients(lambda w: squares(w) + next(calls), W, W), "? not repeatable"),
    (lambda: check_gradients(lambda w: 0 * squares(w), W, 0 * W), "? not known"),
    (lambda: compare_gradients(lambda k: k**0 * W, [1, 2]), "✓ the same"),
    (lambda: compare_gradients(lambda k: k * W, [1, 2]), "✗ not the same"),
]
WEIGHTS = [
    (lambda: weighed(ONE, mean="token mean"), "✓ as meant"),
    (lambda: weighed(2 * ONE, mean="token mean"), "✗ not as meant"),
    (lambda: weighed(ONE, LOSSES, "sum of loss means"), "✗ another mean"),
    (lambda: weighed(ONE, mean="token mean", more=1.0), "? not known"),
    (lambda: weighed(ONE, mean="sum"), "✗ another mean"),
    (lambda: weighed(ONE), "? not judged"),
    (lambda: weighed(2 * ONE, clip=1), "? not judged"),
    (lambda: weighed(2 * ONE, mean="token mean", clip=1), "? not judged"),
    (lambda: weighed(2 * ONE, LOSSES, "sum of loss means", clip=1), "✗ another mean"),
    (lambda: weighed(BUT_ONE, LOSSES), "? not judged"),
    (lambda: weighed(BUT_ONE, mean="token mean"), "✗ not as meant"),
    (lambda: weighed(ONE * ([1] * 11 + [0]), mean="token mean"), "✗ not as meant"),
    (lambda: weighed(np.array([1] * 11 + [0]) / 11, mean="token mean"), "✗ not as meant"),
    (lambda: weighed(np.array([1] * 5 + [3] * 7), LOSSES, "sum of loss means"), "✗ another mean"),
    (weighed_apart, "✗ not as meant"),
    (lambda: weighed(SQUARES), "? no such mean"),
    (lambda: weighed(SQUARES, mean="token mean"), "✗ no such mean"),
    (lambda: weighed(np.ones(1), terms=TERMS[:1]), "? not known"),
    (lambda: weighed(0 * ONE), "? not known"),
    (lambda: weighed(ONE, LOSSES, terms=TERMS[:, :5]), "? not known"),
    (lambda: weighed(ONE, terms=TERMS[:, :5]), "? not known"),
    (lambda: weighed(np.full(99, 1 / 99), HALVES, terms=MANY), "? not known"),
    (lambda: weighed(SQUARES, terms=TERMS[:, :12]), "? not known"),
]


@pytest.mark.parametrize(("check", "chip"), OTHERS + WEIGHTS)
def test_the_chip_says_what_the_check_found(check, chip):
    kind, said = verdict_chip(check())
    assert said == chip
    assert kind == {"✓": "good", "✗": "bad", "?": "unknown"}[chip[0]]


SAYING = [
    function
    for function in vars(of_weights).values()
    if inspect.isfunction(function)
    and function.__module__ == of_weights.__name__
    and function.__name__ not in ("table", "_cells")
]
"""What makes the verdict on weights, with its helpers."""


def sentences(function):
    """Return the texts of a function, or of a class, that begin with a capital letter."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    docstring = ast.get_docstring(tree, clean=False)
    return [t for t in texts if isinstance(t, str) and t[:1].isupper() and t != docstring]


@pytest.mark.parametrize(
    "function",
    [
        ScalingReport._line,
        InvarianceReport.report.fget,
        of_gradients.verdict,
        of_gradients._not_known,
        *SAYING,
    ],
    ids=lambda function: function.__qualname__,
)
def test_every_sentence_that_may_be_a_verdict_has_a_chip(function):
    for text in sentences(function):
        assert verdict_chip(text) in CHIPS.values()


def opens_a_sentence(value):
    """Tell whether an expression is a text that begins with a capital letter."""
    first = value.values[0] if isinstance(value, ast.JoinedStr) else value
    text = first.value if isinstance(first, ast.Constant) else None
    return isinstance(text, str) and text[:1].isupper()


def returns_reached(functions, run):
    """Return the first lines of some functions' returns, and those that a call reaches.

    A return whose sentence stands in the code, from its first letter on, is left out: see above.
    """
    ends = {}
    for function in functions:
        lines, first = inspect.getsourcelines(function)
        for node in ast.walk(ast.parse(textwrap.dedent("".join(lines)))):
            if isinstance(node, ast.Return) and not opens_a_sentence(node.value):
                place = range(node.lineno + first - 1, node.end_lineno + first)
                ends |= dict.fromkeys(place, place[0])
    codes, reached = {function.__code__ for function in functions}, set()

    def trace(frame, event, arg):
        if frame.f_code not in codes:
            return None
        if frame.f_lineno in ends:
            reached.add(ends[frame.f_lineno])
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return set(ends.values()), reached


def test_the_examples_show_every_verdict_on_weights():
    every, reached = returns_reached(SAYING, lambda: [check() for check, _ in WEIGHTS])
    assert every == reached
    _, some = returns_reached(SAYING, WEIGHTS[0][0])
    assert len(some) < len(every)


def test_sentences_are_found_where_they_are():
    assert "Weighed as meant" in sentences(of_weights._named)
    assert len(sentences(ScalingReport._line)) > 5
    assert sentences(sentences) == []


@pytest.mark.parametrize("verdict", ["", "the token mean.", "Unheard of: 3 gradients."])
def test_a_verdict_without_a_chip_is_an_error(verdict):
    with pytest.raises(ValueError, match="report: expected a verdict that one of CHIPS begins"):
        verdict_chip(f"{verdict}\nA table.")
