"""The cheat sheet's row of auxiliary losses, run: see test_cheat_sheet.py."""

import numpy as np
import probe
import pytest
import torch
from token_table import PARTS
from trainer_loop import PADDING, Body, gradients
from transformers import MixtralConfig, MixtralForCausalLM
from transformers.modeling_outputs import MoeModelOutputWithPast
from transformers.models.mixtral.modeling_mixtral import load_balancing_loss_func

pytestmark = pytest.mark.filterwarnings("ignore")  # transformers', of itself

# Row: auxiliary

EXPERTS, COEFFICIENT = 4, 0.5
GATES = np.random.default_rng(1).standard_normal((PADDING + 1, EXPERTS)).astype(np.float32)


class Routed(Body):
    """A second table holds the router's logits of each token."""

    def __init__(self):
        super().__init__()
        self.gates = torch.nn.Parameter(torch.tensor(GATES))

    def forward(self, input_ids, **_):
        hidden = super().forward(input_ids).last_hidden_state
        logits = (self.gates[input_ids].flatten(0, 1),)
        return MoeModelOutputWithPast(last_hidden_state=hidden, router_logits=logits)


def mixture(coefficient):
    """Return a mixture of experts with the tables below its losses."""
    model = MixtralForCausalLM(
        MixtralConfig(
            hidden_size=4,
            num_attention_heads=1,
            num_key_value_heads=1,
            num_hidden_layers=1,
            num_local_experts=EXPERTS,
            vocab_size=probe.CLASSES,
            output_router_logits=True,
            router_aux_loss_coef=coefficient,
        )
    )
    model.model, model.lm_head = Routed(), torch.nn.Identity()
    return model


def balance(tokens):
    """Return the derivative of one micro-batch's own load-balancing loss, by all gates."""
    gates = torch.tensor(GATES, requires_grad=True)
    load_balancing_loss_func((gates[tokens],), EXPERTS, 2).backward()
    return gates.grad.numpy()


def parts_of(coefficient, micro_batches=2):
    """Return what the tokens weigh, and each micro-batch's load-balancing loss."""
    found = gradients(mixture(coefficient), micro_batches)
    terms = np.stack([balance(tokens).ravel() for tokens in PARTS])
    gradient = found["model.gates"].ravel()
    times = np.linalg.lstsq(terms.T, gradient, rcond=None)[0]
    np.testing.assert_allclose(times @ terms, gradient, atol=1e-6)
    return probe.named(probe.weights(found["model.table"])), times / COEFFICIENT


def test_auxiliary():
    tokens, losses = parts_of(COEFFICIENT)
    assert tokens == "token mean"
    assert losses == pytest.approx([1, 1], rel=1e-4)  # a sum, not the mean
    tokens, losses = parts_of(COEFFICIENT / 2)
    assert tokens == "token mean"
    assert losses == pytest.approx([1 / 2, 1 / 2], rel=1e-4)
