"""A step of transformers' `Trainer` on the table of tokens: see probe.py."""

import os
import tempfile

import gloo
import probe
import torch
from token_table import PARTS, TokenTable
from torch.nn.functional import pad

os.environ.update(gloo.OFFLINE)

from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

PADDING = probe.N  # a row of the table after all others
LONGEST = max(probe.COUNTS) + 1


def row(tokens):
    """Return one sequence, padded: the label of position t stands at t + 1."""
    labels = pad(torch.tensor(probe.LABELS)[tokens], (1, 0))
    padded = {"input_ids": (tokens, PADDING), "labels": (labels, -100)}
    padded["attention_mask"] = (torch.ones_like(tokens), 0)
    return {k: pad(v, (0, LONGEST - len(v)), value=by) for k, (v, by) in padded.items()}


class Body(TokenTable):
    """The table in the place of the layers below a language model's loss."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Parameter(pad(self.table.data, (0, 0, 0, 1)))

    def forward(self, input_ids, **_):
        rows = self.table[input_ids]
        return BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=rows)


class Reader(TrainerCallback):
    """It keeps the gradients that the optimizer gets, by the parameter's name."""

    def on_pre_optimizer_step(self, args, state, control, model=None, **_):
        trained = model.named_parameters()
        self.found = {k: p.grad.numpy().copy() for k, p in trained if p.grad is not None}


def gradients(model, micro_batches=2, trainer=None, **options):
    """Return the gradients of the first step, by the parameter's name."""
    reader = Reader()
    with tempfile.TemporaryDirectory() as folder:
        settings = TrainingArguments(
            folder,
            use_cpu=True,
            max_steps=1,
            per_device_train_batch_size=1,
            gradient_accumulation_steps=micro_batches,
            max_grad_norm=0,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            **options,
        )
        own = {"train_dataset": [row(tokens) for tokens in PARTS], "callbacks": [reader]}
        Trainer(model, settings, **own, **(trainer or {})).train()
    return reader.found
