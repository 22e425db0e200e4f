"""Functions of the package with a line rewritten: planted faults."""

import inspect

from lstm_src.placements.rewriting import rewrite


def rewritten(function, old, new):
    """Return the function with one text replaced, which stands once in it or in what it calls.

    What it calls is looked for in its own module.
    """
    names = {**function.__globals__}
    called = [
        each
        for each in (names[name] for name in function.__code__.co_names if name in names)
        if inspect.isfunction(each) and each.__module__ == function.__module__
    ]
    holder = next(each for each in (function, *called) if old in inspect.getsource(each))
    exec(rewrite(inspect.getsource(holder), [(old, new)]), names)
    if holder is not function:
        exec(inspect.getsource(function), names)
    return names[function.__name__]
