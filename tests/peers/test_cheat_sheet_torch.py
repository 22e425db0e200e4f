"""The cheat sheet's rows of PyTorch's losses and of one process, run: see test_cheat_sheet.py."""

import math

import pytest
import torch
import two_workers
from probe import N, parallel
from torch.nn.functional import cross_entropy, ctc_loss, mse_loss

# Row: mean


def scores(n, classes=3):
    return torch.randn(n, classes, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


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
