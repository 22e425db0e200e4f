"""Weights read off loops of PyTorch, optax, JAX and Keras, by a probe or term by term."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

from benchmarks.agreement.keras_layer import keras
from lstm_src import audit_probe, audit_weights

LENGTHS = (3, 17)
N, CLASSES = sum(LENGTHS), 4
SEQUENCE = np.repeat([0, 1], LENGTHS)
TOKENS = np.split(np.arange(N), [3])
LABELS = np.arange(N) % CLASSES
SLOPES = 1 / CLASSES - np.eye(CLASSES)[LABELS]  # of the cross-entropy, where all logits are 0
GROUPS = {"sequence": SEQUENCE, "micro_batch": SEQUENCE}


def read(gradient, mean="token mean"):
    return audit_probe(gradient, SLOPES, GROUPS, mean)


def torch_loop(counted, scale=1.0):
    model = torch.nn.Embedding(N, CLASSES)
    torch.nn.init.zeros_(model.weight)
    for tokens in TOKENS:
        logits, labels = model(torch.from_numpy(tokens)), torch.from_numpy(LABELS[tokens])
        loss = torch.nn.functional.cross_entropy(logits, labels, reduction="sum")
        (loss * scale / counted(tokens)).backward()
    return model.weight.grad


def test_accumulation_in_pytorch():
    assert read(torch_loop(lambda tokens: N)).as_meant
    report = read(torch_loop(lambda tokens: 2 * len(tokens)))
    assert report.mean == "mean of sequence means"
    assert "mean of micro-batch means" in report.alike
    scaled = read(torch_loop(lambda tokens: N, scale=2.0**16))
    assert scaled.mean == "token mean"
    assert scaled.factor == pytest.approx(2.0**16)
    assert "2^16, as a loss scale is" in str(scaled)


def test_padding_in_pytorch():
    """A batch of both sequences, padded to 17 places: ignored, or counted."""
    places = np.full((2, 17), N)
    for row, tokens in enumerate(TOKENS):
        places[row, : len(tokens)] = tokens
    ignored = np.append(LABELS, -100)[places]

    def gradient(reduction, count):
        model = torch.nn.Embedding(N + 1, CLASSES)
        torch.nn.init.zeros_(model.weight)
        logits = model(torch.from_numpy(places)).transpose(1, 2)
        loss = torch.nn.functional.cross_entropy(
            logits, torch.from_numpy(ignored), reduction=reduction, ignore_index=-100
        )
        (loss / count).backward()
        return model.weight.grad[:N]

    assert read(gradient("mean", 1)).as_meant
    report = read(gradient("sum", places.size))
    assert report.mean == "token mean"
    assert report.factor == pytest.approx(N / places.size, rel=1e-5)


def test_label_smoothing_in_pytorch_is_a_factor_where_all_logits_are_0():
    model = torch.nn.Embedding(N, CLASSES)
    torch.nn.init.zeros_(model.weight)
    logits, labels = model(torch.arange(N)), torch.from_numpy(LABELS)
    torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1).backward()
    report = read(model.weight.grad)
    assert report.mean == "token mean"
    assert report.factor == pytest.approx(0.9, rel=1e-5)


def test_prompts_that_pytorch_ignores_are_told():
    model = torch.nn.Embedding(N, CLASSES)
    torch.nn.init.zeros_(model.weight)
    labels = torch.from_numpy(np.where(np.arange(N) < 12, -100, LABELS))
    torch.nn.functional.cross_entropy(model(torch.arange(N)), labels).backward()
    report = read(model.weight.grad)
    assert report.nearest == "token mean"
    assert "Terms 0 to 11 weigh nothing." in str(report)
    padding = {"padding": labels == -100}
    assert audit_probe(model.weight.grad, SLOPES, GROUPS | padding, "token mean").as_meant


def test_tensors_may_be_labels_and_weights():
    terms = torch.from_numpy(np.random.default_rng(0).standard_normal((N, 60)))
    weights = torch.full((N,), 1 / N, dtype=torch.float64, requires_grad=True)
    groups = {
        "sequence": torch.from_numpy(SEQUENCE),
        "class_weight": torch.ones(N).requires_grad_(),
    }
    report = audit_weights(weights @ terms, terms, groups, weights)
    assert report.as_meant
    assert report.mean == "meant weights"
    assert "token mean" in report.alike


def jax_gradient(table, tokens, labels):
    def loss(table):
        terms = optax.softmax_cross_entropy_with_integer_labels(table[tokens], labels)
        return terms.mean()

    return jax.grad(loss)(table)


@pytest.mark.parametrize(
    ("rounds", "name"),
    [([np.arange(N)], "token mean"), (TOKENS, "mean of sequence means")],
)
def test_multisteps_in_optax(rounds, name):
    table = jnp.zeros((N, CLASSES))
    optimizer = optax.MultiSteps(optax.sgd(1.0), len(rounds))
    state, after = optimizer.init(table), table
    for tokens in rounds:
        updates, state = optimizer.update(jax_gradient(after, tokens, LABELS[tokens]), state, after)
        after = optax.apply_updates(after, updates)
    assert read(table - after).mean == name


@pytest.mark.parametrize("weighted", [True, False])
def test_workers_in_jax(weighted):
    """Two workers, of 3 and 17 tokens padded to 17: psum over psum, or pmean of the means."""
    tokens = np.zeros((2, 17), int)
    mask = np.zeros((2, 17))
    for row, mine in enumerate(TOKENS):
        tokens[row, : len(mine)], mask[row, : len(mine)] = mine, 1

    def worker(table, tokens, labels, mask):
        def loss(table):
            terms = optax.softmax_cross_entropy_with_integer_labels(table[tokens], labels)
            return (terms * mask).sum()

        total, count = jax.grad(loss)(table), mask.sum()
        if weighted:
            return jax.lax.psum(total, "workers") / jax.lax.psum(count, "workers")
        return jax.lax.pmean(total / count, "workers")

    step = jax.vmap(worker, in_axes=(None, 0, 0, 0), axis_name="workers")
    gradient = step(jnp.zeros((N, CLASSES)), tokens, LABELS[tokens], mask)[0]
    report = read(gradient)
    assert report.mean == ("token mean" if weighted else "mean of sequence means")
    assert report.factor == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize(
    ("rounds", "name"),
    [([np.arange(N)], "token mean"), (TOKENS, "mean of sequence means")],
)
def test_accumulation_in_keras(rounds, name):
    table = keras.layers.Embedding(N, CLASSES, embeddings_initializer="zeros")
    model = keras.Sequential([keras.Input((), dtype="int32"), table])
    steps = len(rounds) if len(rounds) > 1 else None
    model.compile(
        keras.optimizers.SGD(1.0, gradient_accumulation_steps=steps),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    for tokens in rounds:
        model.train_on_batch(tokens.astype("int32"), LABELS[tokens])
    assert read(-np.asarray(table.embeddings.value)).mean == name


# Term by term, with a real model


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", ["token mean", "mean of sequence means"])
def test_a_layer_of_pytorch(name, dtype):
    torch.manual_seed(0)
    layer = torch.nn.LSTM(3, 8, dtype=dtype)
    x, target = torch.randn(17, 2, 3).to(dtype), torch.randn(17, 2, 8).to(dtype)
    mask = torch.arange(17)[:, None] < torch.tensor(LENGTHS)

    def gradient(weights):
        layer.zero_grad()
        terms = (layer(x)[0] - target).square().sum(dim=-1)
        (terms * weights.to(dtype)).sum().backward()
        return {path: weight.grad.clone() for path, weight in layer.named_parameters()}

    places = [(t, b) for b in range(2) for t in range(LENGTHS[b])]

    def term(k):
        one = torch.zeros(17, 2)
        one[places[k]] = 1
        return gradient(one)

    weights = mask / N if name == "token mean" else mask / torch.tensor(LENGTHS) / 2
    report = audit_weights(gradient(weights), (term, N), {"sequence": SEQUENCE}, "token mean")
    if dtype == torch.bfloat16:  # its rounding may hide single weights
        assert report.mean in {None, name}
    else:
        assert report.mean == name
        assert not report.unexplained
        assert report.as_meant == (name == "token mean")
