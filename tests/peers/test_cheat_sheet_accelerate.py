"""The cheat sheet's row of Accelerate, run: see test_cheat_sheet.py."""

import gloo
import probe
import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, GradientState
from token_table import PARTS, TokenTable, weights_after

# Row: accelerate


def trained(factor, steps=2, parts=PARTS, reduction="sum"):
    """Return what each token weighs after one step; `factor` gets a micro-batch's count."""
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=steps)
    model = TokenTable()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    loader = torch.utils.data.DataLoader(parts, collate_fn=lambda batch: batch[0])
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for tokens in loader:
        with accelerator.accumulate(model):
            accelerator.backward(factor(len(tokens)) * model(tokens, reduction))
            optimizer.step()
            optimizer.zero_grad()
    return weights_after(model)


ALONE = {
    "mean": (lambda n: 1 / n, 2),
    "sum / N": (lambda n: 1 / probe.N, 2),
    "sum * steps / N": (lambda n: 2 / probe.N, 2),
    "mean, one step": (lambda n: 1 / n, 1),
    "mean, too few micro-batches": (lambda n: 1 / n, 4),
}


def work(_):
    """Return what each token weighs on one of two workers, for its factor on a sum."""
    halves = [tokens.tensor_split(2) for tokens in PARTS]
    halved = [half[k] for k in range(2) for half in halves]  # dealt out in turn
    return {
        "mean": trained(lambda n: 1 / n, 1),
        "sum * W / N": trained(lambda n: 2 / probe.N, 1),
        "sum * steps * W / N": trained(lambda n: 2 * 2 / probe.N, 2, halved),
        "sum * steps / N": trained(lambda n: 2 / probe.N, 2, halved),
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("mean", "mean of means"),
        ("sum / N", "1/2 of the token mean"),
        ("sum * steps / N", "token mean"),
        ("mean, one step", "2 of the mean of means"),  # two updates, of one micro-batch each
        ("mean, too few micro-batches", "1/2 of the mean of means"),
    ],
)
def test_accelerate(given, expected):
    assert probe.named(trained(*ALONE[given])) == expected


def test_accelerate_on_two_workers():
    one, other = gloo.run(work)
    assert {name: probe.named(found) for name, found in one.items()} == {
        "mean": "mean of means",
        "sum * W / N": "token mean",
        "sum * steps * W / N": "token mean",
        "sum * steps / N": "1/2 of the token mean",
    }
    for name, found in one.items():
        assert found == pytest.approx(other[name])
