"""Characters of a text: the text, its windows, and the models that count."""

import math
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from lstm_src.training import cross_entropy, init_model, loss_and_gradients
from lstm_src.training.tasks import alphabet, character_baselines, character_windows, zen

TEXT = "abracadabra"


def rng(seed=0):
    return np.random.default_rng(seed)


def run(code):
    """Return what a new process prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_the_text_is_what_this_prints():
    text = zen()
    assert run("import this").stdout == text + "\n"
    assert len(text) == 856
    assert len(alphabet(text)) == 45
    assert text.startswith("The Zen of Python, by Tim Peters\n\nBeautiful is better than ugly.\n")


def test_nothing_is_printed_and_nothing_imported():
    code = "import sys; from lstm_src.training.tasks import zen; zen(); assert 'this' not in "
    done = run(code + "sys.modules")
    assert done.stdout == done.stderr == ""


def check_windows(task, text):
    """Raise unless each window stands in the text, and each label is the character after."""
    symbols = alphabet(text)
    T = len(task.x)
    assert task.mask.all()
    assert (task.lengths == T).all()
    for x, target in zip(task.x.T, task.target.T, strict=True):
        window = "".join(symbols[word] for word in [*x, target[-1]])
        assert window in text
        assert x[1:].tolist() == target[:-1].tolist()


@pytest.mark.parametrize("T", [1, 4, 10])
def test_every_character_asks_for_the_next(T):
    task = character_windows(TEXT, T, 50, rng())
    assert task.x.shape == task.target.shape == (T, 50)
    check_windows(task, TEXT)
    assert len({tuple(x) for x in task.x.T}) == {1: 5, 4: 7, 10: 1}[T]


@pytest.mark.parametrize(
    "plant",
    [
        lambda task: task._replace(target=task.x),
        lambda task: task._replace(target=np.roll(task.target, 1, axis=0)),
        lambda task: task._replace(x=np.roll(task.x, 1, axis=1)),
        lambda task: task._replace(mask=~task.mask),
        lambda task: task._replace(lengths=task.lengths - 1),
    ],
)
def test_a_fault_in_a_window_is_found(plant):
    task = character_windows(TEXT, 5, 4, rng())
    check_windows(task, TEXT)
    with pytest.raises(AssertionError):
        check_windows(plant(task), TEXT)


def test_windows_begin_everywhere_equally_often():
    begins = character_windows("abcdef", 2, 20_000, rng()).x[0]
    shares = np.bincount(begins, minlength=6) / 20_000
    np.testing.assert_allclose(shares, [0.25] * 4 + [0] * 2, atol=0.015)


def test_a_seed_fixes_the_windows():
    one, same, other = (character_windows(TEXT, 4, 6, rng(seed)) for seed in (1, 1, 2))
    for left, right in zip(one, same, strict=True):
        np.testing.assert_array_equal(left, right)
    assert (one.x != other.x).any()


def test_a_model_takes_the_windows():
    task = character_windows(TEXT, 4, 3, rng())
    model = init_model(2, 3, 5, rng(), words=5)
    assert loss_and_gradients(model, task.x, task.target, reduction="token mean").count == 12


# The baselines


def whole(text):
    return character_windows(text, len(text) - 1, 1, rng())


def direct(text, follows):
    """Return the loss of a model that says ``follows(character)``, counts of what comes next."""
    task, symbols = whole(text), alphabet(text)
    counts = np.array([[follows(at)[symbol] for symbol in symbols] for at in text[:-1]], float)
    with np.errstate(divide="ignore"):
        outputs = np.log(counts)[:, None]
    return cross_entropy(outputs, task.target).terms.mean()


@pytest.mark.parametrize("text", [TEXT, zen()])
def test_who_counts_has_the_baselines(text):
    found = character_baselines(text)
    singles = Counter(text[1:])
    pairs = {symbol: Counter() for symbol in text}
    for one, following in pairwise(text):
        pairs[one][following] += 1
    assert found.uniform == pytest.approx(direct(text, lambda _: Counter(set(text))), rel=1e-12)
    assert found.characters == pytest.approx(direct(text, lambda _: singles), rel=1e-12)
    assert found.pairs == pytest.approx(direct(text, pairs.__getitem__), rel=1e-12)
    assert found.pairs < found.characters < found.uniform
    early = Counter(text[:-1]) + Counter(set(text))
    assert direct(text, lambda _: early) > found.characters


def test_the_baselines_by_hand():
    assert character_baselines("aaa") == (0, 0, 0)
    two = character_baselines("abab")
    half = -(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3))
    assert two == pytest.approx((math.log(2), half, 0), abs=1e-15)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: alphabet(b"ab"), TypeError, "text: expected a string, got bytes"),
        (lambda: alphabet("a"), ValueError, "text: expected at least 2 characters, got 1"),
        (lambda: character_baselines(""), ValueError, "text: expected at least 2 .* got 0"),
        (lambda: character_windows(None, 1, 1, rng()), TypeError, "text: expected a string"),
        (lambda: character_windows(TEXT, 0, 1, rng()), ValueError, "T: expected at least 1, got 0"),
        (lambda: character_windows(TEXT, 11, 1, rng()), ValueError, "T: expected at most 10"),
        (lambda: character_windows(TEXT, 1.0, 1, rng()), TypeError, "T: expected an integer"),
        (lambda: character_windows(TEXT, 1, 0, rng()), ValueError, "B: expected at least 1, got 0"),
        (lambda: character_windows(TEXT, 1, 1, 0), TypeError, "rng: expected numpy.*, got int"),
    ],
)
def test_bad_input_is_named(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_a_text_of_one_character_has_nothing_to_learn():
    assert [str(loss) for loss in character_baselines("aaaa")] == ["0.0"] * 3
