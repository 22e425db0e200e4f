"""Both checks on gradients of PyTorch and JAX: right code passes, planted faults are named."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from lstm_src import audit_scaling, check_gradients

STEPS, BATCH = 6, 3
rng = np.random.default_rng(0)
X, TARGET = rng.standard_normal((STEPS, BATCH, 2)), rng.standard_normal((STEPS, BATCH, 4))


def torch_layer(dtype):
    torch.manual_seed(0)
    return torch.nn.LSTM(2, 4, dtype=dtype)


def torch_gradients(layer, *, mistake=None):
    """Return the function of a scale that the audit wants."""

    def gradients(scale):
        layer.zero_grad()
        dtype = layer.weight_hh_l0.dtype
        h, (last, _) = layer(torch.from_numpy(X).to(dtype))
        loss = (h - torch.from_numpy(TARGET).to(dtype)).square().sum() * scale
        if mistake == "partly":
            loss = loss + last.sum()
        loss.backward()
        if mistake == "more than once":
            layer.weight_hh_l0.grad.mul_(scale)
        if mistake == "not a polynomial":
            torch.nn.utils.clip_grad_value_(layer.parameters(), 0.1)
        if mistake == "never":
            layer.bias_hh_l0.grad.div_(scale)
        return {name: weight.grad for name, weight in layer.named_parameters()}

    return gradients


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_right_code_in_pytorch_is_scaled_once(dtype):
    report = audit_scaling(torch_gradients(torch_layer(dtype)))
    assert report.scaled_once, report
    assert len(report.verdicts) == 4


@pytest.mark.parametrize("mistake", ["partly", "more than once", "not a polynomial", "never"])
def test_a_mistake_in_pytorch_is_named(mistake):
    report = audit_scaling(torch_gradients(torch_layer(torch.float32), mistake=mistake))
    assert set(report.verdicts.values()) - {"once"} == {mistake}


def test_a_parameter_without_gradient_is_named():
    layer = torch_layer(torch.float32)
    layer.unused = torch.nn.Parameter(torch.ones(2))
    with pytest.raises(TypeError, match="unused: expected an array, got None"):
        audit_scaling(torch_gradients(layer))


def test_sparse_gradients_are_judged_and_a_mistake_in_them_is_named():
    table = torch.nn.Embedding(7, 3, sparse=True)

    def gradients(scale, unscaled=0.0):
        table.zero_grad()
        loss = table(torch.tensor([1, 4, 1])).square().sum() * scale
        (loss + unscaled * table(torch.tensor([2])).sum()).backward()
        assert table.weight.grad.is_sparse
        return {"table": table.weight.grad}

    assert audit_scaling(gradients).scaled_once
    assert audit_scaling(lambda s: gradients(s, 1.0)).verdicts == {"table": "partly"}


def test_a_step_of_mixed_precision_gets_no_verdict_in_float16_and_one_in_bfloat16():
    def gradients(scale, dtype, loss_scale=1024.0):
        torch.manual_seed(0)
        layer = torch.nn.Linear(4, 3)
        x = torch.randn(16, 4)
        with torch.autocast("cpu", dtype=dtype):
            loss = layer(x).square().mean(dim=1).sum() * 1e-3
        (loss * (scale * loss_scale)).backward()
        return {name: p.grad / loss_scale for name, p in layer.named_parameters()}

    assert audit_scaling(lambda s: gradients(s, torch.bfloat16)).scaled_once
    narrow = audit_scaling(lambda s: gradients(s, torch.float16))
    assert set(narrow.verdicts.values()) <= {"once", "not known"}


def jax_loss(weights, scale=1.0, x=X):
    """Return a loss over a plain recurrence, in the precision of the weights."""

    def step(h, x_t):
        h = jnp.tanh(x_t @ weights["W_x"] + h @ weights["W_h"])
        return h, h

    h = jax.lax.scan(step, jnp.zeros((BATCH, 4), x.dtype), x)[1]
    return scale * jnp.square(h - TARGET).sum()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_code_in_jax(dtype):
    with jax.enable_x64(dtype == np.float64):
        weights = {
            "W_x": jnp.asarray(rng.standard_normal((2, 4)), dtype),
            "W_h": jnp.asarray(rng.standard_normal((4, 4)) / 2, dtype),
        }
        x = jnp.asarray(X, dtype)
        right = jax.jit(jax.grad(lambda w, s: jax_loss(w, s, x)))
        assert audit_scaling(lambda s: right(weights, dtype(s))).scaled_once
        wrong = jax.grad(lambda w, s: jax_loss(w, s, x) + jnp.square(w["W_h"]).sum())
        verdicts = audit_scaling(lambda s: wrong(weights, dtype(s))).verdicts
        assert verdicts == {"W_x": "once", "W_h": "partly"}


def torch_loss(arrays):
    """Return the loss as a function of NumPy arrays, as the gradient check wants it."""
    layer = torch_layer(torch.float64)
    weights = {name: torch.from_numpy(array) for name, array in arrays.items()}
    h, _ = torch.func.functional_call(layer, weights, torch.from_numpy(X))
    return float((h - torch.from_numpy(TARGET)).square().mean())


def test_the_gradient_check_on_pytorch():
    layer = torch_layer(torch.float64)
    found = torch_gradients(layer)(1 / TARGET.size)
    weights = dict(layer.named_parameters())
    report = check_gradients(torch_loss, weights, found, steps=STEPS)
    assert report.right, report
    assert report.method == "central differences"  # PyTorch takes no complex weights here
    twice = {name: 2 * gradient for name, gradient in found.items()}
    report = check_gradients(torch_loss, weights, twice, steps=STEPS)
    assert not report.right
    assert "found = 2 × expected" in str(report)
