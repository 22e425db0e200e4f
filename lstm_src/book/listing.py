"""Parts of the package's own source, shown in a page exactly as they ship."""

import inspect
import io
import itertools
import textwrap
import tokenize

from IPython.display import Markdown

from lstm_src.placements.mistakes.mistake import without_docstring

FURTHER_IN = 4
"""How much further in the rest of a broken line begins."""


def listing(function, first=None, last=None, *, width=None):
    """Show a function's source, from the line with ``first`` to the line with ``last``.

    Parameters
    ----------
    function : function
        Whose source to show.
    first, last : str, optional
        Text that stands in exactly one line of it; both lines are included. Without them, the whole
        function but for its docstring.
    width : int, optional
        Break lines that are longer, inside brackets and in comments: the code stays the same.

    Returns
    -------
    IPython.display.Markdown
        A block of Python code.

    Raises
    ------
    ValueError
        If one of the texts stands in no line, or in several, or if ``last`` comes before ``first``.
    """
    if first is None and last is None:
        shown = without_docstring(function).splitlines()
    else:
        lines = textwrap.dedent(inspect.getsource(function)).splitlines()
        start, stop = _line("first", first, lines), _line("last", last, lines)
        if stop < start:
            raise ValueError(f"last: expected a line after {first!r}, got {last!r} before it")
        shown = lines[start : stop + 1]
    code = textwrap.dedent("\n".join(shown))
    code = code if width is None else _narrow(code, width)
    return Markdown(f"```python\n{code}\n```")


def side_by_side(left, right):
    """Show two listings next to each other, and below each other where there is no room.

    Parameters
    ----------
    left, right : IPython.display.Markdown
        As `listing` returns them. Two of 57 columns fit a page on a screen 1280 pixels wide.

    Returns
    -------
    IPython.display.Markdown
        Wider than the page's text, where the page has a margin.
    """
    width = "max(100%, min(145%, 100vw - 19rem))"  # into the margin, but not out of the window
    style = f"width: {width}; max-width: none; display: grid; column-gap: 0.7rem; "
    style += "grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr))"
    parts = "\n\n".join(f"<div>\n\n{shown.data}\n\n</div>" for shown in (left, right))
    return Markdown(f'<div class="full-width" style="{style}">\n\n{parts}\n\n</div>')


def _narrow(code, width):
    """Break long lines of code."""
    rows = code.splitlines()
    places, depth, before, name = {}, 0, "", False
    for token in tokenize.generate_tokens(io.StringIO(code + "\n").readline):
        (row, column), text = token.start, token.string
        depth -= text in set(")]}")
        if text == "=" and not depth:
            places.pop(row, None)  # what is assigned to stays in one piece
        elif depth and text and rows[row - 1][column - 1 : column] == " ":
            worth = 2 if text == "for" else -1 if name else before == "," or text in set("+-")
            places.setdefault(row, {})[column] = worth, -depth
        depth += text in set("([{")
        name = text == "for" or (name and text != "in")
        before = text
    lines = (_broken(row, places.get(number, {}), width) for number, row in enumerate(rows, 1))
    return "\n".join(itertools.chain.from_iterable(lines))


def _broken(line, places, width):
    """Return the parts of a line, each indented; ``places`` are the columns where it may break."""
    body = line.lstrip()
    indent = line[: len(line) - len(body)]
    if body.startswith("#"):
        return textwrap.wrap(line, width, subsequent_indent=f"{indent}#   ") or [line]
    further, start, parts = len(indent) + FURTHER_IN, 0, []
    room = width
    while len(line) - start > room:
        reach = [c for c in places if start + FURTHER_IN < c <= start + room + 1]
        if not reach:
            break
        stop = max(reach, key=lambda c: (places[c], c))
        parts.append(line[start:stop].rstrip())
        start, room = stop, width - further
    parts.append(line[start:])
    return [parts[0], *(" " * further + part for part in parts[1:])]


def _line(name, text, lines):
    numbers = [k for k, line in enumerate(lines) if text is not None and text in line]
    if len(numbers) != 1:
        raise ValueError(
            f"{name}: expected a text that stands in one line, "
            f"got {text!r}, in {len(numbers)} lines"
        )
    return numbers[0]
