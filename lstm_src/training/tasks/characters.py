"""Characters of a text to be predicted one by one, and what counting them can do."""

import codecs
import math
from collections import Counter
from importlib.util import find_spec
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lstm_src.training.tasks.task import Task
from lstm_src.validation import check_generator, check_size


class CharacterBaselines(NamedTuple):
    """Mean cross-entropies in nats per character, by what the model knows.

    ``uniform`` knows the alphabet alone, ``characters`` how often each follows, ``pairs`` how
    often each follows each.
    """

    uniform: float
    characters: float
    pairs: float


def zen():
    """Return the 856 characters of Tim Peters's "The Zen of Python" (PEP 20).

    Returns
    -------
    str
        What ``import this`` prints, without the end of its last line. Nothing is printed.
    """
    code = find_spec("this").loader.get_code("this")  # to import it would print it
    secret = max((c for c in code.co_consts if isinstance(c, str)), key=len)
    return codecs.decode(secret, "rot13")


def alphabet(text):
    """Return the different characters of a text, in order: the place of each is its word.

    Parameters
    ----------
    text : str
        Of at least 2 characters.

    Returns
    -------
    str

    Raises
    ------
    TypeError, ValueError
        If the text is no string, or has fewer than 2 characters.
    """
    if not isinstance(text, str):
        raise TypeError(f"text: expected a string, got {type(text).__name__}")
    if len(text) < 2:
        raise ValueError(f"text: expected at least 2 characters, got {len(text)}")
    return "".join(sorted(set(text)))


def character_windows(text, T, B, rng):
    """Cut windows out of a text, and ask at every character for the next.

    Parameters
    ----------
    text : str
        Of at least 2 characters, such as `zen`'s.
    T : int
        Characters in a window, at least 1 and fewer than the text has. With one less than the
        text has, every window is the whole text.
    B : int
        Windows, at least 1; they may overlap.
    rng : numpy.random.Generator
        Source of where they begin.

    Returns
    -------
    Task
        ``x`` and ``target`` (T, B): words, each character's place in `alphabet`, and those of the
        characters that follow. Every step counts.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    """
    words = {character: word for word, character in enumerate(alphabet(text))}
    T, B = check_size("T", T), check_size("B", B)
    if len(text) <= T:
        raise ValueError(f"T: expected at most {len(text) - 1}, one less than the text, got {T}")
    check_generator("rng", rng)
    whole = np.array([words[character] for character in text])
    at = rng.integers(len(text) - T, size=B) + np.arange(T)[:, None]
    return Task(whole[at], whole[at + 1], np.ones((T, B), bool), np.full(B, T))


def character_baselines(text):
    """Return the mean cross-entropy of three models that count, over all of a text but its first.

    Parameters
    ----------
    text : str
        Of at least 2 characters.

    Returns
    -------
    CharacterBaselines

    Raises
    ------
    TypeError, ValueError
        If the text is no string, or has fewer than 2 characters.

    Notes
    -----
    The frequencies are counted in the very text that they predict, as a model is trained on it:
    they say what learning it takes, nothing of another text.
    """
    symbols, labels = alphabet(text), text[1:]
    characters = _nats(Counter(labels))
    pairs = _nats(Counter(pairwise(text))) - _nats(Counter(text[:-1]))
    return CharacterBaselines(math.log(len(symbols)), characters, pairs)


def _nats(counts):
    """Return the entropy of frequencies."""
    total = counts.total()
    return 0.0 - math.fsum(n / total * math.log(n / total) for n in counts.values())  # never -0
