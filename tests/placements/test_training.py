"""Right and wrong gradients of a whole model: the right ones are the token mean's, no other is."""

import numpy as np
import pytest
from runs import TINY, tiny

from lstm_src.checks import angle, tree_leaves
from lstm_src.placements.mistakes import MISTAKES
from lstm_src.placements.right import PLACEMENTS
from lstm_src.placements.training import RIGHT, WRONG, with_pass
from lstm_src.training.runs import begin_run, gradients_of, train
from lstm_src.training.runs.problems import PROBLEMS


def both(code, task):
    """Return what a code gives for a batch, and what is right."""
    settings = tiny(task, dtype="float64", batch=5)
    problem, params = PROBLEMS[task], begin_run(settings).params
    batch = problem.draw(settings.size, 5, np.random.default_rng(3), "float64")
    return code(params, batch, problem.loss), gradients_of(settings)(params, batch, problem.loss)


def apart(one, other):
    gap = max(abs(a - b).max() for a, b in zip(tree_leaves(one), tree_leaves(other), strict=True))
    return gap / max(abs(a).max() for a in tree_leaves(other))


@pytest.mark.parametrize("task", TINY)
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_place_gives_the_token_mean(name, task):
    found, wanted = both(RIGHT[name], task)
    assert found[0] == pytest.approx(wanted[0], rel=1e-12)
    assert apart(found[1], wanted[1]) < 1e-12


@pytest.mark.parametrize("task", TINY)
@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_says_the_right_loss_and_gives_another_gradient(name, task):
    found, wanted = both(WRONG[name], task)
    assert found[0] == pytest.approx(wanted[0], rel=1e-12)
    assert apart(found[1], wanted[1]) > 1e-3


@pytest.mark.parametrize(
    ("name", "turned"),
    [("never", False), ("twice", False), ("mean_of_means", True), ("bias_unscaled", True)],
)
def test_a_factor_turns_nothing(name, turned):
    found, wanted = both(WRONG[name], "reber")
    assert (angle(found[1], wanted[1]) > 0.1) == turned


def test_all_places_of_the_catalogue_are_among_the_right_ones():
    assert {*PLACEMENTS} < {*RIGHT}
    assert {*WRONG} <= {*MISTAKES}


def test_on_a_count_that_is_a_power_of_two_some_places_agree_in_every_bit():
    settings = tiny("copy", batch=8, size=12, dtype="float64")  # 8 times 32 terms
    losses = {name: train(settings, gradients=code).losses for name, code in RIGHT.items()}
    first = losses["on_the_loss"]
    for name in ("on_entry", "on_the_tape", "at_the_end"):
        assert losses[name].tobytes() == first.tobytes()
    for name, found in losses.items():
        np.testing.assert_allclose(found, first, rtol=1e-9, err_msg=name)
    other = train(settings, gradients=WRONG["bias_unscaled"]).losses
    assert abs(other - first).max() > 1e-6


def test_code_that_rewrites_no_pass_is_refused():
    with pytest.raises(TypeError, match="expected a mistake in forward or backward, got mean_of"):
        with_pass(MISTAKES["mean_of_means"])
