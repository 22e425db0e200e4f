"""The gradient check finds every mistake of the catalogue, and accepts what is right."""

import subprocess
import sys
import warnings
from typing import NamedTuple

import numpy as np
import pytest
from catalogue import CARRIED, RIGHT, SCALING
from examples import example

import lstm_src
from lstm_src import (
    Gradients,
    Params,
    assert_gradients,
    backward,
    check_gradients,
    forward,
)
from lstm_src.checks import TOLERANCES, complex_step_gradient
from lstm_src.checks.precision import PRECISIONS
from lstm_src.placements.mistakes import MISTAKES

WEIGHTS = Params._fields
RNG = np.random.default_rng
COMPLEX, CENTRAL = "complex step", "central differences"


class Layer(NamedTuple):
    """A layer with its loss Σ dh · h, times a factor, of the weights alone."""

    case: object
    factor: float = 1

    def loss(self, params):
        x = self.case.x.astype(params.b.dtype)
        return (forward(params, x).h * self.case.dh).sum() * self.factor

    def gradients(self):
        run = forward(self.case.params, self.case.x)
        return backward(self.case.params, run.tape, self.case.dh).params

    def real_loss(self, params):
        """Refuse complex numbers, as a framework may."""
        if any(np.iscomplexobj(array) for array in params):
            raise RuntimeError("expected a real tensor")
        return float(self.loss(params))

    def strict_loss(self, params):
        """Take the dtype of the inputs alone."""
        return (forward(params, self.case.x).h * self.case.dh).sum()

    def check(self, gradients=None, loss=None, **options):
        gradients = self.gradients() if gradients is None else gradients
        return check_gradients(loss or self.loss, self.case.params, gradients, **options)


def layer(T=4, B=2, D=3, H=4, **options):
    return Layer(example(T, B, D, H, **options))


def cubes(tree):
    return sum((array**3).sum() for array in tree.values())


POINT = {"W": np.array([[0.5, -2.0], [1.5, 3.0]]), "b": np.array([0.25, -1.0])}
SLOPES = {path: 3 * array**2 for path, array in POINT.items()}


def told(report):
    """Return the report's text without its line breaks."""
    return " ".join(str(report).split())


def changed(path, index, factor=2.0):
    wrong = {name: array.copy() for name, array in SLOPES.items()}
    wrong[path][index] *= factor
    return wrong


# What is right


@pytest.mark.parametrize("seed", range(240))
def test_no_false_alarm(seed):
    T, B, D, H = RNG(seed).integers(1, [9, 5, 4, 6])
    dtype = (np.float32, np.float64)[seed % 2]
    right = layer(T, B, D, H, dtype=dtype, seed=seed)
    factor = dtype(10.0 ** RNG(seed).integers(-4, 4))
    right = Layer(right.case._replace(dh=right.case.dh * factor))
    loss = (right.loss, right.real_loss, right.strict_loss)[seed % 3]
    report = right.check(loss=loss, steps=int(T), rng=RNG(seed))
    assert report.right, report
    assert report.method == (COMPLEX if seed % 3 == 0 else CENTRAL)
    # measured well below what is allowed: the table keeps its distance
    sharp = COMPLEX if dtype == np.float32 and seed % 3 < 2 else report.method
    distance = 10 if sharp == COMPLEX or dtype == np.float64 else 2
    assert max(report.errors.values()) <= TOLERANCES[sharp][np.dtype(dtype).name] / distance


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("wide", [False, True])
def test_long_sums_stay_within_what_is_allowed(dtype, wide):
    right = layer(300, *((40, 2, 3) if wide else (2, 2, 3)), dtype=dtype)
    report = right.check(steps=300, most_evaluations=60)
    assert report.right
    assert report.method == COMPLEX


def test_a_float16_gradient_beside_float64_params_is_held_to_float16():
    right = layer()
    half = Params(*(g.astype(np.float16) for g in right.gradients()))
    report = right.check(half)
    assert report.right
    assert 1e-5 < max(report.errors.values()) < 1e-2
    assert not right.check(half._replace(b=half.b * np.float16(1.25))).right


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_params_of_every_dtype(dtype):
    point = {path: array.astype(dtype) for path, array in POINT.items()}
    slopes = {path: array.astype(dtype) for path, array in SLOPES.items()}
    assert check_gradients(cubes, point, slopes).right
    slopes["b"] = slopes["b"] * dtype(1.5)
    assert not check_gradients(cubes, point, slopes).right


@pytest.mark.parametrize("entry", RIGHT, ids=lambda entry: entry.name)
def test_every_right_place_is_right(entry):
    report = check_entry(entry, 4)
    assert report.right, report


# What is wrong


def check_entry(entry, T, *, weights_only=False, loss_factor=1 / 8):
    """Check an entry of the catalogue against the loss with its factor."""
    case = example(T, 2, 3, 4)
    dh, dstate = case.cotangents if entry.final_term else (case.dh, None)

    def loss(inputs):
        run = forward(*inputs)
        found = (dh * run.h).sum()
        if dstate is not None:
            found += (dstate.h * run.state.h).sum() + (dstate.c * run.state.c).sum()
        return found * loss_factor

    gradients = entry(case.params, case.forward().tape, dh, dstate, scale=1 / 8)
    if weights_only:
        return check_gradients(
            lambda params: loss((params, case.x, case.state)), case.params, gradients.params
        )
    return check_gradients(loss, Gradients(*case.inputs), gradients, steps=T)


@pytest.mark.parametrize("entry", [*SCALING, *CARRIED], ids=lambda entry: entry.name)
def test_every_mistake_is_caught_at_four_steps(entry):
    report = check_entry(entry, 4)
    assert not report.right
    assert report.report.verdict.startswith("Wrong at T = 4: ")
    assert report.errors[report.worst[0]] > 1e-2
    if entry.name not in {"input_unscaled"}:
        assert not check_entry(entry, 4, weights_only=True).right


@pytest.mark.parametrize("entry", CARRIED, ids=lambda entry: entry.name)
def test_one_step_hides_what_is_carried(entry):
    assert check_entry(entry, 1, weights_only=True).right


def test_the_verdict_says_what_one_step_hides():
    right = layer(1)
    report = right.check(steps=1)
    assert report.right
    assert report.report.verdict == (
        "Right at T = 1, which hides mistakes in what is carried: run again with T ≥ 3."
    )
    with pytest.raises(AssertionError, match="hides mistakes in what is carried"):
        assert_gradients(right.loss, right.case.params, right.gradients(), steps=1)
    assert "not known here" in told(right.check())
    assert layer(2).check(steps=2).report.verdict == (
        "Right at T = 2, which can hide mistakes in what is carried: run again with T ≥ 3."
    )
    assert layer(3).check(steps=3).report.verdict == "Right at T = 3."
    assert layer(3, dtype=np.float32).check(steps=3).report.verdict == "Right at T = 3."


@pytest.mark.parametrize(
    ("name", "text"), [("never", "found = 8 × expected"), ("twice", "found = expected / 8")]
)
def test_a_constant_factor_is_named(name, text):
    report = check_entry(MISTAKES[name], 4)
    assert f"off by one constant factor: {text}." in told(report)
    assert "audit_scaling" in told(report)
    assert report.found / report.expected == pytest.approx(8 if name == "never" else 1 / 8)


def test_one_array_off_by_a_factor_is_named_beside_those_that_are_right():
    text = told(check_entry(MISTAKES["bias_unscaled"], 4))
    assert "params.b is off by a constant factor throughout: found = 8 × expected." in text
    assert "params.W_x, params.W_h" in text


def test_one_gate_off_is_named_by_its_columns():
    text = told(check_entry(MISTAKES["one_gate_unscaled"], 4))
    assert (
        "In params.W_h, 16 of 64 entries are off, all those from 4 to 7 along axis 1: "
        "found = 8 × expected."
    ) in text
    text = told(check_gradients(cubes, POINT, changed("W", (1, 0))))
    assert "In W, 1 of 4 entries are off: found = 2 × expected." in text


def test_no_constant_factor_is_claimed_where_there_is_none():
    text = told(check_entry(MISTAKES["never_carried"], 4))
    assert "constant factor" not in text
    assert "Right with one time step: what is carried" in text


def test_the_worst_entry_is_named():
    report = check_gradients(cubes, POINT, changed("W", (1, 0)))
    assert report.worst == ("W", (1, 0))
    assert (report.found, report.expected) == pytest.approx((13.5, 6.75))
    assert report.verdicts == {"W": "wrong", "b": "right"}
    assert "Worst entry: W[1, 0], found 13.5, expected 6.75; found / expected = 2." in told(report)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({p: -g for p, g in SLOPES.items()}, "The sign is turned"),
        ({p: 0 * g for p, g in SLOPES.items()}, "Nothing is written"),
        ({**SLOPES, "W": SLOPES["W"].T}, "W is transposed"),
        (
            changed("b", 0),
            "W is right. Look first at what belongs to b alone: its lines and factors",
        ),
    ],
)
def test_advice_for_what_can_be_recognised(wrong, text):
    report = check_gradients(cubes, POINT, wrong)
    assert not report.right
    assert text in told(report)


@pytest.mark.parametrize(
    ("method", "dtype", "error"),
    [
        (m, d, t)
        for m, rows in TOLERANCES.items()
        for d, t in rows.items()
        if d in ("float32", "float64")
    ],
)
def test_an_error_a_little_above_what_is_allowed_is_caught(method, dtype, error):
    right = layer(dtype=dtype)
    loss = right.loss if method == COMPLEX else right.strict_loss
    for field in WEIGHTS:
        for factor, verdict in ((1 + 3 * error, False), (1 + error / 3, True)):
            found = right.gradients()
            found = found._replace(**{field: getattr(found, field) * factor})
            report = right.check(found, loss)
            assert report.method == method
            assert report.right == verdict


ALLOWED = {
    (COMPLEX, "longdouble"): 1e-12,
    (COMPLEX, "float64"): 1e-9,
    (COMPLEX, "float32"): 1e-4,
    (COMPLEX, "float16"): 5e-2,
    (COMPLEX, "bfloat16"): 2e-1,
    (CENTRAL, "longdouble"): 1e-7,
    (CENTRAL, "float64"): 1e-6,
    (CENTRAL, "float32"): 2e-3,
    (CENTRAL, "float16"): 5e-2,
    (CENTRAL, "bfloat16"): 2e-1,
}


@pytest.mark.parametrize(("method", "kind"), ALLOWED)
@pytest.mark.parametrize(("times", "within"), [(3, False), (1 / 3, True)])
def test_as_much_is_allowed_as_is_said(method, kind, times, within):
    """Under the complex step what the gradient is stored in counts, else what the loss is.

    What is off by more than a hundredth is not called right, even if its type may be to blame.
    """
    dtype = np.dtype("float64" if kind == "bfloat16" else kind).type
    point = np.array([0.5, -1.0, 2.0, 1.5], np.promote_types(dtype, float))
    point = point.astype(dtype) if method == CENTRAL else point
    found = (point * (1 + times * point.dtype.type(ALLOWED[method, kind]))).astype(dtype)

    def loss(a):
        value = (a * a).sum() / 2
        if method == CENTRAL and a.dtype != dtype:
            raise TypeError
        bfloat16 = method == CENTRAL and kind == "bfloat16"
        return Tensor(np.float32(value), "torch.bfloat16") if bfloat16 else value

    if method == COMPLEX and kind == "bfloat16":
        found = Tensor(found, "torch.bfloat16")
    report = check_gradients(loss, point, found)
    assert report.method == method
    narrow = kind in {"float16", "bfloat16"}
    wanted = "wrong" if not within else "not known" if narrow else "right"
    if method == CENTRAL and kind == "bfloat16":  # the steps are so long that they bend
        wanted = "not known"
    assert report.verdicts == {"array": wanted}
    assert report.right == (wanted == "right")


# Which method, and why


class Buffer:
    """A loss that writes into a buffer of real numbers."""

    def __call__(self, tree):
        buffer = np.empty(4)
        buffer[:] = (tree["W"] ** 3).ravel()
        return buffer.sum() + (tree["b"] ** 3).sum()


def raises(tree):
    if np.iscomplexobj(tree["W"]):
        raise TypeError("no complex numbers here")
    return cubes(tree)


NOT_ANALYTIC = {
    "abs": (lambda t: (np.abs(t["W"]) ** 3 * np.sign(t["W"].real)).sum() + (t["b"] ** 3).sum()),
    "conj": lambda t: (np.conj(t["W"]) ** 3).sum() + (t["b"] ** 3).sum(),
    "real": lambda t: (t["W"].real ** 3).sum() + (t["b"] ** 3).sum(),
    "all real": lambda t: float(cubes({p: a.real for p, a in t.items()})),
    "buffer": Buffer(),
    "raises": raises,
    "nan": lambda t: cubes(t) * (np.nan if np.iscomplexobj(t["W"]) else 1),
    "other": lambda t: cubes(t) + (5 if np.iscomplexobj(t["W"]) else 0),
    "other by little": lambda t: cubes(t) + (1e-5 if np.iscomplexobj(t["W"]) else 0),
}


@pytest.mark.parametrize("name", NOT_ANALYTIC)
def test_the_complex_step_is_not_trusted_where_it_is_wrong(name):
    loss = NOT_ANALYTIC[name]
    right = check_gradients(loss, POINT, SLOPES)
    assert right.right, right
    assert right.method == CENTRAL
    assert "Why not the complex step: " in told(right)
    wrong = check_gradients(loss, POINT, changed("W", (0, 1), 1.01))
    assert wrong.worst == ("W", (0, 1))
    assert not wrong.right


def test_what_is_lost_in_one_small_array_alone_is_noticed():
    """A penalty of a billionth, too small to be seen along all arrays at once."""

    def loss(tree):
        return cubes({"W": tree["W"]}) + 1e-9 * (np.abs(tree["b"]) ** 3).sum()

    slopes = {"W": SLOPES["W"], "b": 1e-9 * np.sign(POINT["b"]) * SLOPES["b"]}
    report = check_gradients(loss, {"W": POINT["W"], "b": POINT["b"]}, slopes)
    assert report.method == CENTRAL
    assert report.verdicts["W"] == "right"


def test_a_small_part_that_is_not_analytic_raises_no_alarm():
    def loss(tree):
        return cubes(tree) + 1e-7 * np.abs(tree["W"]).sum()

    slopes = {**SLOPES, "W": SLOPES["W"] + 1e-7 * np.sign(POINT["W"])}
    report = check_gradients(loss, POINT, slopes)
    assert report.right, report
    assert report.method == CENTRAL


def test_no_warning_gets_out():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_gradients(Buffer(), POINT, SLOPES)
    assert caught == []


def test_the_loss_computes_in_float64_where_it_can():
    right = layer(dtype=np.float32)
    report = right.check()
    assert report.method == COMPLEX
    assert "in float64, where it has the value that it has in float32" in told(report)
    strict = right.check(loss=right.strict_loss)
    assert strict.method == CENTRAL
    assert "The loss takes no float64: TypeError: x: expected dtype float64" in told(strict)
    assert max(report.errors.values()) < max(strict.errors.values())


def test_a_cast_to_float32_inside_is_noticed():
    right = layer(dtype=np.float32)

    def loss(params):
        return float(right.strict_loss(Params(*(a.astype(np.float32) for a in params))))

    for params in (right.case.params, Params(*(a.astype(float) for a in right.case.params))):
        report = check_gradients(loss, params, right.gradients())
        assert report.right, report
        assert "something inside rounds as float32 does" in told(report)
        wrong = right.gradients()._replace(b=right.gradients().b * 1.1)
        assert not check_gradients(loss, params, wrong).right


@pytest.mark.parametrize("size", [4, 400])
def test_a_cast_at_the_entrance_is_noticed(size):
    """The loss returns float64, and only its steps show the grid of float32."""

    def loss(a):
        return (a.real.astype(np.float32).astype(float) ** 2).sum() / 2

    point = RNG(0).standard_normal(size)
    report = check_gradients(loss, point, point)
    assert report.right, report
    assert "something inside rounds as float32 does" in told(report)
    assert not check_gradients(loss, point, point * 1.1).right


def bfloat16(array):
    """Round to eight significant bits, as the cast does."""
    bits = array.astype(np.float32).view(np.uint32)
    return ((bits + np.uint32(0x8000)) & np.uint32(0xFFFF0000)).view(np.float32)


def test_a_cast_to_bfloat16_inside_is_mostly_noticed():
    eps = PRECISIONS["bfloat16"]
    assert bfloat16(np.array([1 + eps, 1 + eps / 4])).tolist() == [1 + eps, 1]

    def loss(a):
        return (bfloat16(a.real).astype(float) ** 2).sum() / 2

    noticed = 0
    for seed in range(40):  # where it is not, a right gradient may be called wrong
        point = RNG(seed).standard_normal(4 + seed % 11)
        report = check_gradients(loss, point, point)
        said = "something inside rounds as bfloat16 does" in told(report)
        assert not report.right
        assert report.verdicts == {"array": "not known"} or not said
        noticed += said
        assert check_gradients(loss, point, 4 * point).verdicts == {"array": "wrong"}
    assert noticed >= 39


def test_a_loss_with_another_value_in_float64_is_left_in_float32():
    point = {path: array.astype(np.float32) for path, array in POINT.items()}
    slopes = {path: array.astype(np.float32) for path, array in SLOPES.items()}

    def loss(tree):
        return cubes(tree) + (tree["b"].dtype == np.float64)

    report = check_gradients(loss, point, slopes)
    assert report.right
    assert "In float64 the loss is" in told(report)


@pytest.mark.parametrize(("share", "said"), [(1e-2, "In float64 the loss is"), (1e-4, "evaluated")])
def test_what_a_value_in_float32_may_be_off_is_no_other_value(share, said):
    point = {path: array.astype(np.float32) for path, array in POINT.items()}

    def loss(tree):
        return cubes(tree) * (1 + share * (tree["b"].dtype == np.float64))

    assert said in told(check_gradients(loss, point, SLOPES))


# Kinks


def relu_network(rng, dtype=np.float64):
    x, y = rng.standard_normal((2, 16, 5))
    params = {"A": rng.standard_normal((5, 8)), "a": np.zeros(8), "B": rng.standard_normal((8, 5))}

    def loss(p):
        hidden = np.maximum(0, x @ p["A"] + p["a"])
        return ((hidden @ p["B"] - y) ** 2).sum() / 2

    def gradients(p):
        z = x @ p["A"] + p["a"]
        hidden = np.maximum(0, z)
        error = hidden @ p["B"] - y
        dz = (error @ p["B"].T) * (z > 0)
        return {"A": x.T @ dz, "a": dz.sum(0), "B": hidden.T @ error}

    return loss, params, gradients


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("real", [False, True])
def test_a_network_with_max_raises_no_alarm_and_hides_no_mistake(seed, real):
    loss, params, gradients = relu_network(RNG(seed))
    checked = (lambda p: float(loss(p))) if real else loss
    assert check_gradients(checked, params, gradients).right
    wrong = gradients(params)
    wrong["a"][3] += 0.01 * np.abs(wrong["a"]).max()
    report = check_gradients(checked, params, wrong)
    assert report.worst == ("a", (3,))
    assert not report.right


def test_in_float32_alone_kinks_raise_few_alarms_and_hide_no_mistake():
    alarms = 0
    for seed in range(40):
        loss, params, gradients = relu_network(RNG(seed))
        params = {path: array.astype(np.float32) for path, array in params.items()}
        right = {path: g.astype(np.float32) for path, g in gradients(params).items()}

        def coarse(tree, loss=loss):
            if any(a.dtype != np.float32 for a in tree.values()):
                raise TypeError
            return np.float32(loss(tree))

        alarms += not check_gradients(coarse, params, right).right
        report = check_gradients(coarse, params, {**right, "A": right["A"] * np.float32(1.1)})
        assert not report.right
        assert "they may call a right gradient wrong" in told(report)
    assert alarms <= 4


@pytest.mark.parametrize("slope", [-1.0, -0.3, 0.0, 1.0])
def test_at_a_kink_any_slope_between_is_taken_and_said(slope):
    point = np.array([0.0, 2.0, -1.0])
    report = check_gradients(lambda a: np.abs(a).sum(), point, np.array([slope, 1.0, -1.0]))
    assert report.right
    assert slope == 0 or "kinks at or beside 1 entries of array" in told(report)
    assert not check_gradients(lambda a: np.abs(a).sum(), point, np.array([1.2, 1.0, -1.0])).right
    assert not check_gradients(lambda a: np.abs(a).sum(), point, np.array([slope, 1.0, 1.0])).right


@pytest.mark.parametrize(("place", "slope"), [(0, 1.0001), (0, -1.0001), (1e-7, -0.3), (1e-7, 0.3)])
def test_at_a_kink_alone_a_slope_between_is_taken(place, slope):
    point = np.array([place, 2.0, -1.0])
    report = check_gradients(real_norm, point, np.array([slope, 1.0, -1.0]))
    assert report.verdicts == {"array": "wrong"}


@pytest.mark.parametrize("near", [2e-7, 1e-6, 1.5e-6])
def test_a_kink_that_a_direction_crosses_raises_no_alarm(near):
    point = np.where(np.arange(1000) % 2, 1.0, -1.0)
    point[0] = near
    for seed in range(4):
        right = np.sign(point)
        report = check_gradients(real_norm, point, right, most_evaluations=20, rng=RNG(seed))
        assert report.right, report


def real_norm(a):
    if np.iscomplexobj(a):
        raise TypeError
    return np.abs(a).sum()


@pytest.mark.parametrize("off", [1e-5, 3e-5])
def test_the_noise_of_a_shorter_step_hides_no_mistake(off):
    def loss(a):
        return 1000 + real_quadratic(a)

    point = np.array([0.5, -1.0, 2.0, 1.5])
    report = check_gradients(loss, point, point + off * (point == 2))
    assert report.verdicts == {"array": "wrong"}
    point, wrong = np.ones(1000), np.ones(1000)
    wrong[123] += 10 * off  # one entry, along directions
    report = check_gradients(loss, point, wrong, most_evaluations=20)
    assert report.worst == ("array", (123,))
    assert not report.right


# Zero, and not known


@pytest.mark.parametrize("real", [False, True])
def test_a_gradient_that_is_zero_but_for_rounding_is_right(real):
    def loss(tree):  # the softmax does not feel a shift of all its inputs
        z = tree["W"] @ tree["x"] + tree["shift"]
        if real and np.iscomplexobj(z):
            raise TypeError
        return np.log(np.exp(z).sum()) - z[0]

    rng = RNG(0)
    tree = {"W": rng.standard_normal((3, 2)), "x": rng.standard_normal(2), "shift": np.array([0.7])}
    z = tree["W"] @ tree["x"]
    p = np.exp(z) / np.exp(z).sum() - np.array([1, 0, 0])
    right = {"W": np.outer(p, tree["x"]), "x": tree["W"].T @ p, "shift": np.array([3e-17])}
    report = check_gradients(loss, tree, right)
    assert report.right, report
    wrong = check_gradients(loss, tree, {**right, "shift": np.array([1e-3])})
    assert wrong.verdicts["shift"] == "wrong"


@pytest.mark.parametrize(
    ("found", "slope", "verdict"),
    [
        (0.0, 0, "zero"),
        (3e-15, 3e-15, "right"),
        (3e-15, 0, "not known"),
        (0.0, 3e-15, "wrong"),
        (0.0, 5e-13, "wrong"),
        (1e-14, 0, "wrong"),
        (5e-13, 0, "wrong"),
    ],
)
def test_zero_hangs_on_no_other_array(found, slope, verdict):
    """A slope is a slope, however small beside another array's, where the loss tells it."""

    def loss(tree):
        return tree["a"].sum() + slope * tree["b"].sum()

    point = {"a": np.ones(2), "b": np.ones(2)}
    report = check_gradients(loss, point, {"a": np.ones(2), "b": np.full(2, found)})
    assert report.verdicts["b"] == verdict


@pytest.mark.parametrize(
    ("slope", "found", "verdict"),
    [(1e-5, 1e-5, "right"), (1e-5, 1.4e-5, "wrong"), (1.5e-7, 1.5e-7, "not known")],
)
def test_in_float16_one_last_number_may_be_lost(slope, found, verdict):
    gradient = np.full(3, found, np.float16)
    report = check_gradients(lambda a: slope * a.sum(), np.ones(3), gradient)
    assert report.verdicts == {"array": verdict}


def test_a_gradient_lost_in_the_noise_is_not_called_right():
    def loss(tree):
        if np.iscomplexobj(tree["a"]):
            raise TypeError
        return 1e6 + tree["a"].sum() + 1e-9 * tree["b"].sum()

    point = {"a": np.ones(2), "b": np.ones(2)}
    for b in (1e-9, 3e-9):
        report = check_gradients(loss, point, {"a": np.ones(2), "b": np.full(2, b)})
        assert report.verdicts["b"] == "not known"
        assert not report.right
        assert report.report.verdict.startswith("Not known: the noise of the loss hides b")


# Large models


SIZE = 1_000_000


def quadratic(a):
    return (a * a).sum() / 2


def real_quadratic(a):
    if np.iscomplexobj(a):
        raise TypeError
    return (a * a).sum() / 2


@pytest.mark.parametrize(
    ("loss", "dtype", "found_at", "lost_at"),
    [
        (quadratic, np.float64, 1e-5, 1e-7),
        (real_quadratic, np.float64, 1e-2, 1e-4),
        (quadratic, np.float32, 1.0, 1e-2),
    ],
)
def test_one_wrong_entry_of_a_million_is_found_down_to_a_stated_size(
    loss, dtype, found_at, lost_at
):
    rng = RNG(4)
    point = rng.choice([-1.0, 1.0], (1000, 1000)).astype(dtype)
    right = check_gradients(loss, point, point.copy(), most_evaluations=60)
    assert right.right
    assert right.evaluations < 1000
    assert "Not all entries were checked one by one" in told(right)
    for off, seen in ((found_at, True), (lost_at, False)):
        wrong = point.copy()
        wrong[123, 456] *= dtype(1 + off)
        report = check_gradients(loss, point, wrong, most_evaluations=60)
        assert report.right is not seen
        if seen:
            assert report.worst == ("array", (123, 456))
            assert report.found / report.expected == pytest.approx(1 + off)


def test_many_small_mistakes_show_along_directions():
    rng = RNG(5)
    point = rng.standard_normal(10_000)
    wrong = point * (1 + 1e-7 * rng.standard_normal(10_000))
    for seed in range(10):
        report = check_gradients(quadratic, point, wrong, most_evaluations=20, rng=RNG(seed))
        assert not report.right


def test_small_arrays_are_checked_whole_beside_large_ones():
    tree = {"W": np.ones((50, 50)), "b": np.ones(3)}
    report = check_gradients(cubes, tree, {p: 3 * a for p, a in tree.items()}, most_evaluations=100)
    assert report.right
    assert report.report.rows[0][3] == "46 of 2500, 4 directions"
    assert report.report.rows[1][3] == "3 of 3"


def test_many_arrays_share_the_probes():
    tree = {str(k): np.ones(2) for k in range(200)}
    report = check_gradients(cubes, tree, {p: 3 * a for p, a in tree.items()})
    assert report.right
    assert report.evaluations < 200 * 2 + 520


# Losses that are not what they should be


def test_a_loss_that_is_not_repeatable_never_passes():
    rng = RNG(0)
    report = check_gradients(lambda t: cubes(t) + 1e-12 * rng.random(), POINT, SLOPES)
    assert not report.right
    assert report.report.verdict.startswith("Not repeatable")
    assert "Switch off dropout" in told(report)
    with pytest.raises(AssertionError, match="Not repeatable"):
        assert_gradients(lambda t: cubes(t) + rng.random(), POINT, SLOPES)


def test_a_loss_that_changes_later_never_passes():
    calls = []

    def loss(tree):
        calls.append(0)
        return cubes(tree) + (len(calls) > 20)

    assert not check_gradients(loss, POINT, SLOPES).right


def test_an_error_inside_the_loss_says_what_was_moved():
    def loss(tree):
        if tree["W"][1, 0] != 1.5 and tree["W"][0, 0] == 0.5 and not np.iscomplexobj(tree["W"]):
            raise ZeroDivisionError("inside")
        if np.iscomplexobj(tree["W"]):
            raise TypeError
        return cubes(tree)

    with pytest.raises(ZeroDivisionError, match="inside") as caught:
        check_gradients(loss, POINT, SLOPES)
    assert "raised by the loss under test when W[1, 0] was moved by" in caught.value.__notes__[0]


def test_an_error_at_the_start_is_not_blamed_on_a_move():
    with pytest.raises(KeyError) as caught:
        check_gradients(lambda tree: tree["missing"], POINT, SLOPES)
    assert caught.value.__notes__ == [
        "raised by the loss under test at the parameters as they were given"
    ]


@pytest.mark.parametrize(
    ("loss", "error", "text"),
    [
        (lambda t: np.ones(2), ValueError, r"loss: expected one number, got .* shape \(2,\)"),
        (lambda t: None, TypeError, "loss: expected a number, but it returned None"),
        (lambda t: "1", TypeError, "loss: expected a number, got str"),
        (lambda t: np.nan, ValueError, "loss: expected a finite number, got nan"),
        (lambda t: np.inf, ValueError, "loss: expected a finite number, got inf"),
        (lambda t: 1j, TypeError, "loss: expected a real number, got a complex one"),
        (3.0, TypeError, "loss: expected a callable, got float"),
    ],
)
def test_a_loss_that_returns_no_number_is_refused(loss, error, text):
    with pytest.raises(error, match=text):
        check_gradients(loss, POINT, SLOPES)


@pytest.mark.parametrize("value", [float, np.asarray, lambda v: np.reshape(v, (1, 1))])
def test_a_number_may_come_in_an_array(value):
    assert check_gradients(lambda t: value(cubes(t)), POINT, SLOPES).right


# Arguments


@pytest.mark.parametrize(
    ("gradients", "error", "text"),
    [
        ({**SLOPES, "b": None}, TypeError, "gradients: b: expected an array, got None"),
        ({**SLOPES, "b": np.ones(3)}, ValueError, r"gradients: b: expected shape \(2,\), got \(3"),
        ({"W": SLOPES["W"]}, ValueError, "gradients: expected the names of params, W, b, got W"),
        ({**SLOPES, "c": np.ones(1)}, ValueError, "names of params, W, b, got W, b, c"),
        (SLOPES["W"], ValueError, "names of params, W, b, got array"),
        ({**SLOPES, "b": np.array([1.0, np.nan])}, ValueError, r"b: .*, got nan at index \[1\]"),
        ({**SLOPES, "b": np.array([1, 2])}, TypeError, "gradients: b: .* got int64"),
        ({}, ValueError, "gradients: expected at least one array"),
    ],
)
def test_a_bad_gradient_is_named(gradients, error, text):
    with pytest.raises(error, match=text):
        check_gradients(cubes, POINT, gradients)
    with pytest.raises(error, match=text):
        check_gradients(cubes, POINT, lambda tree: gradients)


@pytest.mark.parametrize(
    ("params", "error", "text"),
    [
        ({**POINT, "b": np.array([np.inf, 1])}, ValueError, r"params: b: .*, got inf at index \[0"),
        ({**POINT, "b": np.ones((0, 2))}, ValueError, r"params: b: expected no empty axis"),
        ({**POINT, "b": np.array([1, 2])}, TypeError, "params: b: .* got int64"),
        ({**POINT, "b": None}, TypeError, "params: b: .*, got None, where gradients has an array"),
        ((a for a in POINT.values()), TypeError, "params: .* cannot be rebuilt in generator"),
        ({}, ValueError, "params: expected at least one array"),
        ({"a.b": np.ones(1), "a": {"b": np.ones(1)}}, ValueError, "params: .* two for a.b"),
    ],
)
def test_bad_params_are_named(params, error, text):
    with pytest.raises(error, match=text):
        check_gradients(cubes, params, SLOPES)


@pytest.mark.parametrize("wrong", [1, 1.001])
@pytest.mark.parametrize("holes", [{"c": None}, {"c": None, "d": {"e": None}}])
def test_none_in_params_is_no_parameter_however_often(holes, wrong):
    params, slopes = POINT | holes, {name: wrong * array for name, array in SLOPES.items()}
    for gradients in (slopes | holes, slopes, lambda tree: slopes | holes):
        report = check_gradients(lambda tree: cubes({n: tree[n] for n in POINT}), params, gradients)
        assert report.right == (wrong == 1)
        assert set(report.verdicts) == set(POINT)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"steps": 0}, ValueError, "steps: expected at least 1, got 0"),
        ({"steps": 2.0}, TypeError, "steps: expected an integer, got float"),
        ({"rng": 3}, TypeError, "rng: expected numpy.random.Generator, got int"),
        ({"most_evaluations": 0}, ValueError, "most_evaluations: expected at least 1, got 0"),
    ],
)
def test_bad_options_are_named(options, error, text):
    with pytest.raises(error, match=text):
        check_gradients(cubes, POINT, SLOPES, **options)


def test_trees_keep_their_structure():
    class Pair(NamedTuple):
        first: object
        second: object

    tree = {"p": Pair([np.array(2.0), np.ones(2)], (np.ones((1, 1)),)), "a": np.array([3.0])}

    def loss(t):
        assert isinstance(t["p"], Pair)
        assert isinstance(t["p"].first, list)
        return t["p"].first[0] ** 2 + (t["p"].first[1] * t["a"]).sum() + t["p"].second[0].sum()

    gradient = {"a": np.array([2.0]), "p": ([np.array(4.0), np.full(2, 3.0)], [np.ones((1, 1))])}
    report = check_gradients(loss, tree, {**gradient, "p": Pair(*gradient["p"])})
    assert report.right
    assert set(report.errors) == {"a", "p.first[0]", "p.first[1]", "p.second[0]"}


class Tensor:
    """What matters here of a tensor of PyTorch."""

    def __init__(self, array, dtype=None):
        self.array, self.shape = np.asarray(array), np.shape(array)
        self.dtype = dtype or f"torch.{self.array.dtype}"

    def detach(self):
        return self

    def cpu(self):
        return self

    def float(self):
        return Tensor(self.array.astype(np.float32))

    def __array__(self, dtype=None, copy=None):
        return self.array


def test_tensors_are_taken():
    params = {path: Tensor(array) for path, array in POINT.items()}
    slopes = {path: Tensor(array) for path, array in SLOPES.items()}
    assert check_gradients(lambda t: Tensor(cubes(t)), params, slopes).right
    rough = {path: Tensor(array * 1.005, "torch.bfloat16") for path, array in SLOPES.items()}
    assert check_gradients(cubes, params, rough).right
    rough = {path: Tensor(array * 1.5, "torch.bfloat16") for path, array in SLOPES.items()}
    assert not check_gradients(cubes, params, rough).right


def test_nothing_of_the_reader_is_changed():
    point = {path: array.copy() for path, array in POINT.items()}
    slopes = {path: array.copy() for path, array in SLOPES.items()}

    def loss(tree):
        value = cubes(tree)
        for array in tree.values():
            array[...] = 0  # this loss clears what it was given
        return value

    report = check_gradients(
        loss, point, lambda tree: [a.fill(7) for a in tree.values()] and slopes
    )
    assert report.right
    for path, array in POINT.items():
        np.testing.assert_array_equal(point[path], array)
        np.testing.assert_array_equal(slopes[path], SLOPES[path])


def test_the_same_arguments_give_the_same_report():
    first, second = (layer().check(most_evaluations=50) for _ in range(2))
    assert str(first) == str(second)


# The report


def test_the_report_reads_as_text_and_as_html():
    report = check_gradients(cubes, POINT, changed("W", (1, 0)), steps=3)
    text = str(report)
    assert text.splitlines()[0] == "Wrong at T = 3: W."
    assert "2 of 2" in text
    html = report._repr_html_()
    assert html.startswith('<div class="report"><p><strong>Wrong at T = 3: W.</strong>')
    assert "<table>" in html


def test_the_assertion_carries_the_whole_report():
    with pytest.raises(AssertionError) as caught:
        assert_gradients(cubes, POINT, changed("W", (1, 0)), steps=3)
    assert str(caught.value) == str(check_gradients(cubes, POINT, changed("W", (1, 0)), steps=3))
    assert_gradients(cubes, POINT, SLOPES)


def test_the_checks_are_loaded_when_they_are_asked_for():
    code = (
        "import sys, lstm_src; print('lstm_src.checks' in sys.modules);"
        "lstm_src.check_gradients; print('lstm_src.checks' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["False", "True"]
    assert set(lstm_src._CHECKS) <= set(lstm_src.__all__) <= set(dir(lstm_src))
    assert all(hasattr(lstm_src, name) for name in lstm_src.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'check_gradient'"):
        _ = lstm_src.check_gradient


def cast_inside(p):
    """Return a loss that computes in float32, as a Python float, as item() of frameworks does."""
    a, b = (p[name].real.astype(np.float32) for name in ("a", "b"))
    hidden = np.tanh(np.linspace(-1, 1, 60, dtype=np.float32).reshape(20, 3) @ a)
    return float(np.log(np.exp(hidden @ b).sum(dtype=np.float32)))


def test_a_loss_in_float32_that_returns_a_float_is_seen_through():
    rng = np.random.default_rng(0)
    p = {"a": rng.standard_normal((3, 4)), "b": rng.standard_normal((4, 2))}
    p = {name: array.astype(np.float32) for name, array in p.items()}

    def exact(at):
        hidden = np.tanh(np.linspace(-1, 1, 60).reshape(20, 3) @ at["a"])
        return np.log(np.exp(hidden @ at["b"]).sum())

    right = complex_step_gradient(exact, {k: v.astype(np.float64) for k, v in p.items()})
    assert check_gradients(cast_inside, p, right, steps=5).right
    zeros = {name: 0 * array for name, array in right.items()}
    assert not check_gradients(cast_inside, p, zeros, steps=5).right


def test_a_zero_that_noise_could_hide_is_not_right():
    def loss(p):
        return 1e10 + float(np.tanh(np.real(p)).sum())

    assert not check_gradients(loss, np.array([0.1, 0.2]), np.zeros(2), steps=5).right


def test_an_array_that_the_loss_does_not_read_is_named():
    p = {"a": np.ones(2), "b": np.ones(3)}
    found = {"a": np.ones(2), "b": np.zeros(3)}
    report = check_gradients(lambda p: p["a"].sum(), p, found, steps=5)
    assert report.right
    assert report.verdicts == {"a": "right", "b": "zero"}


def test_a_wide_bound_is_named_in_the_verdict():
    p = np.linspace(0.5, 1, 4, dtype=np.float32)

    def loss(p):
        if p.dtype != np.float32:
            raise TypeError("float32 alone")
        return (p**2).sum()

    report = check_gradients(loss, p, 2 * p, steps=5)
    assert str(report).startswith("Right at T = 5, to within 0.2%.")


@pytest.mark.parametrize("real", [False, True])
@pytest.mark.parametrize("exponent", [-200, -400, -660, -690])
@pytest.mark.parametrize("seed", range(8))
def test_a_likelihood_next_to_zero_is_checked(exponent, seed, real):
    at, c = RNG(seed).standard_normal((2, 5))

    def loss(p):
        return np.exp((c * (p.real if real else p)).sum() + exponent)

    assert check_gradients(loss, at, c * loss(at)).right
    assert check_gradients(loss, at, 1.1 * c * loss(at)).verdicts == {"array": "wrong"}


@pytest.mark.parametrize("real", [False, True])
@pytest.mark.parametrize("factor", [1, 1.1])
def test_a_loss_that_underflows_is_not_known(real, factor):
    for seed in range(4):
        at, c = RNG(seed).standard_normal((2, 5))

        def loss(p, c=c):
            return np.exp((c * (p.real if real else p)).sum() - 736)

        report = check_gradients(loss, at, factor * c * loss(at))
        assert str(report).startswith("Not known: the loss is too small for its type")
        assert "Take its logarithm" in told(report)
