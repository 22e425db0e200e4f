"""Every test of the LSTM is one of both layers."""

import pytest
from layers import LAYERS, put


@pytest.fixture(autouse=True, params=LAYERS)
def layer(request, monkeypatch):
    """Let the test run one of the layers, then the other."""
    put(LAYERS[request.param], request.module, monkeypatch)
