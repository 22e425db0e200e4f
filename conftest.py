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

FRAMEWORKS = Path(__file__).parent / "tests/frameworks"  # needs more than requirements.txt holds
collect_ignore = [FRAMEWORKS]


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
    folders = [config.invocation_params.dir / argument for argument in config.args]
    if any(folder.resolve() in FRAMEWORKS.parents for folder in folders):
        terminalreporter.write_line(
            "Left out: tests/frameworks (PyTorch, JAX, Keras, ONNX). "
            "To run it: make test-frameworks"
        )
