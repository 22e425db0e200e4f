"""The shipped passes with a line or two rewritten: a mistake is what it changes."""

import difflib
import functools
import inspect
import linecache
import textwrap
import types
import zlib
from collections.abc import Callable
from dataclasses import dataclass

GRADIENTS = ("params.W_x", "params.W_h", "params.b", "x", "state.h", "state.c")
"""The arrays that `backward` returns, by their paths."""


@dataclass(frozen=True)
class Variant:
    """A pass of the package with changes to its text, to be called in its place.

    Parameters
    ----------
    function : function
        `forward` or `backward`, of `lstm_src.lstm` or `lstm_src.plain`.
    changes : tuple of pairs of str
        A text that stands exactly once in the shipped source, and what stands there instead. What
        is new may read ``scale``, the common factor.

    Raises
    ------
    TypeError
        If the function has no text, or the changes are no pairs of texts.
    """

    function: Callable
    changes: tuple = ()

    def __post_init__(self):
        """Check the function and the form of the changes; `rewrite` checks the texts."""
        if not inspect.isfunction(self.function):
            came = type(self.function).__name__
            raise TypeError(f"function: expected one that is written in Python, got {came}")
        pairs = self.changes if isinstance(self.changes, tuple) else (None,)
        if not all(isinstance(p, tuple) and [*map(type, p)] == [str, str] for p in pairs):
            raise TypeError(f"changes: expected a tuple of pairs of texts, got {self.changes!r}")

    def __call__(self, *arguments, **options):
        """Call the rewritten pass: as the shipped one, with one more parameter, ``scale=1``.

        Raises
        ------
        TypeError, ValueError
            As the shipped pass; ValueError as `rewrite`, too.
        """
        return _compiled(self.function, self.changes)(*arguments, **options)

    @property
    def scales(self):
        """Whether a changed line names the scale."""
        return any("scale" in new for _, new in self.changes)

    def source(self):
        """Return the whole rewritten text.

        Raises
        ------
        ValueError
            As `rewrite`.
        """
        return rewrite(inspect.getsource(self.function), self.changes)

    def diff(self):
        """Return the lines taken out (-) and put in (+) as text, with dots between places.

        Raises
        ------
        ValueError
            As `rewrite`.
        """
        sources = inspect.getsource(self.function), self.source()
        lines = difflib.unified_diff(*(s.splitlines() for s in sources), n=0, lineterm="")
        lines = list(lines)[3:]  # what is before the first changed line
        code = textwrap.dedent("\n".join(line[1:] for line in lines if line[0] in "+-"))
        code = iter(code.splitlines())
        return "\n".join(f"{li[0]} {next(code)}" if li[0] in "+-" else "  ..." for li in lines)


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


def at_any_length(found, **others):
    """Return the function of T whose value is ``everywhere(found, **others)`` for every T."""
    others = tuple((name, frozenset(degrees)) for name, degrees in others.items())
    return _AtAnyLength(frozenset(found), others)


@dataclass(frozen=True)
class _AtAnyLength:
    """A function of T that is equal to a copy of it, as an entry read back from a pickle is."""

    found: frozenset
    others: tuple

    def __call__(self, T):
        return everywhere(self.found, **dict(self.others))


@functools.cache
def _compiled(function, changes):
    """Return the rewritten function; a traceback through it shows its own lines."""
    source = rewrite(inspect.getsource(function), changes).replace("):\n", ", scale=1):\n", 1)
    file = f"<{function.__name__} rewritten, {zlib.crc32(source.encode()):08x}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names = {**function.__globals__}
    exec(compile(source, file, "exec"), names)
    made = names[function.__name__]
    # Of the module itself, so that what is changed there counts here as well.
    shipped = types.FunctionType(
        made.__code__, function.__globals__, made.__name__, made.__defaults__
    )
    shipped.__kwdefaults__, shipped.__doc__ = made.__kwdefaults__, function.__doc__
    return shipped
