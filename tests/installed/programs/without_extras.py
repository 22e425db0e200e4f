"""What needs an extra says which one, and how to install it."""

import importlib

import lstm_src

for room, extra in {"proof": "proof", "book": "book", "training.workers": "workers"}.items():
    module = f"{lstm_src.__name__}.{room}"
    try:
        importlib.import_module(module)
    except ImportError as error:
        said = str(error)
    else:
        raise AssertionError(f"{module} was imported without what it needs")
    assert f"pip install 'divide-now-or-later[{extra}]'" in said, said
