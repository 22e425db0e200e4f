"""Parts of the package's own source, shown in a page exactly as they ship."""

import inspect
import textwrap

from IPython.display import Markdown


def listing(function, first, last):
    """Show a function's source from the line with ``first`` to the line with ``last``.

    Parameters
    ----------
    function : function
        Whose source to show.
    first, last : str
        Text that stands in exactly one line of it; both lines are included.

    Returns
    -------
    IPython.display.Markdown
        A block of Python code.

    Raises
    ------
    ValueError
        If one of the texts stands in no line, or in several, or if ``last`` comes before ``first``.
    """
    lines = inspect.getsource(function).splitlines()
    found = {}
    for name, text in (("first", first), ("last", last)):
        numbers = [k for k, line in enumerate(lines) if text in line]
        if len(numbers) != 1:
            raise ValueError(
                f"{name}: expected a text that stands in one line, "
                f"got {text!r}, in {len(numbers)} lines"
            )
        found[name] = numbers[0]
    if found["last"] < found["first"]:
        raise ValueError(f"last: expected a line after {first!r}, got {last!r} before it")
    code = textwrap.dedent("\n".join(lines[found["first"] : found["last"] + 1]))
    return Markdown(f"```python\n{code}\n```")
