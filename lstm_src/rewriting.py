"""The shipped passes with a line or two rewritten: a mistake is what it changes."""

import difflib
import functools
import inspect
import textwrap
import types
from collections.abc import Callable
from typing import NamedTuple

import optree
from IPython.display import Markdown

from lstm_src import lstm

GRADIENTS = ("params.W_x", "params.W_h", "params.b", "x", "state.h", "state.c")
"""The arrays that `backward` returns, by their paths."""


class Rewritten(NamedTuple):
    """`lstm_src.lstm.backward` with ``changes`` to its text: right placements and mistakes.

    ``changes`` holds pairs: a text that stands exactly once in the shipped source, and what stands
    there instead, in which ``scale`` is the common factor. ``title``, ``story`` and ``symptom`` are
    for readers; ``source`` is a key of the bibliography, several with commas between, or None.

    ``degrees(T)`` gives, for each gradient by name, the set of its degrees in the scale after T
    steps. It is None where ``changes`` do not name the scale: such code is linear, and only a
    gradient check sees what is wrong with it. Degrees and symptom are for a loss that reads the
    hidden states alone; if ``final_state`` is true, for one that reads the final state as well.
    ``shows`` is what the checks of the catalogue say, an `lstm_src.mistakes.entries.Shows`.
    """

    name: str
    title: str = ""
    story: str = ""
    symptom: str = ""
    changes: tuple = ()
    degrees: Callable | None = None
    source: str | None = None
    final_state: bool = False
    shows: tuple | None = None

    def __call__(self, params, tape, dh, dstate=None, scale=1):
        """Return what should be ``scale`` times the gradients of ``dh`` and ``dstate``.

        Parameters
        ----------
        params, tape, dh, dstate
            As for `lstm_src.lstm.backward`.
        scale : number, symbol or ring element, optional
            The factor. Where the changed lines do not name it, it goes on every cotangent that
            enters, which is right.

        Returns
        -------
        Gradients

        Raises
        ------
        TypeError, ValueError
            As `lstm_src.lstm.backward`.
        """
        function = rewritten(lstm.backward, self.changes)
        if self.degrees is None:
            dh, dstate = optree.tree_map(lambda u: u * scale, (dh, dstate))
        names = {**vars(lstm), "scale": scale}
        found = types.FunctionType(function.__code__, names, self.name, function.__defaults__)
        return found(params, tape, dh, dstate)

    @property
    def kind(self):
        """What it is: "right", a mistake about "scaling", or "linear" and wrong in another way."""
        if self.degrees is None:
            return "linear"
        return "right" if all(found == {1} for found in self.degrees(9).values()) else "scaling"

    def text(self):
        """Return the whole rewritten source."""
        return rewrite(inspect.getsource(lstm.backward), self.changes)

    def diff(self):
        """Show the changed lines beside the shipped ones, as `diff` does."""
        return diff(lstm.backward, self.changes)


def rewrite(source, changes):
    """Replace texts that stand exactly once in a source; what follows a line break is indented.

    Raises
    ------
    ValueError
        If a text stands there never, or more than once.
    """
    for old, new in changes:
        if source.count(old) != 1:
            raise ValueError(
                f"changes: expected a text that stands once in the source, "
                f"got {old!r}, {source.count(old)} times"
            )
        line = source[source.rindex("\n", 0, source.index(old)) + 1 :]
        indent = line[: len(line) - len(line.lstrip())]
        source = source.replace(old, new.replace("\n", "\n" + indent))
    return source


def everywhere(found, **others):
    """Return one set of degrees for every gradient, but for ``params``, ``x`` or ``state``.

    ``everywhere({1}, params={0, 1})`` is {0, 1} for the three weights and {1} for the rest. A
    gradient can also be named on its own, as ``b`` or ``h``.
    """
    return {
        name: set(others.get(name.split(".")[-1], others.get(name.split(".")[0], found)))
        for name in GRADIENTS
    }


@functools.cache
def rewritten(function, changes):
    """Return a function of `lstm_src.lstm` with changes to its text.

    Parameters
    ----------
    function : function
        `forward` or `backward`.
    changes : tuple of pairs of str
        As those of `Rewritten`.

    Returns
    -------
    function

    Raises
    ------
    ValueError
        As `rewrite`.
    """
    names = dict(vars(lstm))
    exec(rewrite(inspect.getsource(function), changes), names)
    return names[function.__name__]


def diff(function, changes):
    """Show the changed lines beside those of the function as it ships.

    Parameters
    ----------
    function, changes
        As for `rewritten`.

    Returns
    -------
    IPython.display.Markdown
        A block of the lines that are taken out (-) and put in (+), with dots between places.

    Raises
    ------
    ValueError
        As `rewrite`.
    """
    source = inspect.getsource(function)
    sources = source, rewrite(source, changes)
    lines = difflib.unified_diff(*(s.splitlines() for s in sources), n=0, lineterm="")
    lines = list(lines)[3:]  # what is before the first changed line
    code = textwrap.dedent("\n".join(line[1:] for line in lines if line[0] in "+-"))
    code = iter(code.splitlines())
    shown = [f"{line[0]} {next(code)}" if line[0] in "+-" else "  ..." for line in lines]
    return Markdown("\n".join(["```diff", *shown, "```"]))
