"""Losses, reductions and the whole model, beside PyTorch's, in float64; planted faults show."""

import numpy as np
import pytest
import torch

from lstm_src.checks.trees import named_leaves
from lstm_src.frameworks.interop import from_pytorch, to_pytorch
from lstm_src.structures import State
from lstm_src.training import (
    IGNORED,
    cross_entropy,
    init_model,
    label_mask,
    length_mask,
    loss_and_gradients,
    reduction_weights,
)

T, B, V, D, H, K = 9, 3, 6, 4, 5, 7
BOUND = 1e-13
RNG = np.random.default_rng(0)
MASK = length_mask((3, 9, 6))
WORDS = RNG.integers(0, V, (T, B))
LABELS = np.where(RNG.random((T, B)) > 0.2, RNG.integers(0, K, (T, B)), IGNORED)
CLASS_WEIGHTS = RNG.uniform(0.2, 3, K)
PARAMS = init_model(D, H, K, RNG, words=V)._replace(b_y=RNG.standard_normal(K))
STATE = State(*RNG.standard_normal((2, B, H)))
HERE = label_mask(LABELS, MASK)


def tensors(*arrays):
    return [torch.from_numpy(np.array(array)) for array in arrays]


def cross_entropy_of_torch(logits, labels, **options):
    return torch.nn.functional.cross_entropy(
        logits.reshape(-1, K), labels.reshape(-1), ignore_index=IGNORED, **options
    )


# Terms


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("size", [1.0, 300.0])
def test_terms_and_cotangents_of_cross_entropy_agree(smoothing, size):
    logits = size * RNG.standard_normal((T, B, K))
    z, labels = tensors(logits, LABELS)
    z.requires_grad_()
    options = {"reduction": "none", "label_smoothing": smoothing}
    expected = cross_entropy_of_torch(z, labels, **options)
    expected.sum().backward()
    terms, cotangent = cross_entropy(logits, LABELS, label_smoothing=smoothing)
    np.testing.assert_allclose(terms.ravel(), expected.detach().numpy(), rtol=BOUND, atol=BOUND)
    np.testing.assert_allclose(cotangent, z.grad.numpy(), rtol=0, atol=BOUND)


def test_one_label_more_shows():
    logits = RNG.standard_normal((T, B, K))
    z, labels = tensors(logits, LABELS)
    expected = cross_entropy_of_torch(z, labels, reduction="none").numpy()
    wrong = np.where(LABELS == IGNORED, 0, LABELS)
    assert abs(cross_entropy(logits, wrong).terms.ravel() - expected).max() > 0.1


# Reductions


def reductions_of_torch(logits, labels, mask):
    """Return the losses that PyTorch reduces itself, or that its loops reduce by hand."""
    by_token = cross_entropy_of_torch(logits, labels, reduction="none").reshape(T, B)
    masked, tokens = by_token * mask, labels.where(mask, IGNORED)
    weighted = {"weight": torch.from_numpy(CLASS_WEIGHTS)}
    return {
        ("sum", False): cross_entropy_of_torch(logits, tokens, reduction="sum"),
        ("sum", True): cross_entropy_of_torch(logits, tokens, reduction="sum", **weighted),
        ("token mean", False): cross_entropy_of_torch(logits, tokens),
        ("token mean", True): cross_entropy_of_torch(logits, tokens, **weighted),
        ("mean over all entries, padding included", False): by_token.mean(),
        ("token mean, padding counted", False): masked.mean(),
        ("sequence mean", False): (masked.sum(0) / mask.sum(0)).mean(),
        ("batch mean", False): masked.sum() / B,
        ("Dr. GRPO", False): masked.sum() / (B * 12),
    }


@pytest.fixture(scope="module")
def by_torch():
    """Return the model's loss and gradients by PyTorch, for each reduction."""
    embedding, read_out = torch.nn.Embedding(V, D), torch.nn.Linear(H, K)
    layer = torch.nn.LSTM(D, H)
    modules = torch.nn.ModuleDict({"e": embedding, "r": read_out, "l": layer}).double()
    layer.load_state_dict({k: torch.from_numpy(a) for k, a in to_pytorch(PARAMS.lstm).items()})
    embedding.weight.data, read_out.bias.data = tensors(PARAMS.embedding, PARAMS.b_y)
    read_out.weight.data = torch.from_numpy(PARAMS.W_y.T.copy())
    words, labels, here, h, c = tensors(WORDS, LABELS, HERE, *STATE)

    def result(key):
        modules.zero_grad()
        start = [part[None].clone().requires_grad_() for part in (h, c)]
        outputs, end = layer(embedding(words), start)
        loss = reductions_of_torch(read_out(outputs), labels, here)[key]
        loss.backward()
        gradients = {name: p.grad.clone() for name, p in layer.named_parameters()}
        return {
            "loss": loss.item(),
            "embedding": embedding.weight.grad.numpy().copy(),
            "W_y": read_out.weight.grad.numpy().T.copy(),
            "b_y": read_out.bias.grad.numpy().copy(),
            **from_pytorch(gradients, gradients=True)._asdict(),
            "dh_0": start[0].grad[0].numpy(),
            "dc_0": start[1].grad[0].numpy(),
            "h_T": end[0][0].detach().numpy(),
            "c_T": end[1][0].detach().numpy(),
        }

    return result


def ours(reduction, weighted=False, **changes):
    options = {"reduction": reduction, "mask": MASK, "state": STATE, "max_length": 12} | changes
    if weighted:
        options["class_weights"] = CLASS_WEIGHTS
    found = loss_and_gradients(PARAMS, WORDS, LABELS, **options)
    gradients = named_leaves("gradients", found.gradients)
    return {
        "loss": found.loss,
        **{name.removeprefix("lstm."): array for name, array in gradients.items()},
        "dh_0": found.dstate.h,
        "dc_0": found.dstate.c,
        "h_T": found.state.h,
        "c_T": found.state.c,
    }


def distances(found, expected):
    assert found.keys() == expected.keys()
    return {
        name: np.abs(found[name] - expected[name]).max() / np.abs(expected[name]).max()
        for name in expected
    }


CASES = [*reductions_of_torch(*tensors(np.zeros((T, B, K)), LABELS, HERE))]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_loss_and_all_gradients_agree(case, by_torch):
    errors = distances(ours(*case), by_torch(case))
    assert max(errors.values()) <= BOUND, errors


@pytest.mark.parametrize("case", CASES, ids=str)
def test_another_reduction_shows(case, by_torch):
    expected = by_torch(case)
    for other in CASES:
        errors = distances(ours(*other), expected)
        assert max(errors.values()) > 1e-3 or other == case


FAULTS = {
    "no initial state": ({"state": None}, "h_T"),
    "scaled": ({"scale": 0.5}, "W_x"),
    "one step fewer": ({"mask": MASK & (np.arange(T) > 0)[:, None]}, "embedding"),
    "two sequences exchanged": ({"state": State(*(part[::-1].copy() for part in STATE))}, "dh_0"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_shows(fault, by_torch):
    changes, where = FAULTS[fault]
    errors = distances(ours("token mean", **changes), by_torch(("token mean", False)))
    assert errors[where] > 1e-3
    assert errors["loss"] > 1e-3


# A batch in which every label is ignored


def test_where_pytorch_returns_nan_the_package_says_that_it_is_0_over_0():
    labels = np.full((T, B), IGNORED)
    logits, ignored = tensors(np.zeros((T, B, K)), labels)
    assert torch.isnan(cross_entropy_of_torch(logits, ignored))
    with pytest.raises(ValueError, match="its mean would be 0/0"):
        loss_and_gradients(PARAMS, WORDS, labels, reduction="token mean")
    empty = loss_and_gradients(PARAMS, WORDS, labels, reduction="sum")
    assert cross_entropy_of_torch(logits, ignored, reduction="sum") == empty.loss == 0
    assert empty.count == 0


def test_with_class_weights_label_smoothing_is_another_loss_as_the_docstring_says():
    logits = RNG.standard_normal((T, B, K))
    z, labels, weights = tensors(logits, np.where(HERE, LABELS, IGNORED), CLASS_WEIGHTS)
    expected = cross_entropy_of_torch(z, labels, weight=weights, label_smoothing=0.1)
    by_term = CLASS_WEIGHTS[np.where(HERE, LABELS, 0)]
    weighed = reduction_weights("token mean", HERE, class_weights=by_term)
    found = (weighed * cross_entropy(logits, LABELS, label_smoothing=0.1).terms).sum()
    assert abs(found - expected.item()) > 1e-3
