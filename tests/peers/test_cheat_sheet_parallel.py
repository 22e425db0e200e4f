"""The cheat sheet's rows of split sequences and layers, run: see test_cheat_sheet.py."""

import gloo
import numpy as np
import probe
import pytest
import torch
import torch.distributed as dist
from token_table import LABELS, PARTS, TokenTable, weights_in
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import Replicate
from torch.distributed.tensor.parallel import ColwiseParallel, parallelize_module
from torch.nn.functional import cross_entropy

SHARES = 2
"""How many ranks share a sequence, or a layer; as many replicas read other sequences."""


def counted(n, group=None):
    """Return the sum of a count over the ranks of a group."""
    count = torch.tensor(n)
    dist.all_reduce(count, group=group)
    return count.item()


# Row: context


def split_sequences(mesh, rank):
    """Return what each token weighs where two ranks read a sequence, by what the sum meets."""
    replica, share = divmod(rank, SHARES)
    whole = PARTS[replica]
    tokens, world = whole.tensor_split(SHARES)[share], dist.get_world_size()
    replicas = mesh.get_group("replicas")
    factors = {
        "W / N": world / counted(len(tokens)),
        "replicas / N": SHARES / counted(len(tokens)),
        "W / whole sequences' N": world / counted(len(whole)),
        "W / the same share's N": world / counted(len(tokens), replicas),
        "1 / own count": 1 / len(tokens),
    }
    found = {}
    for name, factor in factors.items():
        model = torch.nn.parallel.DistributedDataParallel(TokenTable())
        (factor * model(tokens, "sum")).backward()
        found[name] = weights_in(model)
    return found


@pytest.fixture(scope="module")
def four():
    return gloo.run(work_of_four, SHARES * 2)


def test_context(four):
    found = four[0]["context"]
    for other in four:
        assert all(np.allclose(found[k], other["context"][k]) for k in found)
    assert probe.named(found["W / N"]) == "token mean"
    assert probe.named(found["replicas / N"]) == "1/2 of the token mean"
    assert probe.named(found["W / whole sequences' N"]) == "1/2 of the token mean"
    for wrong in ("W / the same share's N", "1 / own count"):
        with pytest.raises(ValueError, match="weights of a mean"):
            probe.named(found[wrong])


# Row: tensor


class Embedded(torch.nn.Module):
    """The table as an embedding, whose columns two ranks share."""

    def __init__(self, mesh):
        super().__init__()
        rows = torch.tensor(probe.TABLE)
        self.table = torch.nn.Embedding(*rows.shape, _weight=rows)
        parallelize_module(self.table, mesh, ColwiseParallel(output_layouts=Replicate()))

    def forward(self, tokens):
        return cross_entropy(self.table(tokens), LABELS[tokens], reduction="sum")


def split_layers(mesh, rank):
    """Return what each token weighs where two ranks hold a layer, by what the sum meets."""
    tokens = PARTS[rank // SHARES]
    world, replicas = dist.get_world_size(), mesh.get_group("replicas")
    factors = {
        "replicas / N": SHARES / counted(len(tokens), replicas),
        "W / N of all ranks": world / counted(len(tokens)),
        "replicas / N of all ranks": SHARES / counted(len(tokens)),
        "W / N": world / counted(len(tokens), replicas),
    }
    found = {}
    for name, factor in factors.items():
        model = fully_shard(Embedded(mesh["shares"]), mesh=mesh["replicas"])
        (factor * model(tokens)).backward()
        gradient = model.table.weight.grad
        assert max(gradient.to_local().shape) < probe.N  # shared indeed
        found[name] = probe.weights(gradient.full_tensor())
    return found


def work_of_four(rank):
    mesh = init_device_mesh("cpu", (2, SHARES), mesh_dim_names=("replicas", "shares"))
    return {"context": split_sequences(mesh, rank), "tensor": split_layers(mesh, rank)}


def test_tensor(four):
    found = four[0]["tensor"]
    for other in four:
        assert all(np.allclose(found[k], other["tensor"][k]) for k in found)
    assert {name: probe.named(w) for name, w in found.items()} == {
        "replicas / N": "token mean",
        "W / N of all ranks": "token mean",  # each token counted twice, and twice the W
        "replicas / N of all ranks": "1/2 of the token mean",
        "W / N": "2 of the token mean",
    }
