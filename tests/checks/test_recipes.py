"""The recipes of the page "Point it at your code" that need NumPy alone, right and with faults."""

import numpy as np
import pytest

from lstm_src import audit_scaling, check_gradients
from tests.recipes import changed, run, verdicts

UPDATES = 'weights["W"] -= lr * (x.T @ d)'
ENTERS = "scale * (h[t + 1] - target[t]) + dh_next"


# Only updates


def test_updates_are_audited_at_both_learning_rates():
    made = run("only_update")
    assert verdicts(made["report"]) == verdicts(made["fixed"]) == {"once"}
    power = audit_scaling(lambda scale: made["gradients"](scale, 2.0**-10))
    assert verdicts(power) == {"once"}
    too_small = audit_scaling(lambda scale: made["gradients"](scale, made["LR"]))
    assert verdicts(too_small) == {"not known"}
    assert "step(s * 2.0**60)" in " ".join(str(too_small).split())


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ('weights["W"] -= lr * (x.T @ d + 0.01 * weights["W"])', "partly"),
        ('weights["W"] -= lr * scale * (x.T @ d)', "more than once"),
        ('weights["W"] -= lr * np.clip(x.T @ d, -1, 1)', "not a polynomial"),
    ],
)
def test_a_mistake_in_an_update_is_seen_at_both_learning_rates(line, verdict):
    made = run("only_update", (UPDATES, line))
    for report in (made["report"], made["fixed"]):
        assert report.verdicts == {"W": verdict, "b": "once"}


def test_an_update_of_the_kept_parameters_is_no_gradient():
    made = run("only_update", ("after = copy.deepcopy(weights)", "after = weights"))
    assert verdicts(made["report"]) == {"no information"}


def test_the_gradient_of_an_update_at_a_small_learning_rate_is_checked():
    for line, right in ((UPDATES, True), (UPDATES.replace("d)", "d / 2)"), False)):
        made = run("only_update", (UPDATES, line))
        x, target = made["x"], made["target"]

        def loss(w, x=x, target=target):
            return ((x @ w["W"] + w["b"] - target) ** 2).mean()

        assert check_gradients(loss, made["weights"], made["found"]).right == right
        rounded = made["gradients"](1 / target.size, made["LR"])
        assert not np.allclose(rounded["b"], made["found"]["b"], rtol=1e-9)


# A sum


def test_a_loss_that_is_a_sum_has_its_factor_where_the_loss_enters():
    assert verdicts(run("sum_loss")["report"]) == {"once"}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ((ENTERS, "scale * (h[t + 1] - target[t] + dh_next)"), "more than once"),
        (("np.zeros_like(W), np.zeros(3)", "np.zeros_like(W), h[-1]"), "partly"),
        ((ENTERS, ENTERS.replace("scale * ", "")), "never"),
    ],
)
def test_a_factor_elsewhere_is_seen(change, verdict):
    assert verdict in verdicts(run("sum_loss", change)["report"])


def test_a_change_that_has_no_place_is_refused(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("one two two", encoding="utf-8")
    assert changed(path, ("one", "1")) == "1 two two"
    for old in ("two", "three"):
        with pytest.raises(ValueError, match=f"changes: expected '{old}' once in a.py, got"):
            changed(path, (old, ""))
