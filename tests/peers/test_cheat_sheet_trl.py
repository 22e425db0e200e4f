"""The cheat sheet's rows of TRL's `GRPOTrainer`, run: see test_cheat_sheet.py.

A completion's tokens are numbered, so each is predicted from a row of the table that no other uses.
"""

import os
import tempfile

import gloo
import numpy as np
import probe
import pytest
import torch

os.environ.update(gloo.OFFLINE | {"TRL_EXPERIMENTAL_SILENCE": "1"})

from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, TrainerCallback
from transformers.modeling_outputs import BaseModelOutputWithPast
from trl import GRPOConfig, GRPOTrainer

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs, of themselves

# Row: grpo

WORDS = 32
"""The tokens, then a prompt of one word for each completion, then padding."""

LOGITS = np.random.default_rng(1).standard_normal((WORDS, WORDS)).round(2).astype(np.float32)


class Body(torch.nn.Module):
    """The table in the place of the layers below a language model's head."""

    def __init__(self):
        super().__init__()
        self.embed_tokens = torch.nn.Embedding(WORDS, WORDS, _weight=torch.tensor(LOGITS))

    def forward(self, input_ids, **_):
        return BaseModelOutputWithPast(last_hidden_state=self.embed_tokens(input_ids))


def language_model():
    """Return a language model whose logits are rows of the table."""
    sizes = {"hidden_size": WORDS, "vocab_size": WORDS, "num_hidden_layers": 1}
    model = LlamaForCausalLM(LlamaConfig(num_attention_heads=1, **sizes))
    model.model = Body()
    model.lm_head.weight = torch.nn.Parameter(torch.eye(WORDS), requires_grad=False)
    return model


def tokenizer():
    words = Tokenizer(models.WordLevel({str(k): k for k in range(WORDS)}, unk_token="0"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    last = str(WORDS - 1)
    return PreTrainedTokenizerFast(tokenizer_object=words, pad_token=last, eos_token=last)


class Reader(TrainerCallback):
    """It adds up the gradients that the optimizer gets."""

    gradient = 0

    def on_pre_optimizer_step(self, args, state, control, model=None, **_):
        self.gradient = self.gradient + model.model.embed_tokens.weight.grad.numpy()


def weights(counts=probe.COUNTS, steps=1, **options):
    """Return what each token weighs in the gradients of some steps, per advantage.

    Two completions are an answer's group: the first has the advantage -1, the second 1.
    """
    parts = np.split(np.arange(sum(counts)), np.cumsum(counts)[:-1])
    firsts = probe.N + np.arange(len(counts))
    before = np.concatenate(
        [[first, *part[:-1]] for first, part in zip(firsts, parts, strict=True)]
    )
    signs = np.concatenate([(-1) ** (k + 1) * np.ones(n) for k, n in enumerate(counts)])
    left = iter(zip(firsts.tolist(), parts, strict=True))

    def rollout(prompts, _):
        taken = [next(left) for _ in prompts]
        return {
            "prompt_ids": [[first] for first, _ in taken],
            "completion_ids": [part.tolist() for _, part in taken],
            "logprobs": [[0.0] * len(part) for _, part in taken],
        }

    def reward(completions, **_):
        return [float(signs[int(text.split()[0])]) for text in completions]

    reader = Reader()
    with tempfile.TemporaryDirectory() as folder:
        settings = GRPOConfig(
            folder,
            use_cpu=True,
            bf16=False,
            max_steps=steps,
            num_generations=2,
            scale_rewards="none",
            max_grad_norm=0,
            learning_rate=0.0,
            gradient_checkpointing=False,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            **{"per_device_train_batch_size": 1, "gradient_accumulation_steps": 2} | options,
        )
        data = Dataset.from_dict({"prompt": ["0"] * 4})
        GRPOTrainer(
            language_model(),
            reward_funcs=reward,
            args=settings,
            train_dataset=data,
            processing_class=tokenizer(),
            callbacks=[reader],
            rollout_func=rollout,
        ).train()
    terms = signs[:, None] * probe.slopes(LOGITS[before], np.arange(sum(counts)))
    rest = np.setdiff1d(np.arange(WORDS), before)
    return probe.weights(reader.gradient[[*before, *rest]], terms)


@pytest.mark.parametrize(
    ("kind", "one_each", "both"),
    [
        ("grpo", "mean of means", "mean of means"),
        ("bnpo", "mean of means", "token mean"),
        ("dr_grpo", "5/16 of the token mean", "5/16 of the token mean"),  # 20 of 2 × 32
    ],
)
def test_grpo(kind, one_each, both):
    """Each micro-batch holds one completion, or one holds both."""
    options = {"loss_type": kind, "max_completion_length": 32}
    assert probe.named(weights(**options)) == one_each
    options |= {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 1}
    assert probe.named(weights(**options)) == both


# Row: dapo


def test_dapo():
    assert GRPOConfig("unused", use_cpu=True, bf16=False).loss_type == "dapo"
    assert probe.named(weights()) == "token mean"
    together = {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 1}
    assert probe.named(weights(**together)) == "token mean"


def test_dapo_with_other_windows():
    """Two updates from what was generated once; then one from what was generated twice."""
    found = weights(steps=2, gradient_accumulation_steps=1, steps_per_generation=2)
    assert probe.named(found) == "2 of the token mean"  # 1/10 each, no 1/3 and 1/17
    options = {"gradient_accumulation_steps": 4, "steps_per_generation": 2}
    found = weights((1, 2, 8, 9), **options)  # 3 tokens, then 17
    assert probe.named(found) == "mean of means"
