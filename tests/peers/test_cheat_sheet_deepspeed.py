"""The cheat sheet's row of DeepSpeed, run: see test_cheat_sheet.py."""

import importlib

import gloo
import numpy as np
import probe
import pytest
import torch
from token_table import LABELS, PARTS, TokenTable, weights_after
from torch.nn.functional import cross_entropy

# Row: deepspeed

STAGES = (0, 1, 2, 3)
"""Of ZeRO: what the workers share out. 0 is without it."""


class SparseTable(torch.nn.Module):
    """The table as an embedding with sparse gradients."""

    def __init__(self):
        super().__init__()
        rows = torch.tensor(probe.TABLE)
        self.table = torch.nn.Embedding(*probe.TABLE.shape, _weight=rows, sparse=True)

    def forward(self, tokens, reduction):
        return cross_entropy(self.table(tokens), LABELS[tokens], reduction=reduction)


def trained(parts, factor, model=TokenTable, stage=0, micro_batches=None, **options):
    """Return what each token weighs after one step; `factor` gets a micro-batch's count."""
    import deepspeed

    backend = importlib.import_module("deepspeed.comm.torch")
    backend.build_shm_op = lambda: None  # else it compiles a kernel in place of gloo
    model, scaled = model(), options.pop("scale_wrt_gas", True)
    settings = {
        "train_micro_batch_size_per_gpu": 1,
        "gradient_accumulation_steps": micro_batches or len(parts),
        "zero_optimization": {"stage": stage},
        "zero_allow_untested_optimizer": True,
    }
    sgd = torch.optim.SGD(model.parameters(), lr=1.0)
    engine, *_ = deepspeed.initialize(model=model, optimizer=sgd, config=settings | options)
    for tokens in parts:
        engine.backward(factor(len(tokens)) * engine(tokens, "sum"), scale_wrt_gas=scaled)
        engine.step()
    gathered = list(model.parameters()) if stage == 3 else []
    with deepspeed.zero.GatheredParameters(gathered):
        return weights_after(model)


def work(rank):
    """Return what each token weighs on one of two workers, for its factor on a sum."""
    whole, halves, found = [PARTS[rank]], PARTS[rank].tensor_split(2), {}
    for k in STAGES:
        found |= {
            (k, "mean"): trained(whole, lambda n: 1 / n, stage=k),
            (k, "sum / N"): trained(whole, lambda n: 1 / probe.N, stage=k),
            (k, "sum * W / N"): trained(whole, lambda n: 2 / probe.N, stage=k),
            (k, "sum * steps * W / N"): trained(halves, lambda n: 4 / probe.N, stage=k),
            (k, "sum * W / N, not scaled"): trained(
                halves, lambda n: 2 / probe.N, stage=k, scale_wrt_gas=False
            ),
            (k, "too few micro-batches"): trained(
                halves, lambda n: 4 / probe.N, stage=k, micro_batches=3
            ),
        }
    for name, model in {"dense": TokenTable, "sparse": SparseTable}.items():
        for by in (1.0, 4.0):
            found[name, by] = trained(
                whole, lambda n: 2 / probe.N, model, gradient_predivide_factor=by
            )
    return found


EXPECTED = {
    "mean": "mean of means",
    "sum / N": "1/2 of the token mean",
    "sum * W / N": "token mean",
    "sum * steps * W / N": "token mean",
    "sum * W / N, not scaled": "token mean",
}


@pytest.fixture(scope="module")
def workers():
    return gloo.run(work)


@pytest.mark.parametrize("stage", STAGES)
def test_deepspeed(workers, stage):
    for found in workers:
        assert {name: probe.named(found[stage, name]) for name in EXPECTED} == EXPECTED
        np.testing.assert_allclose(found[stage, "too few micro-batches"], 0, atol=1e-6)


def test_deepspeed_divided_before(workers):
    """The rows of a sparse gradient are multiplied by a factor that did not divide them."""
    for found in workers:
        kinds = {key: probe.named(w) for key, w in found.items() if key[0] in ("dense", "sparse")}
        assert kinds == {
            ("dense", 1.0): "token mean",
            ("dense", 4.0): "token mean",
            ("sparse", 1.0): "token mean",
            ("sparse", 4.0): "4 of the token mean",
        }
