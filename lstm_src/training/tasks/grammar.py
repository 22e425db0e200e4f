"""The Reber grammar: strings drawn along the arrows of one small table, and what may follow."""

import numpy as np

from lstm_src.validation import check_generator

REBER_SYMBOLS = "BTPSXVE"
"""The symbols in the order of their words, 0 to 6."""

START = 0

PLAIN = {
    0: {"B": 1},
    1: {"T": 2, "P": 3},
    2: {"S": 2, "X": 4},
    3: {"T": 3, "V": 5},
    4: {"X": 3, "S": 6},
    5: {"P": 4, "V": 6},
    6: {"E": 7},
    7: {},
}
"""Where each symbol leads from each state; from the last one, none does."""


def embed(plain):
    """Return the table of B, then T or P, then a string of another table, the same again, E."""
    table = {0: {"B": 1}, 1: {"T": ("T", START), "P": ("P", START)}, 2: {"E": 3}, 3: {}}
    for outer in "TP":
        for state, arrows in plain.items():
            inner = {symbol: (outer, to) for symbol, to in arrows.items()}
            table[outer, state] = inner or {outer: 2}
    return table


GRAMMARS = {"plain": PLAIN, "embedded": embed(PLAIN)}


def reber_string(rng, *, grammar="embedded"):
    """Draw a string, every arrow of a state with the same probability.

    Parameters
    ----------
    rng : numpy.random.Generator
    grammar : {"embedded", "plain"}, optional

    Returns
    -------
    str
        Of `REBER_SYMBOLS`, from B to E. The mean length is 12, that of a plain string 8; there is
        no longest one.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.

    Notes
    -----
    Reber (1967) made the grammar, Cleeremans, Servan-Schreiber and McClelland (1989) gave it to
    networks; embedded it is experiment 1 of Hochreiter and Schmidhuber (1997).
    """
    check_generator("rng", rng)
    table, state, string = check_grammar(grammar), START, ""
    while arrows := table[state]:
        symbol = list(arrows)[rng.integers(len(arrows))]
        string, state = string + symbol, arrows[symbol]
    return string


def may_follow(string, *, grammar="embedded"):
    """Return which symbols may follow the beginning of a string.

    Parameters
    ----------
    string : str
        A beginning; it may be empty, or whole.
    grammar : {"embedded", "plain"}, optional

    Returns
    -------
    str
        The symbols, such as "TP"; none after a whole string.

    Raises
    ------
    TypeError
        If the string is none.
    ValueError
        If no string of the grammar begins so, or there is no such grammar.
    """
    table, state = check_grammar(grammar), START
    if not isinstance(string, str):
        raise TypeError(f"string: expected a string of symbols, got {type(string).__name__}")
    for at, symbol in enumerate(string):
        if symbol not in table[state]:
            expected = " or ".join(table[state]) or "its end"
            raise ValueError(f"string: expected {expected} at index {at}, got {symbol!r}")
        state = table[state][symbol]
    return "".join(table[state])


def is_reber(string, *, grammar="embedded"):
    """Tell whether a string is a whole one of the grammar.

    Parameters
    ----------
    string : str
    grammar : {"embedded", "plain"}, optional

    Returns
    -------
    bool

    Raises
    ------
    TypeError, ValueError
        If the string is none, or there is no such grammar.
    """
    table, state = check_grammar(grammar), START
    if not isinstance(string, str):
        raise TypeError(f"string: expected a string of symbols, got {type(string).__name__}")
    for symbol in string:
        if symbol not in table[state]:
            return False
        state = table[state][symbol]
    return not table[state]


def means(grammar):
    """Return the mean length of a string, and the mean of how many nats its choices take.

    From a state with n arrows the next symbol takes ln n; both means solve a linear equation.
    """
    table = check_grammar(grammar)
    rows = {state: row for row, state in enumerate(table)}
    moves, each = np.zeros((len(table), len(table))), np.zeros((len(table), 2))
    for state, arrows in table.items():
        for to in arrows.values():
            moves[rows[state], rows[to]] += 1 / len(arrows)
        if arrows:
            each[rows[state]] = 1, np.log(len(arrows))
    length, nats = np.linalg.solve(np.eye(len(table)) - moves, each)[rows[START]]
    return float(length), float(nats)


def check_grammar(grammar):
    """Return the table of a grammar."""
    if not isinstance(grammar, str) or grammar not in GRAMMARS:
        raise ValueError(f"grammar: expected one of {', '.join(GRAMMARS)}, got {grammar!r}")
    return GRAMMARS[grammar]
