"""The Reber grammar: its table against a regular expression, its means, and what is legal."""

import math
import re
from itertools import product

import numpy as np
import pytest

from lstm_src.training import IGNORED, cross_entropy, init_model, loss_and_gradients
from lstm_src.training.tasks import (
    REBER_SYMBOLS,
    Task,
    is_reber,
    legal_shares,
    legal_symbols,
    may_follow,
    reber_baseline,
    reber_string,
    reber_task,
)
from lstm_src.training.tasks.grammar import GRAMMARS, PLAIN, embed, means

AFTER_X = "(?:XT*VP)*(?:S|XT*VV)"
INNER = f"B(?:TS*X{AFTER_X}|PT*V(?:V|P{AFTER_X}))E"
WRITTEN = {"plain": INNER, "embedded": f"B(?:T{INNER}T|P{INNER}P)E"}
MIDDLES = ["".join(middle) for n in range(3, 7) for middle in product("TPSXV", repeat=n)]

# Strings that a course of N. Schraudolph and F. Cummins calls legal, and others that it does not:
# cnl.salk.edu/~schraudo/teach/NNcourse/reber.html
LEGAL = ("BTSSXXTVVE", "BPVVE", "BTXXVPSE", "BPVPXVPXVPXVVE", "BTSXXVPSE")
ILLEGAL = ("BTSSPXSE", "BPTVVB", "BTXXVVSE", "BPVSPSE", "BTSSSE")


def rng(seed=0):
    return np.random.default_rng(seed)


def differing():
    """Return the strings of 5 to 8 symbols of which the table and the expression differ."""
    strings = [f"B{middle}E" for middle in MIDDLES]
    expression = re.compile(INNER)
    return [
        string
        for string in strings
        if is_reber(string, grammar="plain") != bool(expression.fullmatch(string))
    ]


def test_the_table_holds_the_strings_of_the_regular_expression():
    assert differing() == []
    short = [m for m in MIDDLES if len(m) < 5 and is_reber(f"B{m}E", grammar="plain")]
    assert sorted(short) == ["PTVV", "PVPS", "PVV", "TSXS", "TXS"]


@pytest.mark.parametrize(
    ("state", "symbol"), [(s, k) for s, arrows in PLAIN.items() for k in arrows if 0 < s < 6]
)
def test_a_wrong_arrow_is_found(state, symbol, monkeypatch):
    for to in PLAIN:
        if to in (0, 7, PLAIN[state][symbol]):
            continue
        wrong = PLAIN | {state: PLAIN[state] | {symbol: to}}
        monkeypatch.setitem(GRAMMARS, "plain", wrong)
        assert differing(), f"{symbol} from {state} to {to}"


def test_published_strings_are_told_apart():
    for string in LEGAL:
        assert is_reber(string, grammar="plain")
        assert is_reber(f"BT{string}TE")
        assert is_reber(f"BP{string}PE")
        assert not is_reber(f"BT{string}PE")
        assert not is_reber(string)
    assert not any(is_reber(string, grammar="plain") for string in ILLEGAL)
    assert not is_reber("")
    assert not is_reber(LEGAL[0][:-1], grammar="plain")
    assert not is_reber(LEGAL[0] + "E", grammar="plain")


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_what_is_drawn_is_legal(grammar):
    draws = rng()
    strings = [reber_string(draws, grammar=grammar) for _ in range(500)]
    for string in strings:
        assert re.fullmatch(WRITTEN[grammar], string)
        assert is_reber(string, grammar=grammar)
        assert all(string[t] in may_follow(string[:t], grammar=grammar) for t in range(len(string)))
        assert may_follow(string, grammar=grammar) == ""
    assert len(set(strings)) > 50


def test_what_may_follow():
    assert may_follow("") == "B"
    assert may_follow("B") == "TP"
    assert may_follow("BTB") == "TP"
    assert may_follow("BTBPVVE") == "T"
    assert may_follow("BPBPVVE") == "P"
    assert may_follow("BPVV", grammar="plain") == "E"


@pytest.mark.parametrize(("grammar", "mean"), [("plain", 8), ("embedded", 12)])
def test_the_mean_length_is_that_of_the_strings(grammar, mean):
    assert means(grammar)[0] == pytest.approx(mean, rel=1e-12)
    draws = rng()
    lengths = [len(reber_string(draws, grammar=grammar)) for _ in range(20_000)]
    assert np.mean(lengths) == pytest.approx(mean, abs=0.1)


def test_a_wrong_arrow_changes_the_mean_length(monkeypatch):
    wrong = PLAIN | {2: {"S": 2, "X": 3}}
    monkeypatch.setitem(GRAMMARS, "plain", wrong)
    monkeypatch.setitem(GRAMMARS, "embedded", embed(wrong))
    assert means("plain")[0] > 8.5
    assert means("embedded")[0] == pytest.approx(means("plain")[0] + 4)


# The task


def check_task(task, grammar):
    """Raise unless every label is the symbol that follows, up to the end of a whole string."""
    assert task.x.shape == task.target.shape == task.mask.shape
    assert len(task.x) == task.lengths.max()
    for x, target, mask, length in zip(
        task.x.T, task.target.T, task.mask.T, task.lengths, strict=True
    ):
        words = [*x[:length], target[length - 1]]
        assert is_reber("".join(REBER_SYMBOLS[word] for word in words), grammar=grammar)
        assert target[: length - 1].tolist() == x[1:length].tolist()
        assert (target[length:] == IGNORED).all()
        assert not x[length:].any()
        assert mask.tolist() == [t < length for t in range(len(x))]


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_every_symbol_asks_for_the_next(grammar):
    task = reber_task(30, rng(), grammar=grammar)
    assert len(set(task.lengths)) > 3
    check_task(task, grammar)


@pytest.mark.parametrize(
    "plant",
    [
        lambda task: task._replace(target=task.x),
        lambda task: task._replace(target=np.roll(task.target, 1, axis=0)),
        lambda task: task._replace(target=np.roll(task.target, -1, axis=0)),
        lambda task: task._replace(lengths=task.lengths - 1),
        lambda task: task._replace(mask=np.ones_like(task.mask)),
        lambda task: task._replace(x=np.roll(task.x, 1, axis=1)),
    ],
)
def test_a_fault_in_the_task_is_found(plant):
    task = reber_task(30, rng())
    with pytest.raises((AssertionError, IndexError)):
        check_task(plant(task), "embedded")


def test_a_seed_fixes_the_task():
    for one, same in zip(reber_task(5, rng(3)), reber_task(5, rng(3)), strict=True):
        np.testing.assert_array_equal(one, same)
    assert reber_string(rng(1)) != reber_string(rng(2))


def test_a_model_takes_the_task():
    task = reber_task(6, rng())
    model = init_model(4, 3, 7, rng(), words=7)
    found = loss_and_gradients(
        model, task.x, task.target, mask=task.mask, reduction="sequence mean"
    )
    assert found.count == task.lengths.sum()


# The baselines


def says(task, *, remembers):
    """Return the outputs of a model that knows the grammar, with or without the second symbol."""
    legal = legal_symbols(task)
    if not remembers:
        each = np.arange(len(task.lengths))
        for symbol in "TP":
            legal[task.lengths - 2, each, REBER_SYMBOLS.index(symbol)] = True
    legal[~task.mask] = True  # the padding needs a finite entry
    return np.where(legal, 0.0, -np.inf)


@pytest.mark.parametrize("remembers", [True, False])
def test_who_knows_the_grammar_has_the_baseline(remembers):
    task = reber_task(4000, rng())
    terms = cross_entropy(says(task, remembers=remembers), task.target, task.mask).terms
    mean = terms.sum() / task.mask.sum()
    assert mean == pytest.approx(reber_baseline(remembers=remembers), rel=0.005)
    assert reber_baseline() == pytest.approx(reber_baseline(remembers=True) + math.log(2) / 11)


def test_the_baseline_of_the_plain_grammar_is_its_mean_choice():
    task = reber_task(4000, rng(), grammar="plain")
    legal = legal_symbols(task, grammar="plain")
    mean = np.log(legal.sum(axis=-1)[task.mask]).mean()
    for remembers in (True, False):
        baseline = reber_baseline(remembers=remembers, grammar="plain")
        assert mean == pytest.approx(baseline, rel=0.01)


def test_the_share_of_legal_predictions():
    task = reber_task(3000, rng())
    knows = legal_shares(says(task, remembers=True), task)
    assert knows == (1, 1)
    forgets = legal_shares(says(task, remembers=False), task)
    assert forgets.closing == pytest.approx(0.5, abs=0.03)
    assert forgets.every == pytest.approx(1 - 0.5 / 11, abs=0.003)
    nothing = legal_shares(np.zeros((*task.x.shape, 7)), task)
    assert nothing.closing == 0  # all outputs equal: B is chosen
    assert nothing.every == pytest.approx(1 / 11, abs=0.003)


def test_padding_does_not_count_as_legal():
    task = reber_task(40, rng())
    assert not legal_symbols(task)[~task.mask].any()
    outputs = says(task, remembers=True)
    outputs[~task.mask] = 7.0
    assert legal_shares(outputs, task) == (1, 1)


def _task(string):
    """Return a task with the beginning of one string."""
    x = np.array([[REBER_SYMBOLS.index(symbol)] for symbol in string])
    return Task(x, x, np.ones_like(x, bool), np.array([len(x)]))


TASK = reber_task(2, rng())
OUTPUTS = np.zeros((*TASK.x.shape, 7))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: reber_task(0, rng()), ValueError, "B: expected at least 1, got 0"),
        (lambda: reber_task(1, 7), TypeError, "rng: expected numpy.*Generator, got int"),
        (lambda: reber_task(1, rng(), grammar="Reber"), ValueError, "grammar: .* got 'Reber'"),
        (lambda: reber_string(None), TypeError, "rng: expected numpy.*, got NoneType"),
        (lambda: reber_string(rng(), grammar=[]), ValueError, r"grammar: expected .*, got \[\]"),
        (lambda: may_follow(["B"]), TypeError, "string: expected a string .* got list"),
        (lambda: may_follow("BX"), ValueError, "string: expected T or P at index 1, got 'X'"),
        (lambda: may_follow("BPVVEE", grammar="plain"), ValueError, "expected its end at index 5"),
        (lambda: is_reber(b"BTE"), TypeError, "string: expected a string .* got bytes"),
        (lambda: is_reber("BTE", grammar=None), ValueError, "grammar: expected .* got None"),
        (lambda: reber_baseline(remembers=1), TypeError, "remembers: expected a bool, got int"),
        (lambda: reber_baseline(grammar="x"), ValueError, "grammar: expected .* got 'x'"),
        (lambda: legal_symbols(TASK.x), TypeError, r"task: expected Task\(.*\), got ndarray"),
        (lambda: legal_symbols(TASK, grammar="x"), ValueError, "grammar: expected .* got 'x'"),
        (lambda: legal_symbols(TASK, grammar="plain"), ValueError, "string: expected"),
        (lambda: legal_symbols(TASK._replace(x=OUTPUTS)), TypeError, "task.x: expected integers"),
        (
            lambda: legal_symbols(TASK._replace(x=TASK.x + 7)),
            ValueError,
            "task.x: expected words from 0 to 6, got 7",
        ),
        (
            lambda: legal_symbols(TASK._replace(lengths=[3, 3])),
            TypeError,
            "task.lengths: expected an array of 2 integers",
        ),
        (
            lambda: legal_symbols(TASK._replace(lengths=TASK.lengths + 9)),
            ValueError,
            "task.lengths: expected 0 to",
        ),
        (lambda: legal_shares(OUTPUTS[..., :6], TASK), ValueError, "outputs: expected shape"),
        (lambda: legal_shares(OUTPUTS + 0j, TASK), TypeError, "outputs: .* got complex128"),
        (
            lambda: legal_shares(OUTPUTS, TASK._replace(lengths=TASK.lengths - 1)),
            ValueError,
            "task: expected whole strings",
        ),
        (
            lambda: legal_shares(np.ones((6, 1, 7)), _task("BTBTXS")),
            ValueError,
            "task: expected whole strings but for their last E, got 'BTBTXS'",
        ),
        (
            lambda: legal_symbols(_task("BTBE")),
            ValueError,
            "task.x: sequence 0: string: expected T or P at index 3, got 'E'",
        ),
    ],
)
def test_bad_input_is_named(call, error, text):
    with pytest.raises(error, match=text):
        call()
