import pytest
from my_project import gradients  # yours; it takes what must not matter

from lstm_src.checks import assert_same_gradients

CHANGES = {
    "micro-batches": {"micro_batches": 4},
    "order": {"order": [2, 0, 3, 1]},
    "padding": {"padding": 5},
    "loss scale": {"loss_scale": 1024.0},
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_must_not_matter_does_not(what):
    settings = {"as it is": {}, what: CHANGES[what]}
    assert_same_gradients(lambda setting: gradients(**setting), settings)
