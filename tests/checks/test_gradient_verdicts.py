"""The gradient check's verdicts on zero, scale, smoothness, sharing, and what is not repeatable."""

import math

import numpy as np
import pytest

from lstm_src import Params, backward, check_gradients, forward, init_params
from lstm_src.checks import held_fixed
from lstm_src.checks.trees import tree_leaves

RNG = np.random.default_rng
P = init_params(3, 4, RNG(0))
X, W = RNG(1).standard_normal((6, 2, 3)), RNG(2).standard_normal((6, 2, 4))


def told(report):
    return " ".join(str(report).split())


def lstm_loss(p):
    return (forward(p, X.astype(p.b.dtype)).h * W).sum()


def lstm_gradient():
    return backward(P, forward(P, X).tape, W).params


def each(function, *trees):
    return Params(*(function(*arrays) for arrays in zip(*trees, strict=True)))


def real(loss):
    """Refuse complex numbers, as frameworks do."""

    def refusing(tree):
        if any(np.iscomplexobj(leaf) for leaf in tree_leaves(tree)):
            raise TypeError("real numbers alone")
        return loss(tree)

    return refusing


def single(loss):
    """Take float32 alone."""

    def refusing(tree):
        if any(leaf.dtype != np.float32 for leaf in tree_leaves(tree)):
            raise TypeError("float32 alone")
        return np.float32(loss(tree))

    return refusing


both = pytest.mark.parametrize("seen", [lambda loss: loss, real], ids=["complex", "real"])


# Scale, and zero


@both
@pytest.mark.parametrize("size", [3e306, 1e308])
def test_a_gradient_near_the_end_of_the_numbers_is_wrong(seen, size):
    report = check_gradients(seen(lambda a: (a**3).sum()), np.arange(1.0, 4), np.full(3, size))
    assert report.verdicts == {"array": "wrong"}


@both
@pytest.mark.parametrize("scale", [1e-200, 1e-20, 1.0, 1e20, 1e300])
def test_the_scale_of_the_loss_is_nothing(seen, scale):
    point = np.array([1.0, -2.0])
    loss = seen(lambda a: scale * (a**2).sum())
    assert check_gradients(loss, point, scale * 2 * point).right
    assert not check_gradients(loss, point, scale * 2 * np.abs(point)).right


@both
@pytest.mark.parametrize("scale", [1e-100, 1e-9, 1.0, 1e9, 1e100])
def test_the_scale_of_an_array_is_nothing(seen, scale):
    point = scale * np.array([1.0, -2.0])
    loss = seen(lambda a: (a**2).sum())
    assert check_gradients(loss, point, 2 * point).right
    assert not check_gradients(loss, point, -2 * point).right


@pytest.mark.parametrize(
    ("claimed", "verdict"),
    [
        ([2, 4], "right"),
        ([-5, 7], "wrong"),
        ([0, 0], "wrong"),
        ([2.0001, 4], "wrong"),
        ([-2, 4], "wrong"),
    ],
)
def test_a_verdict_does_not_hang_on_another_arrays_size(claimed, verdict):
    def loss(p):
        return 1e15 * p["a"].sum() + (p["b"] ** 2).sum()

    point = {"a": np.ones(2), "b": np.array([1.0, 2.0])}
    found = {"a": np.full(2, 1e15), "b": np.array(claimed, float)}
    report = check_gradients(loss, point, found)
    assert report.verdicts == {"a": "right", "b": verdict}
    hidden = check_gradients(real(loss), point, found)
    assert hidden.verdicts["b"] in {"wrong", "not known"}


@pytest.mark.parametrize("sizes", [(1e5, 1.0), (1.0, 1e-5)])
def test_in_float32_a_small_array_with_its_sign_turned_is_wrong(sizes):
    large, small = map(np.float32, sizes)
    point = {"a": np.linspace(0.1, 0.5, 4), "b": np.linspace(-0.4, 0.6, 5)}
    point = {path: array.astype(np.float32) for path, array in point.items()}
    loss = single(lambda p: large * np.tanh(p["a"]).sum() + small * np.tanh(p["b"]).sum())
    slopes = {path: 1 - np.tanh(array) ** 2 for path, array in point.items()}
    found = {"a": large * slopes["a"], "b": -small * slopes["b"]}
    assert check_gradients(loss, point, found).verdicts == {"a": "right", "b": "wrong"}
    found["b"] = -found["b"]
    assert check_gradients(loss, point, found).verdicts["b"] in {"right", "not known"}


def test_an_array_that_is_not_read_is_zero_however_the_loss_is_seen():
    point = {"a": np.ones(2), "b": np.ones(3, np.float32)}
    for seen in (lambda loss: loss, real):
        loss = seen(lambda p: (p["a"] ** 2).sum())
        report = check_gradients(loss, point, {"a": np.full(2, 2.0), "b": np.zeros(3)})
        assert report.right
        assert report.verdicts["b"] == "zero"
        report = check_gradients(loss, point, {"a": np.full(2, 2.0), "b": np.full(3, 1e-3)})
        assert report.verdicts["b"] == "wrong"


def test_zeros_alone_are_no_gradient_that_was_checked():
    report = check_gradients(lambda a: 0 * a.sum() / max(0, 1), np.ones(2), np.zeros(2))
    assert not report.right
    assert report.report.verdict.startswith("Not known: the gradient is zero everywhere")
    assert "nothing to count" in told(report)


def test_a_mean_over_nothing_is_named():
    def loss(a):
        with np.errstate(invalid="ignore"):
            return a.sum() * 0 / np.float64(0)

    with pytest.raises(ValueError, match="a mean over nothing is 0/0"):
        check_gradients(loss, np.ones(2), np.full(2, np.nan))


# Smoothness, and where the loss is finite


@both
def test_a_perfect_fit_is_no_kink(seen):
    point = 1 + 1e-9 * np.array([1.0, -2.0, 3.0])
    right = 2 * (point - 1)
    loss = seen(lambda a: ((a - 1) ** 2).sum())
    report = check_gradients(loss, point, right)
    assert report.right
    assert "kinks" not in told(report)
    for k in range(3):
        wrong = right.copy()
        wrong[k] *= -1
        report = check_gradients(loss, point, wrong)
        assert report.verdicts == {"array": "wrong"}
        assert report.worst == ("array", (k,))


EDGES = {
    "1/a": (lambda a: (1 / a).sum(), lambda a: -1 / a**2, [1e-8]),
    "1/a beside 1": (lambda a: (1 / a).sum(), lambda a: -1 / a**2, [1e-8, 1.0, 3.0]),
    "log": (lambda a: np.log(a).sum(), lambda a: 1 / a, [1e-6]),
    "log beside 1": (lambda a: np.log(a).sum(), lambda a: 1 / a, [1e-6, 1.0, 2.0]),
    "log at 1e-3": (lambda a: np.log(a).sum(), lambda a: 1 / a, [1e-3, 2e-3]),
    "arcsin": (lambda a: np.arcsin(a).sum(), lambda a: (1 - a**2) ** -0.5, [1 - 1e-7]),
    "sqrt": (lambda a: np.sqrt(a).sum(), lambda a: 0.5 / np.sqrt(a), [1e-12, 1.0]),
}


@both
@pytest.mark.parametrize("name", EDGES)
def test_steps_follow_the_array_and_shrink_until_the_loss_is_finite(seen, name):
    loss, slope, point = EDGES[name]
    point = np.array(point)
    right = slope(point)
    report = check_gradients(seen(loss), point, right)
    assert report.right, report
    assert "kinks" not in told(report)
    wrong = right.copy()
    wrong[0] *= 1.02
    report = check_gradients(seen(loss), point, wrong)
    assert report.verdicts == {"array": "wrong"}
    assert report.found / report.expected == pytest.approx(1.02, rel=1e-3)


def test_a_loss_that_raises_where_it_is_not_defined_is_taken_closer_by():
    def loss(a):
        return sum(math.log(v) - 3 * math.sqrt(1 - v) for v in a)

    point = np.array([1e-6, 1 - 1e-9])
    right = 1 / point + 1.5 / np.sqrt(1 - point)
    assert check_gradients(loss, point, right).right
    assert not check_gradients(loss, point, right * [1, 1.01]).right


@both
@pytest.mark.parametrize("found", [0.0, 0.4, 1.0])
def test_at_a_kink_of_a_bent_loss_a_slope_between_is_taken(seen, found):
    """To the left of 0 the slope is 0, to the right 1; in both parts the loss bends."""

    def loss(a):
        return (np.maximum(a, 0) * (1 + a) + 3 * a**2).sum()

    point = np.array([0.0, 0.5, -0.5])
    rest = [2 + 3.0, -3.0]
    assert check_gradients(seen(loss), point, np.array([found, *rest])).right
    for off in (-0.05, 1.05):
        assert not check_gradients(seen(loss), point, np.array([off, *rest])).right


# What is not known never reads as right


def test_in_float32_a_missing_hundredth_is_not_right():
    point = np.linspace(-0.4, 0.6, 5, dtype=np.float32)
    loss = single(lambda a: (np.tanh(a) ** 2).sum() + np.float32(0.01) * a.sum())
    slope = 2 * np.tanh(point) * (1 - np.tanh(point) ** 2)
    report = check_gradients(loss, point, slope)
    assert not report.right
    assert not str(report).startswith("Right")
    assert check_gradients(loss, point, slope + np.float32(0.01)).right


def test_a_bound_above_a_hundredth_reads_as_not_known():
    point = np.array([0.5, -1.0, 2.0])

    def loss(a):
        return np.float16((np.asarray(a, np.float16) ** 2).sum())

    report = check_gradients(real(loss), point.astype(np.float16), 2 * point)
    assert not report.right
    assert report.report.verdict.startswith("Not known below ")


def test_the_order_of_the_remainder_stands_beside_a_wrong_gradient():
    report = check_gradients(real(lambda a: np.exp(a).sum()), np.ones(2), np.full(2, 2.9))
    assert report.orders["array"] == pytest.approx(1, abs=0.1)
    assert "It is 2 for a right gradient and 1 for a wrong one" in told(report)
    assert check_gradients(real(lambda a: np.exp(a).sum()), np.ones(2), np.full(2, np.e)).right


def test_the_order_is_two_for_a_right_gradient():
    from lstm_src.checks.gradients.taylor import remainder_order

    def order(slope):
        return remainder_order(lambda t: math.exp(1 + t), math.e, slope, 1e-15, 1.0)

    assert order(math.e) == pytest.approx(2, abs=0.05)
    assert order(math.e * 1.01) == pytest.approx(1, abs=0.1)
    assert remainder_order(lambda t: 3 * t, 0.0, 3.0, 1e-15, 1.0) is None


# What is called


def test_a_gradient_that_piles_up_is_named():
    total = each(np.zeros_like, P)

    def gradient(p):
        for one, more in zip(total, lstm_gradient(), strict=True):
            one += more
        return total

    report = check_gradients(lstm_loss, P, gradient, steps=6)
    assert not report.right
    assert report.report.verdict.startswith("Not repeatable: the gradient")
    assert "Set it to zero" in told(report)
    assert report.report.rows[0][-1] == "not checked"


def test_a_random_gradient_is_named():
    rng = RNG(0)
    report = check_gradients(
        lstm_loss, P, lambda p: each(lambda a: a * (1 + 1e-3 * rng.random()), lstm_gradient())
    )
    assert report.report.verdict.startswith("Not repeatable: the gradient")
    assert "dropout" in told(report)


def test_a_backward_pass_that_writes_into_what_it_reads_is_named():
    cotangents = W.copy()

    def gradient(p):
        found = backward(P, forward(P, X).tape, cotangents).params
        cotangents[:-1] += 0.1 * cotangents[1:]  # in place, as some loops do
        return found

    report = check_gradients(lstm_loss, P, gradient, steps=6)
    assert not report.right
    assert "writes into what the next call reads" in told(report)


def test_what_is_written_into_the_parameters_is_named():
    def loss(tree):
        value = (tree["a"] ** 2).sum()
        tree["a"][0] = 7
        return value

    def gradient(tree):
        found = 2 * tree["a"]
        tree["a"] -= 0.1
        return {"a": found}

    report = check_gradients(loss, {"a": np.ones(2)}, gradient, steps=3)
    assert "The loss writes into the arrays that it is given: a." in told(report)
    assert "The function for the gradient writes into the arrays that it is given: a." in told(
        report
    )
    clean = check_gradients(
        lambda t: (t["a"] ** 2).sum(), {"a": np.ones(2)}, {"a": np.full(2, 2.0)}
    )
    assert "writes into" not in told(clean)


def test_rounding_from_call_to_call_is_no_other_gradient():
    calls = []

    def gradient(p):
        calls.append(0)
        return each(lambda a: a * (1 + len(calls) * 4e-16), lstm_gradient())

    assert check_gradients(lstm_loss, P, gradient, steps=6).right


# Tied weights


TIED = RNG(3).standard_normal((3, 3))
INPUT = RNG(4).standard_normal(3)


def tied_loss(p):
    return (p["out"] @ np.tanh(p["in"] @ INPUT)).sum()


def shares():
    h = np.tanh(TIED @ INPUT)
    return np.outer(TIED.sum(0) * (1 - h * h), INPUT), np.outer(np.ones(3), h)


def test_tied_weights_may_hold_the_gradient_of_both():
    below, above = shares()
    point = {"in": TIED, "out": TIED}
    for tied in ({"in": below + above, "out": below + above}, {"in": below, "out": above}):
        report = check_gradients(tied_loss, point, tied, steps=3)
        assert report.right
        assert "in and out are one array under 2 names (tied weights)." in told(report)
    wrong = check_gradients(tied_loss, point, {"in": above, "out": above}, steps=3)
    assert not wrong.right
    assert "tied weights" in told(wrong)
    apart = check_gradients(
        tied_loss, {"in": TIED, "out": TIED.copy()}, {"in": below, "out": above}
    )
    assert "tied" not in told(apart)


def test_weights_may_be_tied_the_other_way_round():
    table = RNG(5).standard_normal((3, 5))

    def loss(p):
        return (p["out"].T @ np.tanh(p["in"].T @ INPUT)).sum()

    h = np.tanh(table.T @ INPUT)
    below = np.outer(INPUT, table.sum(0) * (1 - h * h))
    both = below + np.outer(np.ones(3), h)
    report = check_gradients(loss, {"in": table, "out": table.T}, {"in": both, "out": both.T})
    assert report.right
    assert not check_gradients(
        loss, {"in": table, "out": table.T}, {"in": both, "out": below.T}
    ).right


# Updates


@pytest.mark.parametrize("rate", [1e-9, 3e-4, 1e-3, 1.0])
@pytest.mark.parametrize("factor", [1, 1.5])
def test_a_gradient_got_back_from_an_update_is_held_to_what_it_can_tell(rate, factor):
    found = each(lambda a, g: (a - (a - rate * factor * g)) / rate, P, lstm_gradient())
    report = check_gradients(lstm_loss, P, found, steps=6)
    assert report.right is (factor == 1)
    if rate == 1e-9:
        assert "got back from an update" in told(report)


def test_an_update_in_float32_that_tells_nothing_is_not_known():
    start = each(lambda a: a.astype(np.float32), P)
    rate = np.float32(1e-7)
    found = each(
        lambda a, g: (a - (a - rate * g.astype(np.float32))) / rate, start, lstm_gradient()
    )
    report = check_gradients(lstm_loss, start, found, steps=6)
    assert not report.right
    assert "wrong" not in report.verdicts.values()
    assert "got back from an update" in told(report)


def test_no_gradient_is_taken_for_an_update():
    for seed in range(20):
        point = RNG(seed).standard_normal(30).astype((np.float32, np.float64)[seed % 2])
        report = check_gradients(lambda a: (a**3).sum(), point, 3 * point**2)
        assert report.right
        assert "update" not in told(report)


# Values that are held fixed


def ratio_loss(p, hold):
    h = forward(p, X.astype(p.b.dtype)).h
    return (np.exp(h - hold(h)) * W).sum()


def test_a_ratio_to_a_held_value_is_right_once_it_is_held():
    plain = check_gradients(lambda p: ratio_loss(p, np.copy), P, lstm_gradient(), steps=6)
    assert not plain.right
    assert "held_fixed" in told(plain)
    assert "Not known at T = 6: the loss does not change when" in told(plain)
    assert check_gradients(held_fixed(ratio_loss, P), P, lstm_gradient(), steps=6).right
    wrong = each(lambda g: 1.1 * g, lstm_gradient())
    assert not check_gradients(held_fixed(ratio_loss, P), P, wrong, steps=6).right


def windowed_loss(p, hold):
    x = X.astype(p.b.dtype)
    first = forward(p, x[:3])
    second = forward(p, x[3:], hold(first.state))
    return (first.h * W[:3]).sum() + (second.h * W[3:]).sum()


def test_truncated_windows_are_right_once_the_state_is_held():
    first = forward(P, X[:3])
    second = forward(P, X[3:], first.state)
    found = each(
        np.add,
        backward(P, first.tape, W[:3]).params,
        backward(P, second.tape, W[3:]).params,
    )
    plain = check_gradients(lstm_loss, P, found, steps=6)
    assert not plain.right
    assert "held_fixed" in told(plain)
    assert check_gradients(held_fixed(windowed_loss, P), P, found, steps=6).right


def test_what_is_held_must_be_the_same_at_each_call():
    with pytest.raises(TypeError, match="expected a callable"):
        held_fixed(3, P)
    with pytest.raises(TypeError, match="expected it to hold a value"):
        held_fixed(lambda p, hold: p.sum(), np.ones(2))
    calls = []

    def more(p, hold):
        calls.append(0)
        return sum(hold(p).sum() for _ in calls)

    with pytest.raises(ValueError, match="hold: expected 1 values, as at first, got one more"):
        held_fixed(more, np.ones(2))(np.ones(2))
    short = held_fixed(
        lambda p, hold: p.sum() if calls.append(0) or len(calls) > 3 else hold(p), 1.0
    )
    with pytest.raises(ValueError, match="hold: expected 1 values, as at first, got 0"):
        short(np.ones(()))
    grows = held_fixed(lambda p, hold: hold(np.ones(len(calls))).sum(), np.ones(2))
    calls.append(0)
    with pytest.raises(ValueError, match="hold: expected shapes"):
        grows(np.ones(2))


# Many arrays, and a cap


def many(count=400):
    rng = RNG(0)
    return {f"p{k}": rng.standard_normal(10) * 10.0 ** rng.uniform(-1, 0) for k in range(count)}


def sum_of_cubes(tree):
    return (np.concatenate([*tree.values()]) ** 3).sum()


@both
def test_many_arrays_are_checked_together_and_mistakes_found(seen):
    point = many()
    right = {path: 3 * array**2 for path, array in point.items()}
    loss = seen(sum_of_cubes)
    report = check_gradients(loss, point, right, most_evaluations=500)
    assert report.right, report
    assert report.evaluations <= 1500
    assert len(report.report.rows) < 30
    wrong = dict(right, p77=-right["p77"], p200=right["p200"] * 1.1)
    report = check_gradients(loss, point, wrong, most_evaluations=500)
    found = {path for path, verdict in report.verdicts.items() if verdict == "wrong"}
    assert found == {"p77", "p200"}
    assert report.evaluations <= 1500
    all_off = {path: 30 * g for path, g in right.items()}
    report = check_gradients(loss, point, all_off, most_evaluations=500, counts={"T": 30})
    assert report.evaluations <= 1500
    assert "one constant factor: found = 30 × expected." in told(report)
    assert "30 = T." in told(report)


def test_what_the_cap_leaves_out_is_not_called_right():
    point = many()
    right = {path: 3 * array**2 for path, array in point.items()}
    wrong = {path: g * (1 + 0.1 * (k % 3 - 1)) for k, (path, g) in enumerate(right.items())}
    report = check_gradients(sum_of_cubes, point, wrong, most_evaluations=100)
    assert not report.right
    assert report.evaluations <= 1100
    assert "right" not in {report.verdicts[f"p{k}"] for k in (0, 2, 3, 5)}


def test_a_loss_that_reads_others_than_it_is_given_is_named():
    own = RNG(5).standard_normal((3, 3))
    deaf = check_gradients(lambda p: (own**2).sum(), own, 2 * own)
    assert not deaf.right
    assert "Not known: the loss does not change when" in told(deaf)
    assert "It may read others than those it is given" in told(deaf)
    both = {"W": own, "b": np.ones(2)}
    found = {"W": 2 * own, "b": 2 * np.ones(2)}
    some = check_gradients(lambda p: (own**2).sum() + (p["b"] ** 2).sum(), both, found)
    assert some.verdicts == {"W": "wrong", "b": "right"}
    assert "wherever W is moved: it reads another array than it is given" in told(some)


@pytest.mark.parametrize("kind", ["bfloat16", "float16", "whole"])
def test_numbers_of_few_digits_are_no_update(kind):
    p = RNG(1).standard_normal((5, 4)).astype(np.float32)
    g = (RNG(2).standard_normal((5, 4)) * 1e-3).astype(np.float32)
    if kind == "bfloat16":
        g = (g.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
    elif kind == "float16":
        g = (g * 1024).astype(np.float16).astype(np.float32) / 1024
    else:
        g = np.round(g * 3000)
    weights = g.astype(np.float64)
    report = check_gradients(lambda p: (p * weights).sum(), p, g)
    assert report.right
    assert "got back from an update" not in told(report)
