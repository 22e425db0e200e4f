"""The ways in which the LSTM is broken, as data: what stands in the source, and what instead.

An operator takes one node of the syntax tree and yields the texts that may replace it. Most are of
the trade: two gates swapped, the slope of another variable, one step too early, a term left out.
General tools know few of them.
"""

import ast
from ast import unparse
from typing import NamedTuple

from lstm_src.structures import GATES
from tests.mutants.arithmetic import (
    OUTPUTS,
    another_operation,
    another_sign,
    call,
    name_of,
    operands_swapped,
    sign_flipped,
    term_left_out,
    update_replaced,
)

METHODS = {"astype", "copy", "reshape", "swapaxes"}
ATTRIBUTES = {"h": "c", "c": "h", "W_h": "W_x", "W_x": "W_h", "float64": "float32", "tanh": "sin"}
STEPS = {"t", "k", "n", "K"}
ALIKE = [
    {"dc_dc_prev", "dh_dc", "dh_dz_o"},
    {"dc", "dh_t", "dh_next", "share"},
    {"by_gate", "by_tanh"},
    {"gates", "products", "tanhs"},
    {"one", "two"},
    {"h_t", "c"},
    {"D", "H"},
]
"""Names that stand for arrays, or sizes, of the same kind."""


class Operator(NamedTuple):
    """One way of breaking code: its name, the nodes that it applies to, and what replaces them."""

    name: str
    nodes: type
    replacements: callable


def swaps(items):
    """Return the sequences with two neighbours exchanged."""
    for k in range(len(items) - 1):
        yield [*items[:k], items[k + 1], items[k], *items[k + 2 :]]


def outputs_swapped(node):
    if name_of(node) in OUTPUTS | {"reshape"}:
        yield from (call(unparse(node.func), arguments, node) for arguments in swaps(node.args))


def names_swapped(node):
    """Swap neighbours in a list, or where several names are given a value at once."""
    if isinstance(node, ast.List):
        yield from (f"[{', '.join(map(unparse, items))}]" for items in swaps(node.elts))
    elif isinstance(node.ctx, ast.Store):
        yield from (", ".join(map(unparse, items)) for items in swaps(node.elts))


def statement_left_out(node):
    """Drop a call that is not a value, or the filling of a part of an array."""
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    fills = not isinstance(node, ast.Assign) or isinstance(node.targets[0], ast.Subscript)
    if fills and not docstring:
        yield "pass"


def number_off_by_one(node):
    """Change an index, a size or a constant. The -1 of ``reshape`` is not a number but a word."""
    negative = isinstance(node.parent, ast.UnaryOp)
    word = negative and "reshape" in unparse(node.parent.parent)
    if type(node.value) in {int, float} and not word:
        yield from (str(node.value + 1), str(node.value - 1))


def step_off_by_one(node):
    if node.id in STEPS and isinstance(node.ctx, ast.Load):
        yield from (f"({node.id} + 1)", f"({node.id} - 1)")


def name_of_another(node):
    if isinstance(node.ctx, ast.Load):
        for names in ALIKE:
            yield from sorted(names - {node.id}) if node.id in names else ()


def attribute_of_another(node):
    if node.attr == "T":
        yield unparse(node.value)
    elif node.attr in ATTRIBUTES:
        yield f"{unparse(node.value)}.{ATTRIBUTES[node.attr]}"


def gates_reversed(node):
    """Take a run of gates, slopes or rows from its last to its first."""
    if isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load):
        yield f"{unparse(node)}[::-1]"


def method_left_out(node):
    if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
        yield unparse(node.func.value)


def argument_left_out(node):
    """Drop where to put the result, or the dtype."""
    if any(keyword.arg == "out" for keyword in node.keywords):
        yield f"{unparse(node.func)}({', '.join(map(unparse, node.args))})"
    if name_of(node).startswith("np.") and node.args and unparse(node.args[-1]) == "dtype":
        yield call(name_of(node), node.args[:-1], node)


def loop_changed(node):
    if name_of(node) == "range":
        yield from (f"range(1, {unparse(node.args[0])})", f"range({unparse(node.args[0])} - 1)")
    if name_of(node) == "reversed":
        yield unparse(node.args[0])


def condition_changed(node):
    if isinstance(node, ast.BoolOp):
        yield from map(unparse, [ast.BoolOp(ast.And(), node.values), *node.values])
    elif isinstance(node, ast.IfExp):
        yield from (unparse(node.body), unparse(node.orelse))
    elif isinstance(node, ast.Compare):
        yield f"not ({unparse(node)})"


def text_changed(node):
    """Name another gate, or another argument in an error."""
    if isinstance(node.value, str) and not isinstance(node.parent, ast.Expr):
        gates = [gate for gate in GATES if gate != node.value]
        yield from map(repr, gates if node.value in GATES else [node.value + "_"])


OPERATORS = [
    Operator("another operation", ast.Call, another_operation),
    Operator("operands swapped", ast.Call | ast.BinOp, operands_swapped),
    Operator("term left out", ast.Call, term_left_out),
    Operator("sign flipped", ast.Call | ast.UnaryOp, sign_flipped),
    Operator("outputs swapped", ast.Call, outputs_swapped),
    Operator("names swapped", ast.List | ast.Tuple, names_swapped),
    Operator("statement left out", ast.Expr | ast.AugAssign | ast.Assign, statement_left_out),
    Operator("update replaced", ast.AugAssign, update_replaced),
    Operator("another sign", ast.BinOp, another_sign),
    Operator("number off by one", ast.Constant, number_off_by_one),
    Operator("step off by one", ast.Name, step_off_by_one),
    Operator("name of another", ast.Name, name_of_another),
    Operator("attribute of another", ast.Attribute, attribute_of_another),
    Operator("gates reversed", ast.Subscript, gates_reversed),
    Operator("method left out", ast.Call, method_left_out),
    Operator("argument left out", ast.Call, argument_left_out),
    Operator("loop changed", ast.Call, loop_changed),
    Operator("condition changed", ast.BoolOp | ast.IfExp | ast.Compare, condition_changed),
    Operator("text changed", ast.Constant, text_changed),
]
