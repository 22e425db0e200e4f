"""The cheat sheet's rows of PyTorch's data parallelism, run: see test_cheat_sheet.py."""

import math

import pytest
import torch
import two_workers
from probe import N, parallel

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


def test_ddp_micro_without_a_token_on_any_worker(workers):
    assert [found["no tokens", "as shown"] for found in workers] == [0, 0]
    for found in workers:
        assert "division by zero" in found["no tokens", "not left out"]


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
    found = [torch.tensor(w[key], dtype=torch.float64) for w in workers]
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
