"""Ways of breaking arithmetic: another operation, another sign, swapped operands, a term less."""

import ast
from ast import unparse

UFUNCS = {"add": "subtract", "subtract": "add", "multiply": "add", "divide": "multiply"}
ORDERED = {"subtract", "divide", "matmul"}
SIGNS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
}
NONCOMMUTATIVE = ast.Sub | ast.Div | ast.FloorDiv | ast.Mod | ast.MatMult
FUNCTIONS = {"min": "max", "max": "min", "np.zeros": "np.ones"}
OUTPUTS = {"Forward", "Gradients", "Params", "State"}


def name_of(call):
    """Return the function's name: ``np.add``, ``State``; of a method the last part alone."""
    function = call.func
    numpy = isinstance(function, ast.Attribute) and unparse(function.value) == "np"
    return unparse(function) if numpy else unparse(function).rpartition(".")[2]


def call(name, arguments, node):
    """Return the text of a call with other arguments and the same keywords."""
    keywords = [f"{keyword.arg}={unparse(keyword.value)}" for keyword in node.keywords]
    return f"{name}({', '.join([*map(unparse, arguments), *keywords])})"


def ufunc(node):
    """Return the name of a NumPy operation on two arrays, or None."""
    name = name_of(node).removeprefix("np.")
    return name if name in UFUNCS or name == "matmul" else None


def negated(node):
    return ast.UnaryOp(ast.USub(), node)


def another_operation(node):
    if ufunc(node) in UFUNCS:
        yield call(f"np.{UFUNCS[ufunc(node)]}", node.args, node)
    if name_of(node) in FUNCTIONS:
        yield call(FUNCTIONS[name_of(node)], node.args, node)


def operands_swapped(node):
    if isinstance(node, ast.BinOp) and isinstance(node.op, NONCOMMUTATIVE):
        yield f"({unparse(ast.BinOp(node.right, node.op, node.left))})"
    if isinstance(node, ast.Call) and ufunc(node) in ORDERED:
        yield call(name_of(node), node.args[::-1], node)


def term_left_out(node):
    """Leave one operand as it is; of a function on one array, its argument."""
    if ufunc(node) in UFUNCS:
        yield from (call("np.positive", [operand], node) for operand in node.args)
    if name_of(node) == "tanh":
        yield call("np.positive", node.args, node)


def sign_flipped(node):
    if isinstance(node, ast.Call):
        if ufunc(node) in {"multiply", "matmul"}:
            yield call(name_of(node), [node.args[0], negated(node.args[1])], node)
        if name_of(node) in OUTPUTS:
            arrays = [k for k, a in enumerate(node.args) if not isinstance(a, ast.Call)]
            for k in arrays:
                changed = [*node.args[:k], negated(node.args[k]), *node.args[k + 1 :]]
                yield call(name_of(node), changed, node)
    elif isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield unparse(node.operand)


def update_replaced(node):
    target, value = unparse(node.target), unparse(node.value)
    yield f"{target} = {value}"
    yield f"{target} {'*' if isinstance(node.op, ast.Div) else '-'}= {value}"


def another_sign(node):
    if type(node.op) in SIGNS:
        yield f"({unparse(ast.BinOp(node.left, SIGNS[type(node.op)](), node.right))})"
