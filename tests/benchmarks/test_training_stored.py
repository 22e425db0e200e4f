"""The stored runs: all are there, they begin as the package's do, and the right ones learned."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from benchmarks import training
from lstm_src.placements.training import RIGHT, WRONG
from lstm_src.training.runs import train

STORED = json.loads(training.STORED.read_text(encoding="utf-8"))


def test_every_run_is_stored_with_the_settings_of_today():
    assert set(STORED["losses"]) == {training.key(*point) for point in training.plan()}
    assert STORED["settings"] == {name: asdict(s) for name, s in training.RUNS.items()}
    assert training.kept() == STORED["losses"]


def begins_as_stored(run, code, record):
    settings = replace(training.RUNS[run], steps=3)
    losses = train(settings, gradients=training.CODES[code]).losses
    return np.allclose(losses, record["first"][:3], rtol=1e-9)


@pytest.mark.parametrize("run", training.RUNS)
def test_a_run_begins_as_it_is_stored_and_another_one_does_not(run):
    for code in ("at_the_end", "bias_unscaled"):
        record = STORED["losses"][training.key(run, code, 0)]
        assert begins_as_stored(run, code, record)
    assert not begins_as_stored(run, "at_the_end", record)


@pytest.mark.parametrize("run", training.RUNS)
def test_right_places_are_one_curve_and_wrong_ones_others(run):
    def apart(code):  # in the first steps: later, rounding may have grown
        return STORED["losses"][training.key(run, code, 0)]["gap"][0]

    assert max(map(apart, RIGHT)) < 1e-9
    others = sum(apart(code) > 1e-6 for code in WRONG)
    assert others == len(WRONG) - (not run.startswith("reber"))  # parts of one size


def test_a_quick_run_stores_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(training, "STORED", tmp_path / "training.json")
    monkeypatch.setattr(training, "RUNS", {"reber": replace(training.RUNS["reber"], hidden=4)})
    training.main(["--quick"])
    assert "Everything ran" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_what_was_stored_with_other_settings_is_run_again(monkeypatch, tmp_path):
    path = tmp_path / "training.json"
    monkeypatch.setattr(training, "STORED", path)
    assert training.kept() == {}
    settings = replace(training.RUNS["reber"], hidden=4, batch=4, steps=80)
    monkeypatch.setattr(training, "RUNS", {"reber": settings})
    points = [("reber", "on_the_loss", 0), ("reber", "tanh_of_tanh", 0)]
    monkeypatch.setattr(training, "plan", lambda: points)
    training.main([])
    assert set(training.kept()) == {training.key(*point) for point in points}
    assert "/tmp" not in path.read_text(encoding="utf-8")
    monkeypatch.setattr(training, "RUNS", {"reber": replace(settings, lr=0.5)})
    assert training.kept() == {}


def test_a_refused_step_ends_a_run(monkeypatch):
    def overflow(params, task, loss):
        raise ValueError("gradients: expected finite numbers, got inf")

    def broken(params, task, loss):
        raise ValueError("something else")

    settings = replace(training.RUNS["reber"], hidden=4, steps=40)
    monkeypatch.setattr(training, "CODES", {"overflow": overflow, "broken": broken})
    losses, params = training.losses_of(settings, "overflow")
    assert np.isinf(losses).all()
    assert params is None
    with pytest.raises(ValueError, match="something else"):
        training.losses_of(settings, "broken")
