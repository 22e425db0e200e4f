"""All mutants of a source: one place changed in each."""

import ast
from typing import NamedTuple

from tests.mutants.operators import OPERATORS


class Mutant(NamedTuple):
    """A changed source, the operator that changed it, and the line where, before and after."""

    source: str
    operator: str
    function: str
    line: int
    before: str
    after: str

    @property
    def key(self):
        """What names it in the list of equivalent ones, wherever its line moves."""
        return self.function, self.before, self.after


def mutants_of(source, operators=OPERATORS):
    """Return every mutant that is a program of its own, in the order of the source."""
    tree = ast.parse(source)
    tree.parent = None
    functions = {}
    for node in ast.walk(tree):  # parents come before their children
        functions[node] = node.name if isinstance(node, ast.FunctionDef) else ""
        functions[node] = functions[node] or functions.get(node.parent, "")
        for child in ast.iter_child_nodes(node):
            child.parent = node
    found = {ast.dump(tree): None}  # a change that changes nothing is no mutant
    for node in filter(computes, functions):
        for operator in operators:
            if isinstance(node, operator.nodes):
                for text in operator.replacements(node):
                    mutant = replace(source, node, text)
                    try:
                        program = ast.dump(ast.parse(mutant))
                    except SyntaxError:  # a sign before a starred argument is no program
                        continue
                    if program not in found:
                        lines = changed_lines(source, mutant, node)
                        found[program] = Mutant(mutant, operator.name, functions[node], *lines)
    return sorted(filter(None, found.values()), key=lambda mutant: mutant.line)


def computes(node):
    """Tell whether a node is of more than the list of public names, which computes nothing."""
    while node.parent is not None:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return False
        node = node.parent
    return True


def replace(source, node, text):
    """Return the source with another text where the node stands."""
    lines = source.encode().splitlines(keepends=True)  # the columns of a node count bytes
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    end = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    source = source.encode()
    return (source[:start] + text.encode() + source[end:]).decode()


def changed_lines(source, mutant, node):
    """Return the number of the first changed line, and all changed ones, before and after."""
    before, after = source.splitlines(), mutant.splitlines()
    rest = len(before) - node.end_lineno
    first = node.lineno - 1
    before, after = before[first : node.end_lineno], after[first : len(after) - rest]
    return node.lineno, *(" ".join(map(str.strip, lines)) for lines in (before, after))
