"""The slope along a line and the noise on it: both say how far they may be off, and keep to it."""

import math

import numpy as np
import pytest

from lstm_src.checks.gradients.lines import at_step, look
from lstm_src.checks.gradients.noise import measure
from lstm_src.checks.precision import PRECISIONS

EPS = PRECISIONS["float64"]


def noisy(function, size):
    """Add noise of a given standard deviation: a number of its own at every place."""

    def line(t):
        bits = int(np.float64(t).view(np.uint64))
        return function(t) + size * np.random.default_rng(bits).standard_normal()

    return line


def single(function):
    """Move in float64 what is rounded to float32 at the entrance."""
    return lambda t: function(float(np.float32(1.1 + t)))


# Noise


def measured(line, kind="float64"):
    return measure([(line, lambda t: line(-t))], line(0.0), kind)


@pytest.mark.parametrize("size", [1e-13, 1e-10, 1e-7])
def test_noise_is_measured_to_within_a_small_factor(size):
    for slope in (0.5, 3.0):
        noise, _ = measured(noisy(lambda t, slope=slope: 1 + slope * t, size))
        assert size < noise < 16 * size


def test_the_least_noise_is_two_last_places():
    assert measured(lambda t: 8.0) == (16 * EPS, "float64")
    noise, kind = measured(lambda t: 2.0**20 * (1 + t))
    assert (noise, kind) == (2.0**21 * EPS, "float64")


@pytest.mark.parametrize(
    "line",
    [
        lambda t: 3 + abs(t),
        lambda t: 3 + abs(t - 1e-7),
        lambda t: 3 + max(t, -2e-8),
        lambda t: math.exp(5 * t),
        lambda t: 1e-7 / (1e-7 + t) if t > -1e-7 else math.nan,
        lambda t: math.asin(1 - 1e-7 + t) if t < 1e-7 else math.nan,
    ],
    ids=["kink", "kink beside", "bend beside", "exp", "pole", "edge"],
)
def test_what_is_no_noise_is_not_taken_for_it(line):
    noise, kind = measured(line)
    assert kind == "float64"
    assert noise < 1e-14 * max(1, abs(line(0.0)))


def test_a_cast_shows_in_steps_that_are_not_noticed():
    noise, kind = measured(single(lambda x: x * x))
    assert kind == "float32"
    assert 1e-7 < noise < 1e-5
    assert measured(single(lambda x: 1 + 1e-9 * x))[1] == "float64"  # too flat to tell
    assert measured(single(lambda x: 1e5 + x * x))[1] == "float32"


def test_a_small_part_that_is_not_cast_hides_no_cast():
    def line(t):
        return (round((1 + t) * 128) / 128) ** 2 + 3e-3 * t

    assert measured(line)[1] == "bfloat16"
    assert measured(lambda t: (1 + t) ** 2 + 3e-3 * t)[1] == "float64"


# Slopes


LINES = {
    "exp": (math.exp, 1.0),
    "sin of many": (lambda t: math.sin(50 * t), 50.0),
    "steep": (lambda t: 1e6 * t + 1e9 * t * t, 1e6),
    "flat": (lambda t: 1 + 0.0 * t, 0.0),
    "cubic": (lambda t: t + 5 * t**3, 1.0),
    "at an edge": (lambda t: math.sqrt(1e-6 + t) if t > -1e-6 else math.nan, 500.0),
    "at a pole": (lambda t: 1 / (1e-6 + t) if t != -1e-6 else math.nan, -1e12),
    "kink beside": (lambda t: abs(t - 3e-6) + t * t, -1.0),
}


@pytest.mark.parametrize("name", LINES)
def test_a_slope_is_off_by_no_more_than_it_says_and_says_little(name):
    line, right = LINES[name]
    smallest = 1e-6 if name.startswith("at") else None
    noise = 4 * EPS * max(1, abs(line(0.0)))
    slope = look(
        line,
        line(0.0),
        noise,
        1.0,
        position=EPS,
        smallest=smallest,
        found=right,
        allowed=1e-9 * abs(right),
    )
    assert abs(slope.value - right) <= slope.uncertain + 1e-9 * abs(right)
    assert slope.uncertain <= 1e-4 * max(1, abs(right))


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("factor", [1.001, -1.0, 0.0])
def test_no_step_bears_out_what_is_wrong(name, factor):
    line, right = LINES[name]
    smallest = 1e-6 if name.startswith("at") else None
    noise = 4 * EPS * max(1, abs(line(0.0)))
    found = factor * right if right else 1e-3
    slope = look(
        line,
        line(0.0),
        noise,
        1.0,
        position=EPS,
        smallest=smallest,
        found=found,
        allowed=1e-6 * abs(right),
    )
    assert abs(slope.value - found) > slope.uncertain + 1e-6 * abs(right)


@pytest.mark.parametrize("size", [1e-12, 1e-8, 1e-5, 1e-3])
def test_noise_is_said_in_the_slope(size):
    for seed in range(40):
        shift = seed / 40
        line = noisy(lambda t, s=shift: math.exp(t) + s * t, size)
        slope = look(line, line(0.0), 4 * size, 1.0)
        assert abs(slope.value - 1 - shift) <= slope.uncertain
        assert slope.uncertain < 40 * size**0.6 + 20 * size


def test_two_lengths_alone_say_how_far_off_they_are():
    for step in (1e-1, 1e-2, 1e-3):
        slope = at_step(math.exp, 4 * EPS, EPS, step)
        assert abs(slope.value - 1) <= slope.uncertain <= step**2


def test_where_the_loss_is_nowhere_finite_there_is_no_slope():
    assert look(lambda t: math.nan, 1.0, EPS, 1.0) is None


@pytest.mark.parametrize(
    ("found", "value"), [(-1.0, -1.0), (0.3, 0.3), (2.0, 2.0), (2.5, 2.0), (-1.5, -1.0)]
)
def test_at_a_kink_the_nearest_slope_between_is_taken(found, value):
    def line(t):
        return max(2 * t, -t) + 3 * t * t

    slope = look(line, 0.0, 4 * EPS, 1.0, found=found, allowed=1e-6)
    assert slope.value == pytest.approx(value, abs=1e-5)
    assert slope.kink == "at"


def test_a_small_kink_is_told_from_noise():
    line = noisy(lambda t: t + 1e-6 * abs(t), 2e-12)
    slope = look(line, line(0.0), 1e-11, 1.0, found=1 + 5e-7, allowed=1e-9)
    assert slope.kink == "at"


def test_a_bend_is_no_kink_however_near_the_point_is_to_its_bottom():
    for near in (1e-3, 1e-6, 1e-9):
        slope = look(
            lambda t, n=near: (n + t) ** 2, near**2, 4 * EPS * near**2, 1.0, found=-2 * near
        )
        assert slope.kink == ""
        assert slope.value == pytest.approx(2 * near, rel=1e-3)
