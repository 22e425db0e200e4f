"""The cheat sheet's row of transformers' `Trainer`, run: see test_cheat_sheet.py."""

import gloo
import numpy as np
import probe
import pytest
import torch
from torch.nn.functional import cross_entropy
from trainer_loop import Body, gradients
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

pytestmark = pytest.mark.filterwarnings("ignore")  # transformers', of itself

# Row: trainer

SIZES = {"vocab_size": probe.CLASSES}


def llama():
    model = LlamaForCausalLM(LlamaConfig(hidden_size=4, num_attention_heads=1, **SIZES))
    model.model, model.lm_head = Body(), torch.nn.Identity()
    return model


def gpt2():
    model = GPT2LMHeadModel(GPT2Config(n_embd=4, n_head=1, n_layer=1, **SIZES))
    model.transformer, model.lm_head = Body(), torch.nn.Identity()
    return model


def loss(logits, labels, reduction="mean"):
    return cross_entropy(logits[:, :-1].mT, labels[:, 1:], reduction=reduction)


class Own(Body):
    """A model of your own: its loss is a mean."""

    def forward(self, input_ids, labels, attention_mask):
        logits = self.table[input_ids]
        return {"loss": loss(logits, labels), "logits": logits}


class Heedless(Own):
    """It takes the count, and does not divide by it."""

    def forward(self, input_ids, labels, **_):
        return super().forward(input_ids, labels, None)


def per_item(outputs, labels, num_items_in_batch=None):
    """Return the sum over the count that the Trainer makes."""
    return loss(outputs["logits"], labels, "sum") / num_items_in_batch


class Without(Own):
    """A model whose loss is computed outside."""

    def forward(self, input_ids, attention_mask, labels=None):
        return {"logits": self.table[input_ids]}


def weights(model, *arguments, **options):
    """Return what each token weighs in the gradient of the first step."""
    (gradient,) = gradients(model, *arguments, **options).values()
    return probe.weights(gradient)


def work(_):
    """Return what each token weighs on one of two workers."""
    return {
        "Llama": weights(llama(), 1),
        "Llama, own N": weights(llama(), 1, average_tokens_across_devices=False),
        "own": weights(Own(), 1),
        "heedless": weights(Heedless(), 1),
    }


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (llama, "token mean"),
        (gpt2, "10/11 of the token mean"),
        (Own, "mean of means"),
        (Heedless, "2 of the mean of means"),
    ],
)
def test_trainer(model, expected):
    found = weights(model())
    assert probe.named(found) == expected
    # A window with fewer micro-batches than `gradient_accumulation_steps`:
    assert weights(model(), 4) == pytest.approx(found)


def test_trainer_with_a_loss_of_your_own():
    counted = weights(Without(), trainer={"compute_loss_func": per_item})
    assert counted == pytest.approx(np.full(probe.N, 1 / (probe.N + 2)))  # two first labels

    def mean(outputs, labels, **_):
        return loss(outputs["logits"], labels)

    found = weights(Without(), trainer={"compute_loss_func": mean})
    assert probe.named(found) == "2 of the mean of means"


def test_trainer_on_two_workers():
    one, other = gloo.run(work)
    assert {name: probe.named(found) for name, found in one.items()} == {
        "Llama": "token mean",
        "Llama, own N": "mean of means",
        "own": "mean of means",
        "heedless": "2 of the mean of means",
    }
    for name, found in one.items():
        assert found == pytest.approx(other[name])
