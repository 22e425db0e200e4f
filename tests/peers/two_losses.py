"""A training step with two losses of two counts, under DDP on two CPU processes.

Each process has four micro-batches, in which some labels are ignored: of one, all. A file of its
own, since each process imports it.
"""

from pathlib import Path

import gloo
import torch
from shown_step import step_code
from torch.nn.functional import cross_entropy

WORKERS, CLASSES, ALPHA = 2, 3, 0.1
LABELLED = ((3, 1, 7, 2), (4, 9, 0, 5))  # of each worker's micro-batches
PROMPTS = ((2, 0, 1, 4), (3, 1, 2, 2))  # tokens without a label
CODE = Path(__file__).parents[2] / "chapters/code/ddp_two_losses.py"

CHANGES = {
    "as shown": ("", ""),
    "synchronized each time": ("model.no_sync()", "nullcontext()"),
    "no W": ("(W / N)", "(1 / N)"),
    "no W on the second": ("alpha * W / M", "alpha / M"),
    "one count": ("alpha * W / M", "alpha * W / N"),
    "own counts": ("dist.all_reduce(both)", ""),
    "rounds forgotten": ("alpha * W / M", "alpha / counts(batch)[1]"),
}
"""Changes of the step's code: the first two are right, the others are mistakes."""

NOTHING = torch.empty(0, dtype=torch.long)
EMPTY = {  # the change of the code, and the batch that all micro-batches are
    "no terms": (("", ""), (NOTHING, NOTHING)),
    "no terms, not left out": (("if not N + M:", "if False:"), (NOTHING, NOTHING)),
    "no labels": (("", ""), (torch.arange(3), torch.full((3,), -100))),
}


def batches():
    """Return the micro-batches of each worker: tokens, and labels of which some are -100."""
    generator, shares, first = torch.Generator().manual_seed(0), [], 0
    for labelled, prompts in zip(LABELLED, PROMPTS, strict=True):
        share = []
        for n, m in zip(labelled, prompts, strict=True):
            tokens = torch.arange(first, first := first + n + m)
            labels = torch.randint(CLASSES, (n + m,), generator=generator)
            labels[:m] = -100
            share.append((tokens, labels))
        shares.append(share)
    return shares


def losses(table, batch):
    """Return the sum of the cross-entropies, and of half the squared outputs."""
    tokens, labels = batch
    outputs = table(tokens)
    return cross_entropy(outputs, labels, reduction="sum"), outputs.square().sum() / 2


def counts(batch):
    """Return how many terms the two have."""
    _, labels = batch
    return [int((labels != -100).sum()), len(labels)]


def new_table():
    """Return what every process starts from in a model's place: the outputs of each token."""
    torch.manual_seed(1)
    tokens = sum(map(sum, LABELLED + PROMPTS))
    return torch.nn.Embedding(tokens, CLASSES, dtype=torch.float64)


def work(rank):
    """Return the gradient that one of the processes ends with, by the change of the code."""
    found = {}
    for name, change in CHANGES.items():
        table = torch.nn.parallel.DistributedDataParallel(new_table())
        optimizer = torch.optim.SGD(table.parameters(), lr=0.0)
        step_code(CODE, *change)(table, optimizer, batches()[rank], losses, counts, ALPHA)
        found[name] = table.module.weight.grad.tolist()
    for name, (change, batch) in EMPTY.items():
        table = torch.nn.parallel.DistributedDataParallel(new_table())
        optimizer = torch.optim.SGD(table.parameters(), lr=0.1, weight_decay=0.1)
        step_code(CODE, *change)(table, optimizer, [batch] * 2, losses, counts, ALPHA)
        found[name] = float((table.module.weight - new_table().weight).abs().sum())
    return found


def together():
    """Return what the two processes found, by rank.

    Raises
    ------
    ValueError
        If the training step no longer holds what `CHANGES` changes.
    """
    for change in CHANGES.values():
        step_code(CODE, *change)
    return gloo.run(work, WORKERS)
