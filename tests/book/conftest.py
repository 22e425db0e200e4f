"""What the tests of drawings share."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from lstm_src.book.style import use_book_style


@pytest.fixture
def book_style():
    """Draw as the pages do, but into memory, and coarser."""
    backend = mpl.get_backend()
    mpl.use("agg")
    with mpl.rc_context():
        use_book_style()
        mpl.rcParams["figure.dpi"] = 72
        yield
    plt.close("all")
    mpl.use(backend)
