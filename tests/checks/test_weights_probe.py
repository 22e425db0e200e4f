"""The probe: a table in the model's place, off whose gradient a loop's weights are read."""

import numpy as np
import pytest

from lstm_src import audit_probe

LENGTHS = np.array([3, 17, 6, 9])
SEQUENCE = np.repeat(np.arange(4), LENGTHS)
N, CLASSES = int(LENGTHS.sum()), 3
TOKENS = np.split(np.arange(N), np.cumsum(LENGTHS)[:-1])  # the data: the numbers of the tokens
LABELS = np.arange(N) % CLASSES
ONE_HOT = np.eye(CLASSES)[LABELS]
GROUPS = {"sequence": SEQUENCE, "micro_batch": SEQUENCE // 2, "worker": SEQUENCE % 2}


def squared(table, tokens):
    """Return the loss terms' derivatives by the table: of (p - 1)², as a reader's code has it."""
    found = np.zeros_like(table)
    found[tokens] = 2 * (table[tokens] - 1)
    return found


def cross_entropy(table, tokens):
    shifted = np.exp(table[tokens] - table[tokens].max(axis=1, keepdims=True))
    found = np.zeros_like(table)
    found[tokens] = shifted / shifted.sum(axis=1, keepdims=True) - ONE_HOT[tokens]
    return found


def joined(sequences):
    return np.concatenate([TOKENS[k] for k in sequences])


def accumulated(table, loss, rounds=((0, 1), (2, 3)), divide=True):
    """Two micro-batches, each a mean of its own."""
    total = np.zeros_like(table)
    for sequences in rounds:
        tokens = joined(sequences)
        total += loss(table, tokens) / len(tokens) / (len(rounds) if divide else 1)
    return total


def by_workers(table, loss):
    """Two workers, with one micro-batch of one sequence each in every round."""
    parts = [accumulated(table, loss, rounds=((w,), (w + 2,))) for w in range(2)]
    return (parts[0] + parts[1]) / 2


def whole(table, loss):
    return loss(table, np.arange(N)) / N


LOOPS = {
    "token mean": (whole, 1),
    "mean of micro-batch means": (accumulated, 1),
    "mean of sequence means": (by_workers, 1),
}
LOSSES = {"squares": (squared, (N,)), "cross-entropy": (cross_entropy, (N, CLASSES))}


def probed(loop, loss, shape, dtype=np.float64, at=None, **options):
    table = np.zeros(shape, dtype) if at is None else at.astype(dtype)
    slopes = loss(table.astype(float), np.arange(N))
    return audit_probe(loop(table, loss), slopes, GROUPS, **options)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_named(name, loss, dtype):
    loop, factor = LOOPS[name]
    function, shape = LOSSES[loss]
    report = probed(loop, function, shape, dtype, mean="token mean")
    assert report.mean == name, report
    assert report.factor == pytest.approx(factor, rel=1e-6)
    assert report.as_meant == (name == "token mean")
    assert report.condition == 1


def test_away_from_zero_the_slopes_of_that_place_are_needed():
    table = np.random.default_rng(0).standard_normal((N, CLASSES))
    assert probed(accumulated, cross_entropy, None, at=table).mean == "mean of micro-batch means"
    wrong = audit_probe(accumulated(table, cross_entropy), 1 / CLASSES - ONE_HOT, GROUPS)
    assert wrong.mean is None
    assert wrong.unexplained == ("probe",)
    assert "no multiples of the slopes" in " ".join(str(wrong).split())


def test_sums_of_micro_batches_are_twice_their_mean():
    def summed(table, loss):
        return accumulated(table, loss, divide=False)

    report = probed(summed, squared, (N,), mean="mean of micro-batch means")
    assert report.factor == pytest.approx(2)
    assert not report.as_meant


def test_a_dropped_sequence_and_random_weights_get_no_name():
    def dropped(table, loss):
        return loss(table, joined((0, 1, 3))) / (N - LENGTHS[2])

    report = probed(dropped, squared, (N,), mean="token mean")
    assert report.mean is None
    assert "The terms of sequence 2 weigh nothing." in str(report)
    for seed in range(20):
        weights = np.exp(np.random.default_rng(seed).standard_normal(N))
        report = audit_probe(-2 * weights, np.full(N, -2.0), GROUPS)
        assert report.mean is None
        assert report.nearest is None
        np.testing.assert_allclose(report.weights, weights, rtol=1e-12)


def test_an_update_of_plain_gradient_descent_shows_its_gradient():
    table = np.zeros(N)
    after = table - 0.1 * accumulated(table, squared)
    report = audit_probe((table - after) / 0.1, np.full(N, -2.0), GROUPS, "token mean")
    assert report.mean == "mean of micro-batch means"


def test_padding_that_is_trained_on_shows():
    """The rows after the tokens are padding: places of sequence 0 up to the longest one."""
    padding = np.repeat([0, 1], [N, 14])
    groups = {"sequence": np.append(SEQUENCE, np.zeros(14, int)), "padding": padding}
    slopes = np.full(N + 14, -2.0)
    trained = audit_probe(slopes / (N + 14), slopes, groups, "token mean")
    assert trained.mean == "mean over all entries, padding included"
    counted = audit_probe(slopes * (1 - padding) / (N + 14), slopes, groups, "token mean")
    assert counted.mean == "token mean, padding counted"


@pytest.mark.parametrize(
    ("gradient", "slopes", "error", "words"),
    [
        (np.ones(3), np.ones((3, 2)), ValueError, r"slopes: expected the shape .* got \(3, 2\)"),
        (np.ones(3, int), np.ones(3), TypeError, "gradient: expected real floating-point"),
        (np.array([1.0, np.nan]), np.ones(2), ValueError, "gradient: expected finite"),
        (np.array(1.0), np.array(1.0), ValueError, "slopes: expected the shape"),
        (np.full(3, 1e300), np.full(3, 1e-100), ValueError, "gradient: expected numbers of at"),
    ],
)
def test_wrong_arguments_are_refused_by_name(gradient, slopes, error, words):
    with pytest.raises(error, match=words):
        audit_probe(gradient, slopes)


@pytest.mark.parametrize("size", [1e-310, 1e-200, 1e200])
def test_the_size_of_a_probe_is_nothing(size):
    slopes = np.full((N, 1), -2.0) * min(1e10 * size, 1e200)
    report = audit_probe(slopes * (size / abs(slopes).max()), slopes, GROUPS)
    assert report.mean == "token mean"


def test_a_few_rows_are_enough_and_one_number_a_row_shows_no_other_part():
    report = audit_probe(np.array([1.0, 2.0, 3.0]), np.ones(3))
    assert str(report).startswith("None of the means")
    assert "looks like a weight" in " ".join(str(report).split())
    assert "more parameters" not in " ".join(str(report).split())


def test_rounding_inside_the_loop_is_said_to_be_near():
    rounded = (1 + 1e-3 * np.random.default_rng(0).standard_normal((N, CLASSES))) / N
    slopes = 1 / CLASSES - ONE_HOT
    report = audit_probe(rounded * slopes, slopes, GROUPS)
    said = " ".join(str(report).split())
    assert report.mean in {None, "token mean"}
    assert "with autocast" in said
