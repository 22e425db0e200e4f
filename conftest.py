"""Settings of the whole test run: strict notebooks, and the same surroundings for every kernel."""

import tempfile
from pathlib import Path

import hypothesis
import matplotlib
from nbval.plugin import IPyNbCell

from scripts.execute import isolate
from scripts.notebook_comparison import StrictCell

# The same examples on every run and machine; `--hypothesis-profile=default` searches for new ones.
hypothesis.settings.register_profile("book", derandomize=True, deadline=None)
hypothesis.settings.load_profile("book")
matplotlib.use("agg")  # a test opens no window

ROOT = Path(__file__).parent
LEFT_OUT = [  # folder, what it needs beside requirements.txt, the command that runs it
    ("tests/peers", "PyTorch, JAX, optax, Keras, ONNX", "make test-frameworks"),
    ("tests/site", "the built pages in a browser", "make test-site"),
    ("tests/pdf", "the book as a PDF", "make test-pdf"),
    ("tests/installed", "the built package, on its own", "make test-package"),
]
collect_ignore = [folder for folder, _, _ in LEFT_OUT]


def pytest_configure(config):
    """Hide the reader's own settings from the notebooks."""
    folder = tempfile.TemporaryDirectory()
    config.add_cleanup(folder.cleanup)
    isolate(folder.name)


def pytest_itemcollected(item):
    """Compare a notebook's cells by our rules: nbval has no setting for the class of its cells."""
    if type(item) is IPyNbCell:
        item.__class__ = StrictCell


def pytest_terminal_summary(terminalreporter, config):
    """Say what is left out, where the run would have met it."""
    asked = [(config.invocation_params.dir / argument).resolve() for argument in config.args]
    for folder, what, command in LEFT_OUT:
        if any(path in (ROOT / folder).parents for path in asked):
            terminalreporter.write_line(f"Left out: {folder} ({what}). To run it: {command}")
