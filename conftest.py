"""Settings of the whole test run: strict notebooks, and the same surroundings for every kernel."""

import tempfile

import hypothesis
import matplotlib
from nbval.plugin import IPyNbCell

from scripts.execute import isolate
from scripts.notebook_comparison import StrictCell

# The same examples on every run and machine; `--hypothesis-profile=default` searches for new ones.
hypothesis.settings.register_profile("book", derandomize=True, deadline=None)
hypothesis.settings.load_profile("book")
matplotlib.use("agg")  # a test opens no window


def pytest_configure(config):
    """Hide the reader's own settings from the notebooks."""
    folder = tempfile.TemporaryDirectory()
    config.add_cleanup(folder.cleanup)
    isolate(folder.name)


def pytest_itemcollected(item):
    """Compare a notebook's cells by our rules: nbval has no setting for the class of its cells."""
    if type(item) is IPyNbCell:
        item.__class__ = StrictCell
