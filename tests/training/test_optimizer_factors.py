"""What a factor on the gradients does to each optimizer's steps; what it does not shows, too.

Factors are powers of two where equality is to the bit.
"""

from dataclasses import replace

import numpy as np
import pytest
from optimizers import MODEL, flat, gradients_at, planted

from lstm_src.checks.trees import tree_map
from lstm_src.training import SGD, Adagrad, Adam, AdamW, RMSprop

STEPS = 12
SMALL = 1 / 64
DESCENTS = [SGD(0.5), SGD(0.5, momentum=0.5), SGD(0.5, momentum=0.5, nesterov=True)]
ADAPTIVE = [
    Adam(0.01, eps=0),
    AdamW(0.01, eps=0, weight_decay=0),
    AdamW(0.01, eps=0, weight_decay=0.5),
    RMSprop(0.01, eps=0),
    RMSprop(0.01, eps=0, momentum=0.5),
    Adagrad(0.01, eps=0),
]
COUPLED = [kind(0.01, eps=0, weight_decay=0.5) for kind in (Adam, RMSprop, Adagrad)]


def after(optimizer, factor=1.0, rate=1.0):
    """Return the parameters of a small LSTM after steps with all gradients times a factor.

    ``factor``, and ``rate``, which multiplies the learning rate, may be functions of the step.
    """
    params, state = MODEL, optimizer.begin(MODEL)
    for step in range(STEPS):
        by, rated = (f(step) if callable(f) else f for f in (factor, rate))
        gradients = tree_map(lambda g, by=by: by * g, gradients_at(params))
        now = replace(optimizer, lr=optimizer.lr * rated)
        params, state = now.step(params, gradients, state)
    return flat(params)


def apart(one, other):
    """Return how far two results are apart, over how far the first moved."""
    return abs(one - other).max() / abs(one - flat(MODEL)).max()


def same_bits(one, other):
    return np.array_equal(one, other)


# A factor is a learning rate


@pytest.mark.parametrize("optimizer", DESCENTS, ids=str)
def test_a_factor_is_a_learning_rate_for_descent(optimizer):
    with_factor = after(optimizer, SMALL)
    assert same_bits(with_factor, after(optimizer, rate=SMALL))
    assert apart(after(optimizer), with_factor) > 0.5
    assert apart(after(optimizer, rate=1 / 3), after(optimizer, 1 / 3)) < 1e-12


@pytest.mark.parametrize("optimizer", DESCENTS, ids=str)
def test_and_the_decay_is_divided_by_it(optimizer):
    decayed = replace(optimizer, weight_decay=0.25)
    with_factor, stronger = after(decayed, SMALL), replace(decayed, weight_decay=0.25 / SMALL)
    assert apart(with_factor, after(decayed, rate=SMALL)) > 0.1
    assert same_bits(with_factor, after(stronger, rate=SMALL))


@pytest.mark.parametrize("optimizer", ADAPTIVE, ids=str)
def test_it_is_none_for_the_others(optimizer):
    assert apart(after(optimizer, rate=SMALL), after(optimizer, SMALL)) > 1


# A constant factor, and eps


@pytest.mark.parametrize("factor", [SMALL, 2.0**20])
@pytest.mark.parametrize("optimizer", ADAPTIVE, ids=str)
def test_a_constant_factor_changes_no_step_without_eps(optimizer, factor):
    assert same_bits(after(optimizer), after(optimizer, factor))


@pytest.mark.parametrize("optimizer", ADAPTIVE, ids=str)
def test_a_factor_that_is_no_power_of_two_leaves_rounding_alone(optimizer):
    assert 0 < apart(after(optimizer), after(optimizer, 1 / 40)) < 1e-10


@pytest.mark.parametrize("optimizer", ADAPTIVE, ids=str)
def test_with_eps_a_factor_is_eps_divided_by_it(optimizer):
    large = replace(optimizer, eps=1e-3)
    assert same_bits(after(large, SMALL), after(replace(optimizer, eps=1e-3 / SMALL)))
    usual = replace(optimizer, eps=1e-8)
    little, much = (apart(after(with_eps), after(with_eps, SMALL)) for with_eps in (usual, large))
    assert 0 < little < 0.1 < much


@pytest.mark.parametrize(
    ("optimizer", "root"),
    [
        (Adam(0.01), "np.sqrt(unbiased_squares"),
        (RMSprop(0.01), "np.sqrt(squares"),
        (Adagrad(0.01), "np.sqrt(squares"),
    ],
    ids=str,
)
def test_inside_the_root_eps_is_divided_by_the_square(optimizer, root):
    inside = planted(replace(optimizer, eps=1e-3), f"{root}) + self.eps", f"{root} + self.eps)")
    with_factor = after(inside, SMALL)
    assert not same_bits(with_factor, after(replace(inside, eps=1e-3 / SMALL)))
    assert same_bits(with_factor, after(replace(inside, eps=1e-3 / SMALL**2)))


# A factor that changes


def changing(step):
    return 1.0 if step % 2 else 4.0


@pytest.mark.parametrize("optimizer", ADAPTIVE, ids=str)
def test_a_factor_that_changes_from_step_to_step_changes_the_steps(optimizer):
    assert apart(after(optimizer), after(optimizer, changing)) > 0.01


@pytest.mark.parametrize("optimizer", DESCENTS, ids=str)
def test_it_is_a_learning_rate_that_changes_only_without_momentum(optimizer):
    is_rate = same_bits(after(optimizer, changing), after(optimizer, rate=changing))
    assert is_rate == (optimizer.momentum == 0)


def test_it_does_so_by_what_is_remembered():
    forgetful = Adam(0.01, betas=(0, 0), eps=0)
    assert same_bits(after(forgetful), after(forgetful, changing))


# Weight decay


@pytest.mark.parametrize("optimizer", COUPLED, ids=str)
def test_coupled_decay_changes_with_a_factor(optimizer):
    with_factor = after(optimizer, SMALL)
    assert apart(after(optimizer), with_factor) > 0.1
    assert same_bits(with_factor, after(replace(optimizer, weight_decay=0.5 / SMALL)))
    both = replace(optimizer, eps=1e-3)
    other = replace(both, weight_decay=0.5 / SMALL, eps=1e-3 / SMALL)
    assert same_bits(after(both, SMALL), after(other))


def test_decoupled_decay_does_not():
    decoupled = AdamW(0.01, eps=0, weight_decay=0.5)
    assert same_bits(after(decoupled), after(decoupled, SMALL))
    assert apart(after(decoupled), after(replace(decoupled, weight_decay=0))) > 0.1
    coupled = planted(
        decoupled, "shrunk, gradient,", "param, gradient + self.weight_decay * param,"
    )
    assert not same_bits(after(coupled), after(coupled, SMALL))
