"""Truncated BPTT beside PyTorch's `detach`, and what PyTorch does where it is forgotten."""

import numpy as np
import pytest
import torch

from lstm_src.checks.trees import tree_map
from lstm_src.frameworks.interop import from_pytorch, to_pytorch
from lstm_src.training import init_model, loss_and_gradients, running_minimum, truncated_bptt
from lstm_src.training.losses import squared_error

T, B, D, H, LENGTH = 12, 3, 2, 4, 5
RNG = np.random.default_rng(0)
X, TARGET = running_minimum(T, B, D, RNG)
PARAMS = init_model(D, H, D, RNG)
SUM = {"reduction": "sum", "loss": squared_error}


def by_torch(between, at_the_end=True):
    """Return the LSTM's gradients of a loop over windows, with something between them."""
    layer, read_out = torch.nn.LSTM(D, H).double(), torch.nn.Linear(H, D).double()
    layer.load_state_dict({k: torch.from_numpy(a) for k, a in to_pytorch(PARAMS.lstm).items()})
    read_out.weight.data = torch.from_numpy(PARAMS.W_y.T.copy())
    read_out.bias.data = torch.from_numpy(PARAMS.b_y.copy())
    state, losses = None, []
    for x, target in zip(*(torch.from_numpy(a).split(LENGTH) for a in (X, TARGET)), strict=True):
        h, state = layer(x, state and between(state))
        losses.append((read_out(h) - target).square().sum() / 2)
        if not at_the_end:
            losses[-1].backward()
    if at_the_end:
        sum(losses).backward()
    return from_pytorch({k: p.grad for k, p in layer.named_parameters()}, gradients=True)


def detached(state):
    return [part.detach() for part in state]


def apart(found, expected):
    return max(abs(f - e).max() / abs(e).max() for f, e in zip(found, expected, strict=True))


def ours():
    windows = truncated_bptt(PARAMS, X, TARGET, length=LENGTH, loss=squared_error)
    return tree_map(lambda *g: sum(g), *(run.gradients.lstm for run in windows))


@pytest.mark.parametrize("at_the_end", [True, False])
def test_with_a_detach_the_gradients_agree(at_the_end):
    assert apart(by_torch(detached, at_the_end), ours()) < 1e-13


def test_without_a_detach_one_backward_gives_the_whole_gradient():
    found, whole = by_torch(lambda state: state), loss_and_gradients(PARAMS, X, TARGET, **SUM)
    assert apart(found, whole.gradients.lstm) < 1e-13
    assert apart(found, ours()) > 1e-3


def test_without_a_detach_a_backward_after_each_window_stops():
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        by_torch(lambda state: state, at_the_end=False)


def test_a_state_that_is_reset_shows():
    assert apart(by_torch(lambda state: None), ours()) > 1e-3
