"""The cheat sheet's row of Lightning, run: see test_cheat_sheet.py."""

import os
import tempfile

import gloo
import lightning
import probe
import pytest
import torch
from token_table import PARTS, TokenTable, weights_after

pytestmark = pytest.mark.filterwarnings("ignore")  # Lightning's, of itself

# Row: lightning


class Module(lightning.LightningModule):
    """The table, trained on a factor times the sum of a micro-batch."""

    def __init__(self, factor):
        super().__init__()
        self.model, self.factor = TokenTable(), factor

    def training_step(self, tokens, _):
        return self.factor(len(tokens)) * self.model(tokens, "sum")

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=1.0)


def trained(factor, steps=2, parts=PARTS, **options):
    """Return what each token weighs after one epoch; `factor` gets a micro-batch's count."""
    module = Module(factor)
    loader = torch.utils.data.DataLoader(parts, collate_fn=lambda batch: batch[0])
    quiet = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar"), False)
    quiet["enable_model_summary"] = False
    with tempfile.TemporaryDirectory() as folder:
        trainer = lightning.Trainer(
            accelerator="cpu",
            accumulate_grad_batches=steps,
            max_epochs=1,
            default_root_dir=folder,
            **quiet,
            **options,
        )
        trainer.fit(module, loader)
    return weights_after(module.model)


def work(_):
    """Return what each token weighs on one of two workers, for its factor on a sum."""
    os.environ["TORCHELASTIC_RUN_ID"] = "0"  # the processes are there
    halves = [tokens.tensor_split(2) for tokens in PARTS]
    halved = [half[k] for k in range(2) for half in halves]  # dealt out in turn
    two = {"strategy": "ddp", "devices": 2}
    return {
        "mean": trained(lambda n: 1 / n, 1, **two),
        "sum * W / N": trained(lambda n: 2 / probe.N, 1, **two),
        "sum * steps * W / N": trained(lambda n: 2 * 2 / probe.N, 2, halved, **two),
        "sum * steps / N": trained(lambda n: 2 / probe.N, 2, halved, **two),
    }


@pytest.mark.parametrize(
    ("factor", "steps", "expected"),
    [
        (lambda n: 1 / n, 2, "mean of means"),
        (lambda n: 1 / probe.N, 2, "1/2 of the token mean"),
        (lambda n: 2 / probe.N, 2, "token mean"),
        (lambda n: 1 / n, 1, "2 of the mean of means"),  # two updates, of one micro-batch each
        (lambda n: 1 / n, 4, "1/2 of the mean of means"),  # too few micro-batches
    ],
)
def test_lightning(factor, steps, expected):
    assert probe.named(trained(factor, steps, devices=1)) == expected


def test_lightning_on_two_workers():
    one, other = gloo.run(work)
    assert {name: probe.named(found) for name, found in one.items()} == {
        "mean": "mean of means",
        "sum * W / N": "token mean",
        "sum * steps * W / N": "token mean",
        "sum * steps / N": "1/2 of the token mean",
    }
    for name, found in one.items():
        assert found == pytest.approx(other[name])
