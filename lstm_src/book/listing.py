"""Parts of the package's own source, shown in a page exactly as they ship."""

import inspect
import textwrap

from IPython.display import Markdown

from lstm_src.placements.mistakes.mistake import without_docstring


def listing(function, first=None, last=None):
    """Show a function's source, from the line with ``first`` to the line with ``last``.

    Parameters
    ----------
    function : function
        Whose source to show.
    first, last : str, optional
        Text that stands in exactly one line of it; both lines are included. Without them, the whole
        function but for its docstring.

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
    return Markdown(f"```python\n{code}\n```")


def _line(name, text, lines):
    numbers = [k for k, line in enumerate(lines) if text is not None and text in line]
    if len(numbers) != 1:
        raise ValueError(
            f"{name}: expected a text that stands in one line, "
            f"got {text!r}, in {len(numbers)} lines"
        )
    return numbers[0]
