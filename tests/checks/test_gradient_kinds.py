"""Right gradients that look wrong, and the reverse: kinds of losses met in other people's code."""

import numpy as np
import pytest

from lstm_src.checks import check_gradients, held_fixed
from lstm_src.checks.gradients.slopes import CENTRAL, COMPLEX

RNG = np.random.default_rng


def told(report):
    return " ".join(str(report).split())


def narrow(a, dtype):
    """Round to float16 or float32, or to 8 binary digits."""
    if dtype != "bfloat16":
        return a.astype(dtype).astype(np.float64)
    bits = a.astype(np.float32).view(np.uint32)
    return ((bits + 0x8000) & np.uint32(0xFFFF0000)).view(np.float32).astype(np.float64)


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_an_array_without_axes_is_compared(factor):
    report = check_gradients(
        lambda p: p["gain"] ** 3, {"gain": np.array(0.3)}, {"gain": 0.27 * factor}
    )
    assert report.verdicts == {"gain": "right" if factor == 1 else "wrong"}


@pytest.mark.parametrize("size", [1.0, 1e-4, 1e-8, 1e-10])
@pytest.mark.parametrize("real", [False, True])
@pytest.mark.parametrize("factor", [1.0, 1.5])
def test_zeros_of_any_natural_size(size, real, factor):
    x, c = RNG(0).standard_normal((5, 3)), RNG(1).standard_normal((5, 2))

    def loss(p):
        value = (c * np.tanh(x @ p["W"] / size + 0.1)).sum() + np.sin(p["v"]).sum()
        return float(value.real) if real else value

    at = {"W": np.zeros((3, 2)), "v": RNG(2).standard_normal(4)}
    slope = 1 - np.tanh(0.1) ** 2
    found = {"W": factor * x.T @ c * slope / size, "v": np.cos(at["v"])}
    report = check_gradients(loss, at, found)
    assert report.verdicts == {"W": "right" if factor == 1 else "wrong", "v": "right"}
    assert report.method == (CENTRAL if real else COMPLEX)


@pytest.mark.parametrize("function", [lambda b: b**3, lambda b: np.tanh(b) - b])
def test_a_flat_spot_is_a_zero_and_no_cast(function):
    at = {"b": np.zeros(3), "w": np.ones(2)}
    report = check_gradients(
        lambda p: function(p["b"]).sum() + (p["w"] ** 2).sum(),
        at,
        {"b": np.zeros(3), "w": 2 * np.ones(2)},
    )
    assert report.right
    assert report.verdicts == {"b": "zero", "w": "right"}
    assert "rounds as" not in told(report)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("weight", [1.0, 0.1])
def test_a_part_that_rounds_more_than_the_rest_does_not_turn_verdicts_round(dtype, weight):
    """As a model in a narrow type beside a weight decay in float64."""
    for seed in range(6):
        p = RNG(seed).standard_normal(6)

        def loss(q):
            q = np.real(q)
            return float((np.sin(q) + weight * narrow(q, dtype) ** 2).sum())

        right = check_gradients(loss, p, np.cos(p) + 2 * weight * narrow(p, dtype))
        forgotten = check_gradients(loss, p, np.cos(p))
        assert "wrong" not in right.verdicts.values()
        assert not forgotten.right


@pytest.mark.parametrize(("T", "dtype"), [(10, np.float32), (30, np.float32), (60, np.float64)])
def test_a_gradient_that_has_vanished_is_not_known_without_complex_numbers(T, dtype):
    W, h0 = (
        RNG(0).standard_normal((3, 3)).astype(dtype) / 8,
        RNG(1).standard_normal(3).astype(dtype),
    )

    def states(p):
        h = [np.asarray(p, dtype)]
        for _ in range(T):
            h.append(np.tanh(h[-1] @ W + dtype(0.1)))
        return h

    h = states(h0)
    dh = np.ones(3, dtype)
    for state in reversed(h[1:]):
        dh = (dh * (1 - state**2)) @ W.T
    assert 0 < np.abs(dh).max() < 1e-6
    report = check_gradients(lambda p: float(states(p)[-1].sum()), h0, dh)
    assert report.verdicts == {"array": "not known"}


@pytest.mark.parametrize("sharpness", [50, 100])
def test_a_confident_softmax_in_float32_is_not_known(sharpness):
    z = (sharpness * np.array([1.0, 0.3, -0.2])).astype(np.float32)

    def loss(p):
        e = np.exp(np.float32(1) * p.astype(np.float32) - p.astype(np.float32).max())
        return np.float32(-np.log(e[0] / e.sum()))

    e = np.exp(z.astype(float) - z.max())
    found = (e / e.sum() - np.array([1, 0, 0])).astype(np.float32)
    report = check_gradients(loss, z, found)
    assert report.verdicts == {"array": "not known"}


@pytest.mark.parametrize("units", [16, 64])
def test_many_kinks_in_float32_are_not_called_wrong(units):
    """Of right gradients none is called right or wrong, and a few only with many kinks nearby."""
    wrong = 0
    for seed in range(6):
        rng = RNG(seed)
        x, y = (rng.standard_normal((30, k)).astype(np.float32) for k in (5, 1))
        at = {"W": rng.standard_normal((5, units)), "v": rng.standard_normal((units, 1)) / 8}
        at = {k: a.astype(np.float32) for k, a in at.items()}

        def loss(p, x=x, y=y):
            p = {k: a.astype(np.float32) for k, a in p.items()}
            return np.float32(((np.maximum(x @ p["W"], 0) @ p["v"] - y) ** 2).mean())

        z = x @ at["W"]
        d = 2 * (np.maximum(z, 0) @ at["v"] - y) / len(x)
        found = {"W": x.T @ (d @ at["v"].T * (z > 0)), "v": np.maximum(z, 0).T @ d}
        wrong += "wrong" in check_gradients(loss, at, found).verdicts.values()
    assert wrong <= 1


def test_a_staircase_is_named():
    p = RNG(0).standard_normal(5)
    found = check_gradients(lambda q: (np.round(q * 4) ** 2).sum(), p, 2 * np.round(p * 4))
    assert not found.right
    assert "is a staircase" in told(found)


def test_a_zero_where_kinks_meet_is_a_convention():
    x = RNG(0).standard_normal((6, 2))
    report = check_gradients(
        lambda g: np.maximum(x @ g, 0).sum() + 0.3 * np.maximum(-(x @ g), 0).sum(),
        np.zeros(2),
        np.zeros(2),
    )
    assert set(report.verdicts.values()) <= {"not known", "zero"}
    assert "A zero there may be a convention" in told(report)


@pytest.mark.parametrize("scale", [1.0, 1e-7])
def test_an_array_that_drops_its_imaginary_part_is_differenced(scale):
    """Beside 39 arrays in its group its part is small."""
    arrays = {f"w{k}": RNG(k).standard_normal(3) for k in range(40)}

    def loss(p):
        return (
            sum((a**2).sum() for n, a in p.items() if n != "w7")
            + scale * (np.abs(p["w7"]) ** 2).sum()
        )

    right = {n: 2 * a for n, a in arrays.items()} | {"w7": 2 * scale * arrays["w7"]}
    assert check_gradients(loss, arrays, right).verdicts["w7"] == "right"
    report = check_gradients(loss, arrays, right | {"w7": np.zeros(3)})
    assert report.verdicts["w7"] in {"wrong", "not known"}


def test_one_factor_on_tied_weights_is_said():
    W = RNG(0).standard_normal((4, 4))
    params = {"emb": W, "out": W}
    x = RNG(1).standard_normal(4)

    def loss(p):
        return (np.tanh(x @ p["emb"]) @ p["out"].sum(axis=1)) / 12

    h = np.tanh(x @ W)
    both = np.outer(x, (1 - h**2) * W.sum(axis=1)) + np.outer(h, np.ones(4))
    right = check_gradients(loss, params, {"emb": both / 12, "out": both / 12})
    assert right.right
    report = check_gradients(loss, params, {"emb": both, "out": both}, counts={"N": 12})
    assert not report.right
    assert "12 = N." in told(report)


def test_the_last_digits_of_a_loss_may_differ_from_call_to_call():
    p, calls = RNG(0).standard_normal(5), []

    def loss(q):
        calls.append(0)
        return (q**2).sum() * (1 + (len(calls) % 2) * 2.0**-50)

    report = check_gradients(loss, p, 2 * p)
    assert report.right
    assert "differs in its last digits" in told(report)
    assert not check_gradients(loss, p, 3 * p).right

    def random(q):
        calls.append(0)
        return (q**2).sum() * (1 + len(calls) * 1e-9)

    assert told(check_gradients(random, p, 2 * p)).startswith("Not repeatable")


def test_a_held_loss_is_given_arrays_of_numpy():
    class Tensor:
        dtype, shape = "float64", (2,)

        def __array__(self, *_args, **_kwargs):
            return np.array([0.3, -1.0])

    seen = []

    def loss(p, hold):
        seen.append(type(p["w"]))
        return np.exp(p["w"] - hold(p["w"])).sum()

    held_fixed(loss, {"w": Tensor()})
    assert seen == [np.ndarray]


@pytest.mark.parametrize(
    ("loss", "error", "text"),
    [
        (lambda p: ((p**2).sum(), p), TypeError, "loss: expected one number, got a tuple of 2"),
        (lambda p: np.ma.masked, ValueError, "loss: expected one number, got a masked one"),
    ],
)
def test_what_is_no_number_is_named(loss, error, text):
    with pytest.raises(error, match=text):
        check_gradients(loss, np.ones(2), np.ones(2))


@pytest.mark.parametrize("problem", [dict, max])
def test_a_problem_without_named_parameters_is_refused(problem):
    with pytest.raises(TypeError, match="problem: expected a function with named parameters"):
        check_gradients(lambda p: (p**2).sum(), np.ones(2), np.ones(2), problem=problem)


def test_containers_without_an_order_and_matrices_are_refused():
    with pytest.raises(TypeError, match="expected trees with an order, got a set"):
        check_gradients(lambda p: 0.0, {1.0, 2.0}, {1.0, 2.0})
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1.0]])
    with pytest.raises(TypeError, match="got a matrix, whose product is another"):
        check_gradients(lambda p: (p**2).sum(), matrix, np.ones((1, 1)))
    with pytest.raises(ValueError, match="counts: expected positive numbers by name, got 'N'"):
        check_gradients(lambda p: (p**2).sum(), np.ones(2), np.ones(2), counts={"N": 10**400})


def test_a_clip_by_value_is_no_equal_columns():
    p = RNG(0).standard_normal((2, 4))
    twice = np.concatenate([p, p])  # as of b_ih and b_hh
    found = {"b": 2 * twice + 0.3 * np.tile(RNG(1).standard_normal((2, 4)), (2, 1))}
    report = check_gradients(lambda q: (q["b"] ** 2).sum(), {"b": twice}, found)
    assert "clipped by value" not in told(report)
    clipped = check_gradients(
        lambda q: (q["b"] ** 2).sum(), {"b": twice}, {"b": np.clip(2 * twice, -1, 1)}
    )
    assert "clipped by value" in told(clipped)


def test_a_sample_claims_no_axis():
    W = RNG(0).standard_normal((300, 300))
    found = 2 * W
    found[7] *= 2
    report = check_gradients(lambda q: (q**2).sum(), W, found)
    assert report.verdicts == {"array": "wrong"}
    assert "along axis" not in told(report)


def rounded_net(seed):
    """Return a small net with roundings to bfloat16 inside, in a loss in float32."""
    rng, f = RNG(seed), np.float32
    x, y = (rng.standard_normal((4, k)).astype(f) for k in (4, 3))
    at = {"W": rng.standard_normal((4, 5)).astype(f), "v": rng.standard_normal((5, 3)).astype(f)}

    def cast(a):
        return narrow(np.asarray(a, f), "bfloat16").astype(f)

    def states(p):
        h = cast(np.tanh(cast(x @ np.asarray(p["W"], f))))
        return h, np.maximum(h @ np.asarray(p["v"], f), 0)

    def loss(p):
        return np.float32(((states({k: np.real(a) for k, a in p.items()})[1] - y) ** 2).mean())

    h, out = states(at)
    d = (2 * (out - y) / y.size * (out > 0)).astype(f)
    return loss, at, {"W": x.T @ (d @ at["v"].T * (1 - h * h)), "v": h.T @ d}


def test_a_cast_inside_a_loss_in_float32_makes_no_right_gradient_wrong():
    found = [check_gradients(*rounded_net(seed)) for seed in (69, 93, 109, *range(20))]
    assert not any("wrong" in report.verdicts.values() for report in found)
    assert any("the loss jumps, as if something inside is rounded" in told(r) for r in found)


def test_a_mistake_behind_a_cast_in_float32_is_not_called_right():
    wrong = 0
    for seed in range(10):
        loss, at, found = rounded_net(seed)
        verdicts = [
            check_gradients(loss, at, found | {"W": factor * found["W"]}).verdicts["W"]
            for factor in (np.float32(1.1), np.float32(3))
        ]
        assert "right" not in verdicts
        wrong += verdicts[1] == "wrong"
    assert wrong >= 6


def test_a_kink_that_another_hides_in_float32_leaves_what_is_between_its_sides_open():
    def loss(p):
        t = np.float32(p[0])
        return np.float32(1) + np.float32(0.13) * max(t, 0) - np.float32(0.11) * max(t, -1e-4)

    at = np.zeros(1, np.float32)
    assert check_gradients(loss, at, np.float32([0.02])).verdicts["array"] != "wrong"
    assert check_gradients(loss, at, np.float32([-0.11])).verdicts["array"] != "wrong"
    assert check_gradients(loss, at, np.float32([0.3])).verdicts["array"] == "wrong"
