"""The rows of the cheat sheet, run: what each library divides by, what is left, what goes wrong.

Each test is named by a row of chapters/data/cheat_sheet.toml and bears its id. The comments that
begin with "Row:" part the file for the page that shows it. `tests/pages/test_cheat_sheet.py` holds
both.
"""

import math
import tomllib
from importlib.metadata import version
from pathlib import Path

import numpy as np
import optax
import pytest
import torch
import two_workers
from torch.nn.functional import cross_entropy, ctc_loss, mse_loss

from benchmarks.agreement.keras_layer import jax, jnp, keras

TABLE = Path(__file__).parents[2] / "chapters/data/cheat_sheet.toml"
COUNTS = two_workers.COUNTS
N = sum(COUNTS)


def test_these_are_the_versions_that_the_page_names():
    named = tomllib.loads(TABLE.read_text(encoding="utf-8"))["versions"]
    assert named == {name: version(name).partition("+")[0] for name in named}


def scores(n, classes=3):
    return torch.randn(n, classes, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def parallel(a, b):
    """Say whether a factor makes two arrays equal, to rounding."""
    a, b = np.ravel(a), np.ravel(b)
    return abs(a @ b) > (1 - 1e-9) * math.sqrt((a @ a) * (b @ b))


# Row: mean


def test_mean():
    x = scores(4)
    assert mse_loss(x, 0 * x) == pytest.approx(x.square().sum().item() / x.numel())
    assert mse_loss(x, 0 * x) != pytest.approx(x.square().sum().item() / len(x))


def test_mean_of_what_is_not_ignored():
    x, target = scores(5), torch.tensor([0, 2, 1, -100, -100])
    one_by_one = cross_entropy(x, target, reduction="none")
    assert cross_entropy(x, target) == pytest.approx(one_by_one.sum().item() / 3)
    assert cross_entropy(x, target) != pytest.approx(one_by_one.mean().item())
    padded = target.clamp(min=0)  # padding that is not ignored
    everything = cross_entropy(x, padded, reduction="sum").item()
    assert cross_entropy(x, padded) == pytest.approx(everything / 5)
    assert everything > one_by_one.sum().item()


def test_mean_with_class_weights():
    x, target = scores(5), torch.tensor([0, 2, 1, 1, -100])
    weights = torch.tensor([1, 2, 4], dtype=torch.float64)
    total = cross_entropy(x, target, weights, reduction="sum").item()
    assert cross_entropy(x, target, weights) == pytest.approx(total / (1 + 4 + 2 + 2))
    assert cross_entropy(x, target, weights) != pytest.approx(total / 4)


# Row: ctc

LABELS = torch.tensor([[1, 2, 3, 0, 0, 0, 0, 0], [1, 2, 3, 4, 1, 2, 3, 4]])
LENGTHS = torch.tensor([3, 8])


def ctc(reduction, labels=LABELS, lengths=LENGTHS):
    uniform = torch.full((20, len(lengths), 5), -math.log(5), dtype=torch.float64)
    frames = torch.full((len(lengths),), 20)
    return ctc_loss(uniform, labels, frames, lengths, reduction=reduction)


def test_ctc():
    each = ctc("none")
    by_formula = [20 * math.log(5) - math.log(math.comb(20 + n, 2 * n)) for n in (3, 8)]
    torch.testing.assert_close(each, torch.tensor(by_formula, dtype=torch.float64))
    assert ctc("mean") == pytest.approx((each / LENGTHS).sum().item() / 2)
    for wrong in (each.sum() / 2, each.sum() / 11):
        assert ctc("mean") != pytest.approx(wrong.item())
    twice = [0, 1, 0, 1]
    for reduction, factor in (("mean", 1), ("sum", 2)):
        found = ctc(reduction, LABELS[twice], LENGTHS[twice])
        assert found == pytest.approx(factor * ctc(reduction).item())


def test_ctc_is_no_multiple_of_the_mean_over_sequences():
    ratios = []
    for order in ([0, 0], [0, 1], [1, 1]):
        each = ctc("none", LABELS[order], LENGTHS[order])
        ratios.append((ctc("mean", LABELS[order], LENGTHS[order]) / each.mean()).item())
    assert ratios[0] == pytest.approx(1 / 3)
    assert ratios[2] == pytest.approx(1 / 8)
    assert ratios[0] > ratios[1] > ratios[2]


# Row: adding


def accumulated(factor):
    """Return the gradient of two micro-batches, with a factor on the sum of each."""
    layer = two_workers.new_layer()
    for x in two_workers.tokens():
        (factor(len(x)) * two_workers.loss_sum(layer, x)).backward()
    return layer.weight.grad


def test_adding():
    right = two_workers.alone((1 / N, 1 / N))
    torch.testing.assert_close(accumulated(lambda n: 1 / N), right)
    torch.testing.assert_close(accumulated(lambda n: 1) / N, right)
    of_sums, of_means = accumulated(lambda n: 1 / n), accumulated(lambda n: 1 / n / 2)
    torch.testing.assert_close(of_means, two_workers.alone((0.5 / 3, 0.5 / 17)))
    torch.testing.assert_close(of_sums, 2 * of_means)
    assert parallel(right, accumulated(lambda n: 1))
    assert not parallel(right, of_means)


# Row: scaler

SCALE = 65536.0


def scaled_step(*, clip, unscale):
    """Return the length of one step of SGD on a gradient of length 5, with a loss scale."""
    weights = torch.nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([weights], lr=1.0)
    scaler = torch.amp.GradScaler("cpu", init_scale=SCALE)
    scaler.scale((weights * torch.tensor([3.0, 4.0])).sum()).backward()
    if unscale:
        scaler.unscale_(optimizer)
    if clip:
        torch.nn.utils.clip_grad_norm_([weights], 1.0)
    scaler.step(optimizer)
    return weights.norm().item()


def test_scaler():
    assert scaled_step(clip=False, unscale=False) == pytest.approx(5)
    assert scaled_step(clip=False, unscale=True) == pytest.approx(5)
    assert scaled_step(clip=True, unscale=True) == pytest.approx(1)
    assert scaled_step(clip=True, unscale=False) == pytest.approx(1 / SCALE)


# Row: ddp


@pytest.fixture(scope="module")
def workers():
    return two_workers.together()


@pytest.fixture
def right():
    """Return the gradient of the token mean, in one process."""
    return two_workers.alone((1 / N, 1 / N))


def on_each(workers, kind, factor):
    """Return what both processes found, a gradient or weights."""
    one, other = (torch.tensor(w[kind, factor], dtype=torch.float64) for w in workers)
    torch.testing.assert_close(one, other)
    return one


def check_average(workers, right, kind):
    """Hold a library to averaging over the two workers."""
    torch.testing.assert_close(on_each(workers, kind, "sum * W / N"), right)
    torch.testing.assert_close(on_each(workers, kind, "sum") * 2 / N, right)
    torch.testing.assert_close(on_each(workers, kind, "sum / N"), right / 2)
    of_means = on_each(workers, kind, "own mean")
    torch.testing.assert_close(of_means, two_workers.alone((0.5 / 3, 0.5 / 17)))
    assert not parallel(of_means, right)


def test_ddp(workers, right):
    check_average(workers, right, "ddp")


# Row: ddp_micro

PARTS = two_workers.tokens(sum(two_workers.MICRO, ()))
ALL = sum(map(len, PARTS))


def all_at_once(**options):
    """Return the weights after two steps in one process that sees all tokens at once."""
    x = torch.cat(PARTS)
    return two_workers.trained_alone(lambda layer: two_workers.loss_sum(layer, x) / ALL, **options)


def by_parts(parts, factor):
    """Return the weights after two steps in one process, with a factor on the sum of each part."""
    return two_workers.trained_alone(
        lambda layer: sum(factor(len(x)) * two_workers.loss_sum(layer, x) for x in parts)
    )


def off(found):
    """Say whether weights are not the right ones."""
    return not torch.allclose(found, all_at_once(), rtol=1e-3)


def test_ddp_micro(workers):
    for change in ("as shown", "synchronized each time"):
        torch.testing.assert_close(on_each(workers, "step", change), all_at_once())
    assert off(all_at_once(max_norm=math.inf))  # so it clips,
    assert off(by_parts(PARTS, lambda n: 1.01 / ALL))  # but not so much that it hides the scale


def test_ddp_micro_with_mistakes(workers):
    of_workers = [torch.cat(PARTS[:4]), torch.cat(PARTS[4:])]
    for change, expected in {
        "no W": by_parts(PARTS, lambda n: 1 / ALL / 2),
        "own means": by_parts(PARTS, lambda n: 1 / n / len(PARTS)),
        "own N": by_parts(of_workers, lambda n: 1 / n),
    }.items():
        found = on_each(workers, "step", change)
        torch.testing.assert_close(found, expected)
        assert off(found)


def test_ddp_micro_never_synchronized(workers):
    key = "step", "never synchronized"
    found = {w["rank"]: torch.tensor(w[key], dtype=torch.float64) for w in workers}
    for rank, own in enumerate((PARTS[:4], PARTS[4:])):
        torch.testing.assert_close(found[rank], by_parts(own, lambda n: 2 / ALL))
        assert off(found[rank])


# Row: fsdp


def test_fsdp(workers, right):
    check_average(workers, right, "fsdp")
    with pytest.raises(AssertionError):
        check_average(workers, right, "fsdp, factor 1")
    torch.testing.assert_close(on_each(workers, "fsdp, factor 1", "sum / N"), right)
    doubled = on_each(workers, "fsdp, factor 1", "sum * W / N")
    torch.testing.assert_close(doubled, 2 * right)


# Row: keras_mask

Y, X = np.array([[[0.0], [1.0], [1.0]]]), np.array([[[1.0], [0.0], [1.0]]])


def keras_loss(*layers):
    """Return the mean absolute error of the identity; the second input is 0."""
    model = keras.Sequential([keras.Input((3, 1)), *layers, keras.layers.Activation("linear")])
    model.compile(loss="mae")
    return model.evaluate(X, Y, verbose=0)


def test_keras_mask():
    assert keras_loss(keras.layers.Masking()) == pytest.approx(1 / 2)
    assert keras_loss() == pytest.approx(2 / 3)  # the second error and the third step count


# Row: keras_weights


def weighted_error(weights, **options):
    y, p = np.array([[1.0], [2.0]]), np.array([[2.0], [3.0]])
    return float(keras.losses.MeanSquaredError(**options)(y, p, np.array(weights)))


def test_keras_weights():
    assert weighted_error([0, 1]) == pytest.approx(1 / 2)
    assert weighted_error([0, 6]) == pytest.approx(6 / 2)
    assert weighted_error([0, 6], reduction="mean_with_sample_weight") == pytest.approx(1)


# Row: keras_steps


def keras_step(gradients, **options):
    """Return where SGD ends that accumulates some gradients, from 0."""
    optimizer = keras.optimizers.SGD(
        1.0, gradient_accumulation_steps=len(gradients) if len(gradients) > 1 else None, **options
    )
    variable = keras.Variable(np.zeros(1))
    optimizer.build([variable])
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor([gradient], variable.dtype)])
    return -float(variable.value[0])


def test_keras_steps():
    assert keras_step([3.0, 5.0]) == pytest.approx(4)
    assert keras_step([3.0, -5.0], clipvalue=1.0) == pytest.approx(-1)  # clip(-1), no 0
    assert keras_step([3.0, 0.5], clipvalue=1.0) == pytest.approx(1)  # clip(1.75), no .75
    assert keras_step([3.0], clipvalue=1.0) == pytest.approx(1)


def test_keras_steps_are_a_mean_of_means():
    means = [2.0, 0.5]  # of 3 and of 17 tokens
    assert keras_step(means) == pytest.approx(1.25)
    weighted = [m * 2 * n / N for m, n in zip(means, COUNTS, strict=True)]
    assert keras_step(weighted) == pytest.approx(np.average(means, weights=COUNTS))


# Row: jax

SLOPES = np.random.default_rng(0).standard_normal((2, 17, 3))
MASK = np.arange(17) < np.array(COUNTS)[:, None]


def worker_gradients(reduce):
    """Return the gradient on each of two workers; `reduce` gets the sum's and the count."""

    def work(slopes, mask):
        gradient = jax.grad(lambda w: jnp.sum(mask * (slopes @ w)))(jnp.zeros(3))
        return reduce(gradient, mask.sum())

    return jax.vmap(work, axis_name="workers")(SLOPES, MASK)


def test_jax():
    total = (MASK[..., None] * SLOPES).sum((0, 1))
    psum, pmean = (lambda x, f=f: f(x, "workers") for f in (jax.lax.psum, jax.lax.pmean))
    assert np.allclose(worker_gradients(lambda g, n: g).sum(0), total)
    assert np.allclose(worker_gradients(lambda g, n: psum(g)), total)
    assert np.allclose(worker_gradients(lambda g, n: pmean(g)), total / 2)
    assert np.allclose(worker_gradients(lambda g, n: psum(g) / psum(n)), total / N)
    of_means = worker_gradients(lambda g, n: pmean(g / n))[0]
    assert not parallel(of_means, total)


# Row: optax_loss


def test_optax_loss():
    x, target = scores(5).numpy(), np.array([0, 2, 1, 0, 0])
    each = optax.softmax_cross_entropy_with_integer_labels(jnp.asarray(x), jnp.asarray(target))
    reference = cross_entropy(torch.tensor(x), torch.tensor(target), reduction="none")
    assert np.allclose(each, reference)
    mask = np.arange(5) < 3
    assert not np.allclose(each.mean(), (each * mask).sum() / mask.sum())


# Row: optax_steps


def optax_step(transform, gradients):
    """Return where some gradients lead, from 0."""
    at = jnp.zeros(())
    state = transform.init(at)
    for gradient in gradients:
        updates, state = transform.update(jnp.asarray(gradient, at.dtype), state, at)
        at = optax.apply_updates(at, updates)
    return -float(at)


def test_optax_steps():
    plain = optax.MultiSteps(optax.sgd(1.0), 2)
    assert optax_step(plain, (3, 5)) == pytest.approx(4)
    inside = optax.MultiSteps(optax.chain(optax.clip(1.0), optax.sgd(1.0)), 2)
    outside = optax.chain(optax.clip(1.0), plain.gradient_transformation())
    assert optax_step(inside, (3, -5)) == pytest.approx(-1)
    assert optax_step(outside, (3, -5)) == pytest.approx(0)


def test_optax_steps_are_a_mean_of_means():
    transform, means = optax.MultiSteps(optax.sgd(1.0), 2), [2.0, 0.5]  # of 3 and of 17 tokens
    assert optax_step(transform, means) == pytest.approx(1.25)
    weighted = [m * 2 * n / N for m, n in zip(means, COUNTS, strict=True)]
    assert optax_step(transform, weighted) == pytest.approx(np.average(means, weights=COUNTS))
